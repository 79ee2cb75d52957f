import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { payment, subscription, user } from "../../tools/oracle/Example.js"
import { botTables, exampleOf, fill, OWNER } from "../testing/Bots.js"
import { getAs, type Parameters, statusOf } from "../testing/Client.js"
import { assertNoCursor, type ListRoute, pageOf } from "../testing/Pages.js"
import { testService } from "../testing/Service.js"

const ITS_OWN: ReadonlyArray<readonly [ListRoute, ReadonlyArray<Parameters>]> = [
  [{ path: "/api/users", rows: "users", key: "uid" }, [{}]],
  [
    { path: "/api/subscriptions", rows: "subscriptions", key: "uid" },
    [{}, { status: "Active" }, { status: "Expired" }]
  ],
  [
    { path: "/api/payments", rows: "payments", key: "bill_id" },
    [
      {},
      { start_date: "2026-01-01" },
      { end_date: "2026-01-01" },
      { start_date: "2026-01-01", end_date: "2026-01-01" },
      { start_date: "2026-01-01", end_date: "2026-01-02" },
      { start_date: "2026-01-01", tz: "Europe/Moscow" }
    ]
  ]
]

/** Two bots of one owner, of the same rows but for their keys, and a third of somebody else. */
const rows = exampleOf({})
const bots = [1, 2, 3].flatMap((uid) =>
  rows.bots.map((bot) => ({ ...bot, uid, admin_id: uid === 3 ? OWNER + 1 : OWNER }))
)
const at = "2026-01-01T12:00:00Z"
const three = (bot_id: number) => [1, 2, 3].map((n) => ({ n: bot_id * 10 + n, bot_id }))
const ofAll = [1, 2, 3].flatMap(three)

const filled = testService({ prepare: botTables() }).pipe(
  Layer.tap((running) =>
    fill({
      bots,
      users: ofAll.map(({ n, bot_id }) => user({ uid: n, bot_id, reg_date: new Date(at) })),
      payments: ofAll.map(({ n, bot_id }) => payment(String(n), at, { bot_id })),
      subscriptions: ofAll.flatMap(({ n, bot_id }) => [
        subscription(n, at, { bot_id }),
        subscription(n + 100, at, { bot_id, status: "Expired" })
      ])
    }).pipe(Effect.provide(running))
  )
)

const cursorOf = Effect.fnUntraced(function* (route: ListRoute, parameters: Parameters) {
  const total = parameters.status === undefined && route.rows === "subscriptions" ? 6 : 3
  const { next_cursor } = yield* pageOf(route, { ...parameters, limit: 1 }, OWNER, total)
  if (next_cursor === null) throw new Error("no cursor")
  return next_cursor
})

layer(filled, { excludeTestServices: true })("a cursor", (it) => {
  it.effect("is refused by every other list, bot and filter", () =>
    Effect.gen(function* () {
      const all = ITS_OWN.flatMap(([route, filters]) =>
        [...filters.map((filter) => ({ bot_id: 1, ...filter })), { bot_id: 2 }].map((parameters) => ({
          route,
          parameters
        }))
      )
      for (const mine of all) {
        const cursor = yield* cursorOf(mine.route, mine.parameters)
        for (const other of all) {
          const parameters = { ...other.parameters, cursor, limit: 7 }
          if (other === mine) assert.strictEqual(yield* statusOf(getAs(OWNER, other.route.path, parameters)), 200)
          else yield* assertNoCursor(other.route, parameters, OWNER)
        }
      }
    })
  )

  it.effect("is refused once it is not as it was", () =>
    Effect.gen(function* () {
      for (const [route] of ITS_OWN) {
        const cursor = yield* cursorOf(route, { bot_id: 1 })
        const wrong = [
          ...Array.from(
            cursor,
            (letter, i) => `${cursor.slice(0, i)}${letter === "A" ? "B" : "A"}${cursor.slice(i + 1)}`
          ),
          ...[1, 2, 21, 22, 23, 24].map((length) => cursor.slice(0, length)),
          ...[
            cursor.slice(0, -1),
            cursor.slice(1),
            `${cursor}A`,
            `${cursor}=`,
            ` ${cursor}`,
            `${cursor}\0`,
            cursor + cursor
          ],
          ...["", " ", "null", "undefined", "0", "=", "é", "A".repeat(8000)]
        ]
        for (const one of wrong) yield* assertNoCursor(route, { bot_id: 1, cursor: one }, OWNER)
      }
    })
  )

  it.effect("is refused beside a page, and twice", () =>
    Effect.gen(function* () {
      for (const [route] of ITS_OWN) {
        const cursor = yield* cursorOf(route, { bot_id: 1 })
        yield* assertNoCursor(route, { bot_id: 1, cursor, page: 1 }, OWNER)
        yield* assertNoCursor({ ...route, path: `${route.path}?cursor=${cursor}&cursor=${cursor}&bot_id=1` }, {}, OWNER)
      }
    })
  )

  it.effect("is looked at after the credentials, and before the bot", () =>
    Effect.gen(function* () {
      for (const [route] of ITS_OWN) {
        const cursor = yield* cursorOf(route, { bot_id: 1 })
        yield* assertNoCursor(route, { bot_id: 1, cursor: "x" }, OWNER + 1)
        yield* assertNoCursor(route, { bot_id: 4, cursor }, OWNER)
        assert.strictEqual(yield* statusOf(getAs(OWNER + 1, route.path, { bot_id: 1, cursor })), 403)
      }
    })
  )
})
