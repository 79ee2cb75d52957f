import { analyzeAll, type FilledDatabase } from "../fill/Filled.js"
import { timed } from "../report/Say.js"
import type { Size } from "../Sizes.js"
import type { Servers } from "../servers/Servers.js"
import { median } from "./Statistics.js"

/** How long it takes, where nothing is kept yet, until figures come from what is: from the service's start on. */

/** What has taken so many seconds in all is not done again. */
const ENOUGH_SECONDS = 60

export interface FirstBuildResult {
  readonly size: Size
  readonly users: number
  readonly seconds: ReadonlyArray<number>
  readonly medianSeconds: number
}

export const measureFirstBuild = async (
  servers: Servers,
  database: FilledDatabase,
  builds: number
): Promise<FirstBuildResult> => {
  const { name, rows, size, url } = database
  const seconds: Array<number> = []
  let spent = 0
  while (seconds.length < builds && spent < ENOUGH_SECONDS) {
    await servers.removeKept(url)
    const { readyAfter, stop } = await timed(`build: ${name}`, () => servers.startService(url))
    await stop()
    seconds.push(readyAfter)
    spent += readyAfter
  }
  await analyzeAll(database)
  return { size, users: rows.users, seconds, medianSeconds: median(seconds) }
}
