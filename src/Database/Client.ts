import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import * as MysqlClient from "@effect/sql-mysql2/MysqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { AppConfig, type DatabaseAddress } from "../Config.js"
import * as Pool from "./Pool.js"

/** `SqlClient` over the pool, with the compiler of @effect/sql-mysql2. It is there before the database is. */
export const make = (address: DatabaseAddress) =>
  Effect.flatMap(Pool.Pool, (pool) =>
    SqlClient.make({
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
  ).pipe(Effect.provide(Reactivity.layer))

export const layer = Layer.effect(
  SqlClient.SqlClient,
  Effect.flatMap(AppConfig, ({ database }) => make(database))
)

/** With connections of its own, beside those that requests share. */
export const own = (options: Pool.PoolOptions) =>
  Layer.effect(SqlClient.SqlClient, make(options.address)).pipe(
    Layer.provide(Layer.scoped(Pool.Pool, Pool.make(options)))
  )
