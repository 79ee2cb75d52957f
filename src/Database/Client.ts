import * as Reactivity from "@effect/experimental/Reactivity"
import { SqlClient } from "@effect/sql"
import { MysqlClient } from "@effect/sql-mysql2"
import { Effect, Layer } from "effect"
import { AppConfig } from "../Config.js"
import { Pool } from "./Pool.js"

/** `SqlClient` over the pool, with the compiler of @effect/sql-mysql2. It is there before the database is. */
export const layer = Layer.effect(
  SqlClient.SqlClient,
  Effect.gen(function* () {
    const pool = yield* Pool
    const { database } = yield* AppConfig
    return yield* SqlClient.make({
      acquirer: Effect.succeed(pool.shared),
      transactionAcquirer: pool.reserved,
      compiler: MysqlClient.makeCompiler(),
      spanAttributes: [
        ["db.system.name", "mysql"],
        ["server.address", database.host],
        ["server.port", database.port],
        ["db.namespace", database.database]
      ]
    })
  })
).pipe(Layer.provide(Reactivity.layer))
