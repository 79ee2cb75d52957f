import { assert } from "@effect/vitest"
import { until } from "./Database.js"
import type { Answer } from "./Service.js"

/** What a test has to know of the facts of a service that it runs. */

type Ask = (path: string) => Promise<Answer>

/** Waits until figures come from facts. */
export const untilFacts = (ask: Ask, withinMillis = 20_000) =>
  until(async () => (await ask("/readyz")).json?.figures === "facts", withinMillis)

/** How many figures came from each source since the start. */
export const sourcesOf = async (ask: Ask) => {
  const { text } = await ask("/metrics")
  const countOf = (source: string) => {
    const found = new RegExp(`^figures_answers_total\\{source="${source}"\\} (\\d+)$`, "m").exec(text)
    assert.isNotNull(found, `no figure for ${source}`)
    return Number(found?.[1])
  }
  return { facts: countOf("facts"), factsAndMarks: countOf("facts_and_marks"), rows: countOf("rows") }
}
