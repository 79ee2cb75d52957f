import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Statement from "@effect/sql/Statement"
import * as MysqlClient from "@effect/sql-mysql2/MysqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { AppConfig, type DatabaseAddress } from "../Config.js"
import { Pool } from "./Pool.js"

const isStatement = (made: unknown): made is Statement.Statement<unknown> =>
  Statement.isFragment(made) && Effect.isEffect(made)

/**
 * The same client, whose statements do without what @effect/sql puts around each for a span: where nobody asked for spans
 * (src/Telemetry.ts), that is as much work as the driver's own.
 */
const withoutSpans = (client: SqlClient.SqlClient, { shared }: typeof Pool.Service): SqlClient.SqlClient => {
  // One method for all statements: the parts of one are statements too, and most are never run.
  const commit = {
    commit(this: Statement.Statement<unknown>) {
      const [text, values] = this.compile()
      return Effect.withFiberRuntime<ReadonlyArray<unknown>, SqlError>((fiber) => {
        const transaction = Context.getOption(fiber.currentContext, SqlClient.TransactionConnection)
        const connection = Option.isSome(transaction) ? transaction.value[0] : shared
        return connection.execute(text, values, undefined)
      })
    }
  }
  return new Proxy(client, {
    apply: (target, self, parts) => {
      const made: unknown = Reflect.apply(target, self, parts)
      return isStatement(made) ? Object.assign(made, commit) : made
    }
  })
}

/** `SqlClient` over the pool, with the compiler of @effect/sql-mysql2. It is there before the database is. */
export const make = (address: DatabaseAddress) =>
  Effect.gen(function* () {
    const pool = yield* Pool
    const client = yield* SqlClient.make({
      acquirer: Effect.succeed(pool.shared),
      transactionAcquirer: pool.reserved,
      compiler: MysqlClient.makeCompiler(),
      spanAttributes: [
        ["db.system.name", "mysql"],
        ["server.address", address.host],
        ["server.port", address.port],
        ["db.namespace", address.database]
      ]
    })
    return (yield* FiberRef.get(FiberRef.currentTracerEnabled)) ? client : withoutSpans(client, pool)
  }).pipe(Effect.provide(Reactivity.layer))

export const layer = Layer.effect(
  SqlClient.SqlClient,
  Effect.flatMap(AppConfig, ({ database }) => make(database))
)
