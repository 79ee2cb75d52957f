import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { makeClient, rowsOf } from "../testing/Database.js"
import { makeDatabase } from "../testing/Service.js"

describe("a session", () => {
  it.scopedLive("is in UTC, strict, and limits the time of its statements, on each connection", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const [version] = yield* Effect.promise(() => rowsOf(database.connection, "SELECT VERSION() AS v"))
      const limit = /maria/i.test(version?.v) ? "@@max_statement_time * 1000" : "@@max_execution_time"
      const { sql } = yield* makeClient(database.address, { size: 3, queryTimeout: Duration.millis(2_500) })
      const look = sql.unsafe<Record<string, unknown>>(
        `SELECT CONNECTION_ID() AS id, SLEEP(0.05), @@time_zone AS zone, @@sql_mode AS mode, ${limit} AS time_limit,
           @@character_set_connection AS charset`
      )
      const rows = (yield* Effect.all([look, look, look], { concurrency: "unbounded" })).flat()
      assert.strictEqual(new Set(rows.map(({ id }) => id)).size, 3)
      for (const row of rows) {
        assert.strictEqual(row.zone, "+00:00")
        assert.strictEqual(row.mode, "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION")
        assert.strictEqual(Number(row.time_limit), 2_500)
        assert.strictEqual(row.charset, "utf8mb4")
      }
    })
  )

  it.scopedLive("what a migration set for itself does not come back to the pool", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const { pool, sql } = yield* makeClient(database.address, { size: 1 })
      yield* Effect.scoped(
        Effect.flatMap(pool.reserved, (connection) =>
          connection.executeUnprepared("SET SESSION time_zone = '+03:00'", [], undefined)
        )
      )
      assert.deepStrictEqual(yield* sql`SELECT @@time_zone AS zone`, [{ zone: "+00:00" }])
      assert.deepStrictEqual(pool.figures(), { size: 1, inUse: 0, waiting: 0 })
    })
  )

  it.scopedLive("gives values as they are stored: text for times, decimals and JSON, numbers for ids of 52 bits", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const { sql } = yield* makeClient(database.address)
      yield* sql`CREATE TABLE v (d DATETIME, p DATETIME(6), m DECIMAL(38, 18), b BIGINT, u BIGINT UNSIGNED, j JSON, t TEXT)`
      const json = '{"n": 12345678901234567890, "s": "\\u0416"}'
      yield* sql.unsafe(
        `INSERT INTO v VALUES ('2026-03-29 01:30:00', '0001-01-01 00:00:00.000001', 12345678901234567890.123456789012345678,
          4503599627370495, 18446744073709551615, '{"n": 1, "s": "x"}', '${json.replaceAll("\\", "\\\\")}')`
      )
      for (const rows of [yield* sql`SELECT * FROM v`, yield* sql`SELECT * FROM v`.unprepared]) {
        assert.deepStrictEqual(rows, [
          {
            d: "2026-03-29 01:30:00",
            p: "0001-01-01 00:00:00.000001",
            m: "12345678901234567890.123456789012345678",
            b: 4503599627370495,
            u: "18446744073709551615",
            j: '{"n": 1, "s": "x"}',
            t: json
          }
        ])
      }
      assert.deepStrictEqual(yield* sql`SELECT COUNT(*) AS n, SUM(b) AS s FROM v`, [{ n: 1, s: "4503599627370495" }])
    })
  )
})
