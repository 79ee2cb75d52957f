import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import type { BotData } from "../../tools/bots/Rows.js"
import { paymentList, subscriptionList, userList } from "../../tools/oracle/Lists.js"
import { type Scenario, scenario } from "../../tools/oracle/RandomRows.js"
import { botTables, fill, ownerOf } from "../testing/Bots.js"
import type { Parameters } from "../testing/Client.js"
import { assertWalk, type ListRoute, pageOf } from "../testing/Pages.js"
import { runs } from "../testing/Properties.js"
import { testService } from "../testing/Service.js"
import { fillWithoutTwins } from "../testing/Twins.js"

/** A row of the list as it was in these rows. */
interface Behind {
  readonly data: BotData
  readonly key: unknown
}

interface Case {
  readonly route: ListRoute
  readonly filters: (rows: Scenario) => ReadonlyArray<Parameters>
  /** What the oracle says of the list. */
  readonly keys: (data: BotData, botId: number, filter: Parameters, behind?: Behind) => ReadonlyArray<unknown>
}

const text = (value: string | number | undefined) => (value === undefined ? undefined : String(value))

const users: Case = {
  route: { path: "/api/users", rows: "users", key: "uid" },
  filters: () => [{}],
  keys: (data, botId, _, behind) =>
    userList(
      data,
      botId,
      behind?.data.users.find(({ uid }) => uid === behind.key)
    )
}

const payments: Case = {
  route: { path: "/api/payments", rows: "payments", key: "bill_id" },
  filters: ({ endDate, startDate, tz }) => [
    {},
    { start_date: startDate, tz },
    { end_date: endDate },
    { start_date: startDate, end_date: endDate, tz }
  ],
  keys: (data, botId, { end_date, start_date, tz }, behind) =>
    paymentList(
      data,
      botId,
      { startDate: text(start_date), endDate: text(end_date), tz: text(tz) },
      behind?.data.payments.find(({ bill_id }) => bill_id === behind.key)
    )
}

const subscriptions: Case = {
  route: { path: "/api/subscriptions", rows: "subscriptions", key: "uid" },
  filters: () => [{}, { status: "Active" }, { status: " expired" }],
  keys: (data, botId, { status }, behind) =>
    subscriptionList(
      data,
      botId,
      text(status),
      behind?.data.subscriptions.find(({ uid }) => uid === behind.key)
    )
}

const SIZES = FC.array(FC.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 })

/** What becomes of a bot's rows between two pages: some go, or come back, and some get the time of another. */
const change = FC.record({
  gone: FC.array(FC.nat(23), { maxLength: 8 }),
  moved: FC.array(FC.nat(23), { maxLength: 4 })
})

const changed = <Row extends object>(
  rows: ReadonlyArray<Row>,
  time: keyof Row,
  { gone, moved }: typeof change extends FC.Arbitrary<infer A> ? A : never
): ReadonlyArray<Row> =>
  rows
    .map((row, i) => (moved.includes(i) ? { ...row, [time]: rows[(i * 5 + 1) % rows.length]?.[time] } : row))
    .filter((_, i) => !gone.includes(i))

/** Many rows of one second: more than a page has. */
const crowded = (data: BotData): BotData => {
  const crowd = <Row>(rows: ReadonlyArray<Row>, time: keyof Row) =>
    rows.map((row, i) => ({ ...row, [time]: rows[i % 3 === 0 ? 0 : 1]?.[time] ?? row[time] }))
  return {
    ...data,
    users: crowd(data.users, "reg_date"),
    payments: crowd(data.payments, "date"),
    subscriptions: crowd(data.subscriptions, "start_date")
  }
}

for (const [name, list, billIdCollation] of [
  ["users", users, "utf8mb4_bin"],
  ["subscriptions", subscriptions, "utf8mb4_bin"],
  ["payments", payments, "utf8mb4_bin"],
  ["payments, where the index has another order", payments, "utf8mb4_unicode_ci"]
] as const) {
  /** Fills the tables, and gives the rows that are there. */
  const put = (data: BotData) =>
    billIdCollation === "utf8mb4_bin" ? Effect.as(fill(data), data) : fillWithoutTwins(data)

  layer(testService({ prepare: botTables({ billIdCollation }) }), { excludeTestServices: true })(
    `${name} by cursor`,
    (it) => {
      it.effect.prop(
        "come in the contract's order, each once, from any page on and with any limits",
        [scenario({ maxRows: 24 }), FC.integer({ min: 1, max: 4 }), SIZES, FC.nat(3), FC.boolean()],
        ([rows, page, limits, chosen, isCrowded]) =>
          Effect.gen(function* () {
            const { botId } = rows
            const data = yield* put(isCrowded ? crowded(rows.data) : rows.data)
            const filters = list.filters(rows)
            const filter = filters[chosen % filters.length] ?? {}
            const expected = list.keys(data, botId, filter)
            const parameters = { bot_id: botId, ...filter }
            yield* assertWalk(list.route, parameters, ownerOf(data, botId), expected, { page, limits })
          }),
        runs(50)
      )

      it.effect.prop(
        "go on from where they were, whatever rows come, go and move meanwhile",
        [scenario({ maxRows: 24 }), FC.array(change, { minLength: 2, maxLength: 5 }), FC.integer({ min: 1, max: 4 })],
        ([rows, changes, limit]) =>
          Effect.gen(function* () {
            const { botId } = rows
            const filter = list.filters(rows)[0] ?? {}
            const parameters = { bot_id: botId, ...filter, limit }
            let cursor: string | undefined
            let behind: Behind | undefined
            for (const step of changes) {
              const data = yield* put({
                ...rows.data,
                users: changed(rows.data.users, "reg_date", step),
                payments: changed(rows.data.payments, "date", step),
                subscriptions: changed(rows.data.subscriptions, "start_date", step)
              })
              const expected = list.keys(data, botId, filter, behind)
              const total = list.keys(data, botId, filter).length
              const page = yield* pageOf(list.route, { ...parameters, cursor }, ownerOf(data, botId), total)
              const found = page.rows.map((row) => row[list.route.key])
              assert.deepStrictEqual(found, expected.slice(0, limit))
              assert.strictEqual(page.next_cursor === null, expected.length <= limit)
              if (page.next_cursor === null) return
              cursor = page.next_cursor
              behind = { data, key: found.at(-1) }
            }
          }),
        runs(30)
      )
    }
  )
}
