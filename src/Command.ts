import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Array from "effect/Array"
import type * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { loadEnvFile } from "./Config/EnvFile.js"
import { databaseAddress, explain } from "./Config.js"
import * as Client from "./Database/Client.js"
import * as Migrator from "./Database/Migrator.js"
import * as Refusals from "./Database/Refusals.js"

/** What the operators' commands share: the database of `DATABASE_URL`, lines to read, and an exit code. */

export const print = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))

/** Why something is not as it should be, each with what an administrator pastes to mend it. */
export const printReasons = (
  what: string,
  reasons: ReadonlyArray<{ readonly reason: string; readonly remedy?: string | undefined }>
) =>
  Effect.forEach(
    reasons,
    ({ reason, remedy }) =>
      Effect.zipRight(
        print(`${what}: ${reason}`),
        remedy === undefined ? Effect.void : print(remedy.replace(/^/gm, "  "))
      ),
    { discard: true }
  )

/** Ends the command with exit code 1. */
export const fail = (lines: ReadonlyArray<string>) =>
  Effect.sync(() => {
    for (const line of lines) process.stderr.write(`${line}\n`)
    process.exitCode = 1
  })

const DatabaseLive = Layer.unwrapEffect(
  Effect.map(databaseAddress, (address) =>
    // For the length of a connection attempt; what runs on a connection of its own has no limit.
    Layer.provide(Client.own({ address, size: 2, queryTimeout: Duration.seconds(10) }), Refusals.layer)
  )
)

/** What the service says in its log is a line as all others here. */
const PlainLines = Logger.replace(
  Logger.defaultLogger,
  Logger.make(({ message }) => void process.stdout.write(`${Array.ensure(message).map(String).join(" ")}\n`))
)

export const runCommand = (
  command: Effect.Effect<void, Migrator.Failure | ConfigError.ConfigError, SqlClient.SqlClient>
) =>
  NodeRuntime.runMain(
    Effect.zipRight(loadEnvFile, Effect.provide(command, DatabaseLive)).pipe(
      Effect.provide(PlainLines),
      Effect.catchTags({
        ConfigError: (error) => fail(explain(error)),
        ForeignTable: (error) => fail([Migrator.explain(error)]),
        MigrationError: (error) => fail([Migrator.explain(error)]),
        SqlError: (error) => fail([Migrator.explain(error)])
      })
    ),
    { disablePrettyLogger: true }
  )
