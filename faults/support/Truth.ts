import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { isDeepStrictEqual } from "node:util"
import type { Connection } from "mysql2/promise"
import { readRows } from "../../tools/bots/Read.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { paymentList } from "../../tools/oracle/Lists.js"
import { summary } from "../../tools/oracle/Summary.js"
import { ask } from "./Ask.js"
import { initData } from "./Questions.js"
import { sleep } from "./Wait.js"

/** Figures held against the rows that are there at this moment, while nobody writes. */

const FACTS = fileURLToPath(new URL("../../dist/facts.mjs", import.meta.url))

/** Longer than the service may take, and not as long as a frozen one takes. */
const PATIENCE = 4_000

const credentials = { "x-telegram-init-data": initData() }

export interface Range {
  readonly from: string
  readonly to: string
}

/** One word for the three together: `right`, `unavailable` where there was no answer to one of them, or what was wrong. */
export const judge = async (url: string, root: Connection, bot: number, { from, to }: Range): Promise<string> => {
  const rows = await readRows(root)
  const questions: ReadonlyArray<readonly [path: string, expected: unknown, seen: (json: unknown) => unknown]> = [
    [
      `/api/analytics?bot_id=${bot}&start_date=${from}&end_date=${to}`,
      analytics(rows, bot, from, to, "UTC"),
      (json) => json
    ],
    [`/api/bots/${bot}/summary`, summary(rows, bot, new Date()), (json) => json],
    [
      `/api/payments?bot_id=${bot}&limit=1`,
      paymentList(rows, bot).length,
      (json) => (json as { readonly total: number }).total
    ]
  ]
  let word = "right"
  for (const [path, expected, seen] of questions) {
    const asked = ask(url, { name: path, method: "GET", path, headers: () => credentials })
    const answer = await Promise.race([asked.then(({ answer }) => answer), sleep(PATIENCE)])
    if (answer === undefined || answer instanceof Error || answer.status === 503) {
      word = "unavailable"
      continue
    }
    if (answer.status !== 200) return `${path}: ${answer.status} ${answer.text}`
    if (!isDeepStrictEqual(seen(JSON.parse(answer.text)), expected)) return `${path} is wrong: ${answer.text}`
  }
  return word
}

/** What `facts check` says of all bots, and its exit code: 1 where what is kept is not what the rows say. */
export const checkKept = (databaseUrl: string): string => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [FACTS, "check"], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    encoding: "utf8"
  })
  return `${stdout}${stderr}exit code ${status}`
}
