import { NodeRuntime } from "@effect/platform-node"
import { SqlClient } from "@effect/sql"
import { Duration, Effect, Layer } from "effect"
import { migrations } from "../migrations/index.js"
import { databaseAddress, explain } from "./Config.js"
import * as Client from "./Database/Client.js"
import { explainGap } from "./Database/Gaps.js"
import * as Migrator from "./Database/Migrator.js"
import * as Pool from "./Database/Pool.js"

/**
 * `npm run migrate`: brings the database of `DATABASE_URL` to this version and ends. For those who give the service an
 * account that may only read, and run this with one that may change tables (`MIGRATE_ON_START=false`).
 */

const print = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))

const DatabaseLive = Layer.unwrapEffect(
  Effect.map(databaseAddress, (address) =>
    Layer.effect(SqlClient.SqlClient, Client.make(address)).pipe(
      // For the length of a connection attempt; the migrations' own statements have no limit.
      Layer.provide(Layer.scoped(Pool.Pool, Pool.make({ address, size: 2, queryTimeout: Duration.seconds(10) })))
    )
  )
)

const migrate = Effect.gen(function* () {
  const { applied, gaps } = yield* Migrator.run(migrations)
  for (const name of applied) yield* print(`Applied ${name}`)
  if (applied.length === 0) yield* print("Nothing to apply: the database is at this version")
  for (const gap of gaps) yield* print(explainGap(gap))
})

const fail = (lines: ReadonlyArray<string>) =>
  Effect.sync(() => {
    for (const line of lines) process.stderr.write(`${line}\n`)
    process.exitCode = 1
  })

NodeRuntime.runMain(
  migrate.pipe(
    Effect.provide(DatabaseLive),
    Effect.catchTags({
      ConfigError: (error) => fail(explain(error)),
      MigrationError: (error) => fail([Migrator.explain(error)]),
      SqlError: (error) => fail([Migrator.explain(error)])
    })
  ),
  { disablePrettyLogger: true }
)
