import type { BotTables } from "../Database/BotTables.js"
import { bots } from "./Bots.js"
import { payments } from "./Payments.js"
import { subscriptions } from "./Subscriptions.js"
import { users } from "./Users.js"

/** The columns that are missing and without which there is nothing to answer, as `payments.currency`. */
export const missingColumns = (tables: BotTables): ReadonlyArray<string> =>
  [bots, users, payments, subscriptions].flatMap(({ needed, table }) =>
    needed.filter((name) => tables.column(table, name) === undefined).map((name) => `${table}.${name}`)
  )
