import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as LogEvents from "../testing/LogEvents.js"
import * as Interpreter from "./Interpreter.js"
import * as Ledger from "./Ledger.js"
import * as Place from "./Place.js"
import * as Slices from "./Slices.js"

const { INT, event, format, int, query, rotate, rows, tableMap, xid } = LogEvents

const ROWS = 400_000
const ROWS_OF_EVENT = 200

const transaction = (): ReadonlyArray<Buffer> => [
  rotate("binlog.000001", 4),
  format(0),
  query("BEGIN"),
  tableMap(1, "app", "users", [INT, INT]),
  ...Array.from({ length: ROWS / ROWS_OF_EVENT }, (_, i) =>
    rows(
      30,
      1,
      Array.from({ length: ROWS_OF_EVENT }, (_, j) => [int(i * ROWS_OF_EVENT + j), int(1)])
    )
  ),
  xid(1_000_000)
]

/** The server's whole transaction as one event, not compressed. */
const asPayload = (events: ReadonlyArray<Buffer>): ReadonlyArray<Buffer> => {
  const [first, second, ...inner] = events
  const body = Buffer.concat([Buffer.from([2, 3, 252, 255, 0, 0]), ...inner])
  return [first, second, event(40, body, { end: 1_000_000 })].filter((event) => event !== undefined)
}

describe("a transaction of very many rows", () => {
  for (const [name, events] of [
    ["event by event", transaction()],
    ["in one event", asPayload(transaction())]
  ] as const) {
    it.live(`leaves other work its turn, ${name}`, () =>
      Effect.gen(function* () {
        const ledger = Ledger.make(100_000)
        ledger.begin("server", Place.make("binlog.000001", 4), Option.none())
        const interpreter = Interpreter.make(
          {
            database: "app",
            own: { table: "kept", botColumn: "bot_id", tokenColumn: "token" },
            ignoresCase: false,
            limit: 100_000
          },
          { committed: ledger.take, entered: (file, born) => void ledger.entered(file, born) }
        )
        interpreter.begin(Place.make("binlog.000001", 4), false)
        let longest = 0
        let last = process.cpuUsage()
        const ticker = setInterval(() => {
          const { system, user } = process.cpuUsage(last)
          longest = Math.max(longest, (user + system) / 1000)
          last = process.cpuUsage()
        }, 1)
        yield* Slices.read(interpreter, events, Effect.void, (table) =>
          Effect.sync(() => interpreter.learn(table, { names: ["user_id", "bot_id"], unsigned: [] }))
        )
        clearInterval(ticker)
        assert.strictEqual(interpreter.place().offset, 1_000_000)
        assert.deepStrictEqual(ledger.pending.bots(), [["1", "all"]])
        // Of processor time, not by the clock: the machine may have other work.
        assert.isAbove(longest, 0)
        assert.isBelow(longest, 60)
      })
    )
  }
})
