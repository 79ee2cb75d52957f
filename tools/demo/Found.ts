import * as Effect from "effect/Effect"
import * as Mark from "./Mark.js"
import { rows, type Session } from "./Session.js"

/** What is in a database before the demo touches it. */
export interface Found {
  /** The rows of each of the four tables that is there. */
  readonly rows: ReadonlyMap<string, number>
  /** Those of the four that are no tables: a row written to a view may end up in another database. */
  readonly views: ReadonlyArray<string>
  /** Tables that are neither the bots', nor the service's, nor the demo's. */
  readonly others: ReadonlyArray<string>
  readonly mark: Mark.Mark | undefined
}

const BOT_TABLES = ["bots", "users", "payments", "subscriptions"]

/** `admins` is what earlier versions of the service called its accounts. */
const service = (table: string): boolean => table === "admins" || table.startsWith("bot_analytics_")

/** Reads only. */
export const look = (session: Session) =>
  Effect.gen(function* () {
    const tables = yield* rows<{ readonly name: string; readonly type: string }>(
      session,
      "SELECT table_name AS name, table_type AS type FROM information_schema.tables WHERE table_schema = DATABASE()"
    )
    const isBots = ({ name }: { readonly name: string }) => BOT_TABLES.includes(name)
    const counts = new Map<string, number>()
    for (const { name } of tables.filter(isBots)) {
      const [count] = yield* rows<{ readonly n: number }>(session, `SELECT COUNT(*) AS n FROM \`${name}\``)
      counts.set(name, Number(count?.n ?? 0))
    }
    const found: Found = {
      rows: counts,
      views: tables.filter((table) => isBots(table) && table.type !== "BASE TABLE").map(({ name }) => name),
      others: tables.filter((table) => !isBots(table) && !service(table.name)).map(({ name }) => name),
      mark: tables.some(({ name }) => name === Mark.MARK_TABLE) ? yield* Mark.read(session) : undefined
    }
    return found
  })

/** `bots 5, users 50,000`: the tables that hold rows; empty where none does. */
export const describeRows = (counts: ReadonlyMap<string, number>): string =>
  BOT_TABLES.flatMap((table) => {
    const count = counts.get(table) ?? 0
    return count === 0 ? [] : [`${table} ${count.toLocaleString("en-US")}`]
  }).join(", ")
