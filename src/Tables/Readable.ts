import type { Row } from "@effect/sql/SqlConnection"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Counter } from "prom-client"
import { Metrics } from "../Telemetry/Metrics.js"
import { UnreadableRow } from "./Column.js"

/** A log line for each row would bury the rest. */
const REMIND_EVERY = Duration.minutes(1)

/** Reads rows one by one: one that can't be read is left out, counted and named in the log, and costs no other. */
export class ReadableRows extends Effect.Service<ReadableRows>()("app/Tables/ReadableRows", {
  effect: Effect.gen(function* () {
    const { registry } = yield* Metrics
    const unreadable = new Counter({
      name: "rows_unreadable_total",
      help: "Rows of the bots' tables left out of an answer, because a value in them is none of its column",
      labelNames: ["table"],
      registers: [registry]
    })
    const saidAt = new Map<string, number>()

    const say = ({ column, message, table }: UnreadableRow) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const name = `${table}.${column}`
        const last = saidAt.get(name)
        if (last !== undefined && now - last < Duration.toMillis(REMIND_EVERY)) return Effect.void
        saidAt.set(name, now)
        return Effect.logWarning(`A row is left out of the answers: ${message}`)
      })

    /** `read` is a `read` of `columns` (src/Tables/Column.ts). */
    const readAll = <A>(rows: ReadonlyArray<Row>, read: (row: Row) => A): Effect.Effect<ReadonlyArray<A>> =>
      Effect.suspend(() => {
        const found: Array<A> = []
        const leftOut: Array<UnreadableRow> = []
        for (const row of rows) {
          try {
            found.push(read(row))
          } catch (error) {
            if (!(error instanceof UnreadableRow)) throw error
            unreadable.inc({ table: error.table })
            leftOut.push(error)
          }
        }
        return leftOut.length === 0
          ? Effect.succeed(found)
          : Effect.as(Effect.forEach(leftOut, say, { discard: true }), found)
      })

    return { readAll } as const
  })
}) {}
