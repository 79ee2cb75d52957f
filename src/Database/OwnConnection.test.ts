import * as SqlClient from "@effect/sql/SqlClient"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { makeClient } from "../testing/Database.js"
import { makeDatabase } from "../testing/Service.js"
import { inSnapshot, inTransaction, type OwnConnection, onOwnConnection } from "./OwnConnection.js"

const PoolLive = Layer.scopedContext(
  Effect.gen(function* () {
    const { address, connection } = yield* makeDatabase
    yield* Effect.promise(() => connection.query("CREATE TABLE t (i INT PRIMARY KEY)"))
    const { sql } = yield* makeClient(address, { size: 2 })
    return SqlClient.SqlClient.context(sql)
  })
)

const add = (i: number) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql`INSERT INTO t (i) VALUES (${i})`)
const all = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(sql<{ readonly i: number }>`SELECT i FROM t ORDER BY i`, (rows) => rows.map(({ i }) => i))
)
const id = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(sql<{ readonly id: number }>`SELECT CONNECTION_ID() AS id`, ([row]) => row?.id)
)

const giveOne = () => onOwnConnection(inTransaction(add(1)))

layer(PoolLive, { excludeTestServices: true })("a transaction", (it) => {
  it.effect("can't be run but on a connection of its own, by its type", () =>
    Effect.gen(function* () {
      const one = inTransaction(add(1))
      const asksForOne: OwnConnection extends Effect.Effect.Context<typeof one> ? true : false = true
      const isGiven: OwnConnection extends Effect.Effect.Context<ReturnType<typeof giveOne>> ? true : false = false
      assert.deepStrictEqual([asksForOne, isGiven], [true, false])
      assert.deepStrictEqual(yield* all, [])
    })
  )

  it.effect("runs all its statements on one connection, and is there as a whole", () =>
    Effect.gen(function* () {
      const [first, second] = yield* onOwnConnection(inTransaction(Effect.all([id, Effect.zipRight(add(10), id)])))
      assert.strictEqual(first, second)
      assert.notStrictEqual(yield* id, first)
      assert.include(yield* all, 10)
    })
  )

  it.effect("is taken back where it fails, and the connection goes on", () =>
    onOwnConnection(
      Effect.gen(function* () {
        const before = yield* id
        for (const failing of [Effect.fail("no"), Effect.die("never")]) {
          yield* Effect.exit(inTransaction(Effect.zipRight(add(20), failing)))
        }
        assert.notInclude(yield* all, 20)
        yield* inTransaction(add(21))
        assert.include(yield* all, 21)
        assert.strictEqual(yield* id, before)
      })
    )
  )

  it.effect("sees one state of the database; a snapshot may not write", () =>
    Effect.gen(function* () {
      const outside = onOwnConnection(add(30))
      const seen = yield* onOwnConnection(inSnapshot(Effect.zipRight(outside, all)))
      assert.notInclude(seen, 30)
      assert.include(yield* all, 30)
      const error = yield* Effect.flip(onOwnConnection(inSnapshot(add(31))))
      assert.match(String(error.cause), /READ ONLY transaction/)
    })
  )
})
