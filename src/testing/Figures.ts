import { assert } from "@effect/vitest"
import type { BotData } from "../../tools/bots/Rows.js"
import { analytics, type DayFigures } from "../../tools/oracle/Analytics.js"
import { type BotsOptions, exampleOf, OWNER, serviceOverBots } from "./Bots.js"

/** The figures of hand-made rows of bot 1, for tests. */
export const figuresOfExamples = (options: BotsOptions = {}) => {
  const { fill, get } = serviceOverBots(options)

  const days = async (start_date: string, end_date: string, tz?: string): Promise<ReadonlyArray<DayFigures>> => {
    const answer = await get("/api/analytics", { bot_id: 1, start_date, end_date, tz }, OWNER)
    assert.strictEqual(answer.status, 200, answer.text)
    return answer.json
  }

  return {
    get,
    days,
    fill: (rows: Partial<BotData>) => fill(exampleOf(rows)),
    /** What these rows count as in January 2024, all days together, having compared each day with the oracle's. */
    january: async (rows: Partial<BotData>) => {
      await fill(exampleOf(rows))
      const list = await days("2024-01-01", "2024-01-31")
      assert.deepStrictEqual(list, analytics(exampleOf(rows), 1, "2024-01-01", "2024-01-31", "UTC"))
      const sum = (figure: Exclude<keyof DayFigures, "date">) => list.reduce((total, day) => total + day[figure], 0)
      return { payments: sum("payments"), keys: sum("keys"), renewals: sum("renewals"), trials: sum("trials") }
    }
  }
}
