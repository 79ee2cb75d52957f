import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { traced } from "../Database/Traced.js"
import { endOf, startOf, toDatabase, UTC } from "../Domain/Calendar.js"
import { isBill } from "../Facts/Store/Fact.js"
import { countWithin, isWithin, keptTotal, quartersOf } from "../Facts/Within.js"
import { type Filter, type KeptTotal, type List, Lists } from "../Lists/Lists.js"
import { type Payment, payments } from "../Tables/Payments.js"
import type { PaymentsParameters } from "./Api.js"

export class PaymentsRepo extends Effect.Service<PaymentsRepo>()("app/Payments/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const lists = yield* Lists
    const totalOf = yield* keptTotal
    const within = yield* countWithin

    const list: List<Payment> = {
      order: { table: "payments", time: "date", key: "bill_id", index: "payments_bot_date", held: "status" },
      columns: payments
    }

    const keptBills: KeptTotal = {
      total: (grant) => totalOf(grant, "bill"),
      count: ({ metric, n }) => (isBill(metric) ? n : 0)
    }

    /** Facts know it where days begin and end between their quarters of an hour. */
    const keptBetween = (from: number | undefined, to: number | undefined): KeptTotal | undefined => {
      if (from === undefined && to === undefined) return keptBills
      const range = quartersOf(from, to)
      return range === undefined
        ? undefined
        : {
            total: (grant) => within(grant, "bills", range),
            count: ({ metric, n, quarter }) => (isBill(metric) && isWithin(quarter, range) ? n : 0)
          }
    }

    /** Of all days, or of those from `start_date` to `end_date`, both included. */
    const ofDays = ({ end_date, start_date, tz = UTC }: PaymentsParameters): Filter => {
      const from = start_date === undefined ? undefined : startOf(tz, start_date)
      const to = end_date === undefined ? undefined : endOf(tz, end_date)
      return {
        scope: [start_date ?? null, end_date ?? null, tz.id],
        conditions: (alias) => {
          const date = sql`${sql(`${alias}.date`)}`
          return [
            ...(from === undefined ? [] : [sql`${date} >= ${toDatabase(from)}`]),
            ...(to === undefined ? [] : [sql`${date} < ${toDatabase(to)}`])
          ]
        },
        kept: keptBetween(from, to)
      }
    }

    /** One page of a bot's payments. */
    const page = traced("PaymentsRepo.page")((asked: PaymentsParameters) =>
      Effect.map(lists.page(list, asked, ofDays(asked)), ({ items, ...page }) => ({ payments: items, ...page }))
    )

    return { page } as const
  })
}) {}
