import * as Schema from "effect/Schema"
import { Decimal } from "../Domain/Money.js"
import { column, columns } from "./Column.js"

export const payments = columns("payments", {
  bill_id: column.key,
  user_id: column.telegramId,
  bot_id: column.rowId,
  amount: column.decimal.annotations({ description: "In major units of `currency`" }),
  currency: column.upperCase.annotations({ description: "In upper case", examples: ["RUB"] }),
  status: column.textOr("").annotations({
    description: "`PAID`, in any case, is money received; nothing else is"
  }),
  provider: column.text.optional,
  date: column.time.annotations({
    description: "Null only where an older bot wrote a payment without a date: such a row is in no day"
  }),
  meta: column.json.optional
})

export const Payment = Schema.Struct(payments.fields).annotations({
  identifier: "Payment",
  examples: [
    {
      bill_id: "2c9f4a1e-000f-5000-8000-1b7a3d2e9c40",
      user_id: 5876512345,
      bot_id: 1,
      amount: Decimal.make(199),
      currency: "RUB",
      status: "PAID",
      provider: "yookassa",
      date: "2026-01-31T20:59:59Z",
      meta: { kind: "renewal", months: 1 }
    }
  ]
})
export type Payment = typeof Payment.Type
