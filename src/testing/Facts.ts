import { assert } from "@effect/vitest"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { request } from "./Client.js"
import { eventually } from "./Eventually.js"

/** What a test has to know of the facts of the service that its layer runs. */

/** What /readyz says of the figures, ready or not. */
export const readiness = Effect.map(
  request("/readyz"),
  ({
    json
  }): { readonly figures?: string; readonly reasons: ReadonlyArray<string>; readonly remedy?: string | null } => ({
    reasons: [],
    ...json
  })
)

/** Waits until figures come from facts. */
export const untilFacts = (within: Duration.DurationInput = "20 seconds") =>
  eventually(
    Effect.map(readiness, ({ figures }) => figures === "facts"),
    within
  )

/** How many figures came from each source since the start. */
export const sources = Effect.map(request("/metrics"), ({ text }) => {
  const countOf = (source: string) => {
    const found = new RegExp(`^figures_answers_total\\{source="${source}"\\} (\\d+)$`, "m").exec(text)
    assert.isNotNull(found, `no figure for ${source}`)
    return Number(found?.[1])
  }
  return { facts: countOf("facts"), factsAndRows: countOf("facts_and_rows"), rows: countOf("rows") }
})
