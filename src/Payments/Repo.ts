import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import * as Effect from "effect/Effect"
import { type BotTables, optionalColumns } from "../Database/BotTables.js"
import * as Columns from "../Database/Columns.js"
import { textExpressions } from "../Database/Text.js"
import { endOf, startOf, toDatabase, UTC } from "../Domain/Calendar.js"
import type { Unchecked } from "../Domain/Json.js"
import { isBill } from "../Facts/Store/Fact.js"
import { countWithin, isWithin, keptTotal, quartersOf } from "../Facts/Within.js"
import { type KeptTotal, type List, Lists } from "../Lists/Lists.js"
import type { Payment, PaymentsParameters } from "./Api.js"

const toPayment = (tables: BotTables) => {
  const meta = Columns.json(tables.isJson("payments", "meta"))
  return (row: Row): Unchecked<Payment> => ({
    bill_id: row.bill_id,
    user_id: row.user_id,
    bot_id: row.bot_id,
    amount: Columns.decimal(row.amount),
    currency: typeof row.currency === "string" ? row.currency.toUpperCase() : row.currency,
    status: row.status,
    provider: row.provider,
    date: Columns.time(row.date),
    meta: meta(row.meta)
  })
}

const payments: List<Unchecked<Payment>> = {
  order: { table: "payments", time: "date", key: "bill_id", index: "payments_bot_date", held: "status" },
  read: toPayment
}

export class PaymentsRepo extends Effect.Service<PaymentsRepo>()("app/Payments/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const lists = yield* Lists
    const text = yield* textExpressions
    const totalOf = yield* keptTotal
    const within = yield* countWithin

    /** How many payments there are of these days, by facts: where days begin and end between their quarters of an hour. */
    const kept = ({ bot_id, end_date, start_date, tz = UTC }: PaymentsParameters): KeptTotal | undefined => {
      if (start_date === undefined && end_date === undefined) {
        return { total: totalOf("bill", bot_id), count: ({ metric, n }) => (isBill(metric) ? n : 0) }
      }
      const range = quartersOf(
        start_date === undefined ? undefined : startOf(tz, start_date),
        end_date === undefined ? undefined : endOf(tz, end_date)
      )
      return range === undefined
        ? undefined
        : {
            total: within("bills", bot_id, range),
            count: ({ metric, n, quarter }) => (isBill(metric) && isWithin(quarter, range) ? n : 0)
          }
    }

    /** One page of a bot's payments, of all days or of those from `start_date` to `end_date`, both included. */
    const page = (asked: PaymentsParameters) => {
      const { bot_id, end_date, start_date, tz = UTC } = asked
      return lists
        .page(payments, asked, [start_date ?? null, end_date ?? null, tz.id], (tables) => {
          const column = optionalColumns(sql, tables, "payments", "r")
          const chosen = sql.and([
            sql`k.bot_id = ${bot_id}`,
            ...(start_date === undefined ? [] : [sql`k.date >= ${toDatabase(startOf(tz, start_date))}`]),
            ...(end_date === undefined ? [] : [sql`k.date < ${toDatabase(endOf(tz, end_date))}`])
          ])
          return {
            chosen,
            total: sql`(SELECT COUNT(*) FROM payments k WHERE ${chosen})`,
            kept: kept(asked),
            columns: sql`r.bill_id, r.user_id, r.bot_id, COALESCE(r.amount, 0) AS amount,
              COALESCE(r.currency, '') AS currency, COALESCE(r.status, '') AS status, ${column("provider")}, r.date,
              ${column("meta")}`,
            inOrder: tables.billIdIsBinary ? undefined : text.binary
          }
        })
        .pipe(Effect.map(({ items, ...page }) => ({ payments: items, ...page })))
    }

    return { page } as const
  })
}) {}
