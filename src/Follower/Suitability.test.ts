import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { DatabaseAddress } from "../Config.js"
import { connectionOptions } from "../Database/Session.js"
import { limitedAccount, makeClient, rowsOf, until } from "../testing/Database.js"
import { fresh, LoggedServer, loggedServer, serverKind } from "../testing/Logged.js"
import { obstacles, ofSettings } from "./Suitability.js"

const isMariaDB = serverKind === "mariadb"

const fit = new Map([
  ["version", "9.7.4"],
  ["log_bin", "ON"],
  ["binlog_format", "ROW"],
  ["binlog_row_image", "FULL"],
  ["binlog_order_commits", "ON"]
])

describe("a server's settings", () => {
  const kinds = (...changes: ReadonlyArray<readonly [string, string]>) =>
    ofSettings(new Map([...fit, ...changes])).map(({ kind }) => kind)

  it("all that is wrong is said at once", () => {
    assert.deepStrictEqual(kinds(), [])
    assert.deepStrictEqual(
      kinds(["binlog_row_image", "NOBLOB"], ["binlog_storage_engine", ""], ["wsrep_on", "OFF"]),
      []
    )
    assert.deepStrictEqual(
      kinds(
        ["binlog_format", "MIXED"],
        ["binlog_row_image", "MINIMAL"],
        ["binlog_order_commits", "OFF"],
        ["binlog_storage_engine", "innodb"],
        ["wsrep_on", "ON"]
      ),
      ["format", "image", "order", "storage", "storage"]
    )
    assert.deepStrictEqual(kinds(["binlog_row_image", "FULL_NODUP"]), ["image"])
    assert.deepStrictEqual(kinds(["log_bin", "OFF"], ["binlog_format", "MIXED"]), ["log"])
  })

  it("a server without these variables has rows in its log, and in order", () =>
    assert.deepStrictEqual(
      ofSettings(
        new Map([
          ["version", "10.0.0"],
          ["log_bin", "ON"]
        ])
      ),
      []
    ))
})

const ask = (address: DatabaseAddress, log: DatabaseAddress = address) =>
  Effect.gen(function* () {
    const { sql } = yield* makeClient(address)
    const found = yield* Effect.provideService(
      obstacles(connectionOptions(log, Duration.seconds(5))),
      SqlClient.SqlClient,
      sql
    )
    return found.map(({ kind, table }) => (table === undefined ? kind : `${kind} ${table}`))
  })

const FILTER = ["--binlog-ignore-db=elsewhere"]

layer(loggedServer("suitability", FILTER), { excludeTestServices: true, timeout: Duration.seconds(90) })(
  "a real server",
  (it) => {
    it.scoped("is asked for all of it", () =>
      Effect.gen(function* () {
        const { address, run } = yield* fresh(yield* LoggedServer)
        assert.deepStrictEqual(yield* ask(address), ["filter"])
        yield* run(
          "CREATE TABLE people (id BIGINT PRIMARY KEY)",
          "ALTER TABLE subscriptions ADD FOREIGN KEY (user_id) REFERENCES people (id) ON DELETE CASCADE",
          "ALTER TABLE users ENGINE = MyISAM, MODIFY bot_id DECIMAL(10, 0)",
          "RENAME TABLE payments TO bills",
          "CREATE VIEW payments AS SELECT * FROM bills",
          "SET GLOBAL binlog_format = 'MIXED'; SET GLOBAL binlog_row_image = 'MINIMAL'"
        )
        assert.deepStrictEqual(yield* ask(address), [
          "format",
          "image",
          "view payments",
          "engine users",
          "column users",
          ...(isMariaDB ? ["cascade subscriptions"] : []),
          "filter"
        ])
        yield* run("SET GLOBAL binlog_format = 'ROW'; SET GLOBAL binlog_row_image = 'FULL'")
      })
    )

    it.scoped("is not left with a thread that sends to nobody", () =>
      Effect.gen(function* () {
        const { address, connection } = yield* fresh(yield* LoggedServer)
        for (let i = 0; i < 3; i++) assert.deepStrictEqual(yield* ask(address, address), ["filter"])
        const sending = async () =>
          (await rowsOf(connection, "SHOW PROCESSLIST")).filter(({ Command }) =>
            String(Command).startsWith("Binlog Dump")
          )
        yield* Effect.promise(() => until(async () => (await sending()).length === 0, 3_000))
      })
    )

    it.scoped("names the rights that its account lacks", () =>
      Effect.gen(function* () {
        const { address, connection } = yield* fresh(yield* LoggedServer)
        const { address: limited, grant } = yield* limitedAccount({ address, connection }, ["SELECT ON db.*"])
        assert.deepStrictEqual(yield* ask(limited), ["end", "right"])
        assert.deepStrictEqual(yield* ask(address, limited), ["filter", "right"])
        yield* grant(`${isMariaDB ? "BINLOG MONITOR" : "REPLICATION CLIENT"} ON *.*`)
        assert.deepStrictEqual(yield* ask(limited), ["filter", "right"])
        yield* grant("REPLICATION SLAVE ON *.*")
        assert.deepStrictEqual(yield* ask(limited), ["filter"])
      })
    )
  }
)
