import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { BotAccess } from "../Access/BotAccess.js"
import { optionalColumns } from "../Database/BotTables.js"
import { decodePage } from "../Database/Page.js"
import { textExpressions } from "../Database/Text.js"
import { endOf, startOf, toDatabase, UTC } from "../Domain/Calendar.js"
import { JsonColumn } from "../Domain/Json.js"
import { DecimalColumn } from "../Domain/Money.js"
import { offsetOf } from "../Domain/Parameters.js"
import { DateTimeColumn } from "../Domain/Time.js"
import { Payment, type PaymentsParameters } from "./Api.js"

const PaymentRow = Schema.Struct({
  ...Payment.fields,
  amount: DecimalColumn,
  currency: Schema.Uppercase,
  date: DateTimeColumn,
  meta: JsonColumn
})

const decode = decodePage(PaymentRow, "bill_id")

export class PaymentsRepo extends Effect.Service<PaymentsRepo>()("app/Payments/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const access = yield* BotAccess
    const text = yield* textExpressions

    /** One page of a bot's payments, of all days or of those from `start_date` to `end_date`, both included. */
    const page = ({ bot_id, end_date, limit, page, start_date, tz = UTC }: PaymentsParameters) =>
      access
        .query(bot_id, (granted, tables) => {
          const column = optionalColumns(sql, tables, "payments", "p")
          const order = (alias: "k" | "p") => {
            const billId = sql`${sql(`${alias}.bill_id`)}`
            return sql`${sql(`${alias}.date`)} DESC, ${tables.billIdIsBinary ? billId : text.binary(billId)} DESC`
          }
          const chosen = sql.and([
            sql`k.bot_id = ${bot_id}`,
            ...(start_date === undefined ? [] : [sql`k.date >= ${toDatabase(startOf(tz, start_date))}`]),
            ...(end_date === undefined ? [] : [sql`k.date < ${toDatabase(endOf(tz, end_date))}`])
          ])
          return sql`
            SELECT (SELECT COUNT(*) FROM payments k WHERE ${chosen}) AS total,
              p.bill_id, p.user_id, p.bot_id, COALESCE(p.amount, 0) AS amount, COALESCE(p.currency, '') AS currency,
              COALESCE(p.status, '') AS status, ${column("provider")}, p.date, ${column("meta")}
            FROM ${granted}
            LEFT JOIN (
              SELECT k.bill_id FROM payments k WHERE ${chosen}
              ORDER BY ${order("k")} LIMIT ${String(limit)} OFFSET ${offsetOf({ page, limit })}
            ) AS page ON TRUE
            LEFT JOIN payments p ON p.bill_id = page.bill_id
            ORDER BY ${order("p")}`
        })
        .pipe(
          Effect.flatMap(decode),
          Effect.map(({ items, total }) => ({ payments: items, total, page, limit }))
        )

    return { page } as const
  })
}) {}
