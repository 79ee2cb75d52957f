import { setTimeout as sleep } from "node:timers/promises"

/** What a service counts of itself. */

const LINE = /^(\w+(?:\{.*\})?) (\S+)$/gm

/** Figures by name, labels with it as `/metrics` has them: `figures_answers_total{source="rows"}`. */
export const metricsOf = async (url: string): Promise<ReadonlyMap<string, number>> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return new Map(Array.from(text.matchAll(LINE), ([, name = "", value]) => [name, Number(value)]))
}

const PAUSE = 100
const PATIENCE = 60_000

/** Waits until all that was written has been folded. */
export const settled = async (url: string): Promise<void> => {
  const start = performance.now()
  while ((await metricsOf(url)).get("log_pending_users") !== 0) {
    if (performance.now() - start > PATIENCE) throw new Error(`${url} folds for more than ${PATIENCE / 1000} s`)
    await sleep(PAUSE)
  }
}
