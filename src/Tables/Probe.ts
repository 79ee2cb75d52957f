import type { SqlClient } from "@effect/sql/SqlClient"
import type { BotTables } from "../Database/BotTables.js"
import { bots } from "./Bots.js"
import { payments } from "./Payments.js"
import { subscriptions } from "./Subscriptions.js"
import { users } from "./Users.js"

/** Reads no row, and fails where one of the four tables is away, or a column of them that there was. */
export const probeAll = (sql: SqlClient, tables: BotTables) => sql`
  SELECT 1 FROM (SELECT ${bots.select(sql, tables)} FROM bots r LIMIT 0) AS b,
    (SELECT ${users.select(sql, tables)} FROM users r LIMIT 0) AS u,
    (SELECT ${payments.select(sql, tables)} FROM payments r LIMIT 0) AS p,
    (SELECT ${subscriptions.select(sql, tables)} FROM subscriptions r LIMIT 0) AS s`
