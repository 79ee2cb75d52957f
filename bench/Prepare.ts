import type { DatabaseServer } from "../tools/database/DatabaseServer.js"
import { connectTo, type FilledDatabase, filledDatabase } from "./fill/Filled.js"
import { analyze } from "./fill/Tables.js"
import { type Caller, logIn, send } from "./measure/Calls.js"
import { compareAnswers } from "./measure/Same.js"
import type { Options } from "./Options.js"
import { say, timed } from "./report/Say.js"
import type { Size } from "./Sizes.js"
import { type Figures, readiness, type Secrets, type Servers } from "./servers/Servers.js"

/** A database of one size, filled, adopted by the service, and answered from alike by both servers. */
export interface Prepared {
  readonly size: Size
  readonly database: FilledDatabase
  readonly caller: Caller
  /** What the service answers from. */
  readonly figures: Figures
  readonly compared: number
}

const tokenOf = async (url: string, initData: string): Promise<string> => {
  const { status, text } = await send(url, logIn({ initData, token: "", now: new Date() }))
  if (status !== 200) throw new Error(`The login answers ${status} ${text}`)
  return (JSON.parse(text) as { token: string }).token
}

const analyzeAll = async ({ name, url }: FilledDatabase): Promise<void> => {
  const connection = await connectTo(url)
  await connection.query("SET SESSION sql_log_bin = 0")
  await timed(`${name}: counting rows and values (ANALYZE TABLE)`, () => analyze(connection, name))
  await connection.end()
}

/** Fills a database where that has not been done, lets the service adopt it, and compares the answers of both servers. */
export const prepare = async (
  size: Size,
  server: DatabaseServer,
  servers: Servers,
  { initData }: Secrets,
  { fresh }: Options
): Promise<Prepared> => {
  const { database, isNew } = await filledDatabase({ server, size, migrate: servers.migrate, fresh })
  const service = await timed(`${database.name}: the service starts, and builds what it keeps`, () =>
    servers.startService(database.url)
  )
  if (isNew) await analyzeAll(database)
  const plain = await servers.startPlain(database.url)
  try {
    const caller: Caller = { initData, token: await tokenOf(service.url, initData), now: database.now }
    const compared = await timed(`${database.name}: comparing answers`, () =>
      compareAnswers(service.url, plain.url, caller, size)
    )
    const figures = (await readiness(service.url))?.figures
    if (figures !== "facts") throw new Error(`The service's figures are ${figures ?? "none"}, not facts`)
    say(`${database.name}: ${compared} answers are the same; the service's figures are "${figures}"`)
    return { size, database, caller, figures, compared }
  } finally {
    await Promise.all([service.stop(), plain.stop()])
  }
}
