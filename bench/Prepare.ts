import type { RowDataPacket } from "mysql2/promise"
import type { DatabaseServer } from "../tools/database/DatabaseServer.js"
import { analyzeAll, connectTo, type FilledDatabase, type FillOptions, filledDatabase } from "./fill/Filled.js"
import { type Caller, logIn, send } from "./measure/Calls.js"
import { compareAnswers } from "./measure/Same.js"
import type { Options } from "./Options.js"
import { say, timed } from "./report/Say.js"
import type { Size } from "./Sizes.js"
import type { ServerProcess } from "./servers/Process.js"
import { expectFacts, type Figures, type Secrets, type Servers } from "./servers/Servers.js"

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

/** Fills a database where that has not been done, and starts the service on it, which adopts it. */
const adopted = async (fill: Omit<FillOptions, "migrate">, servers: Servers) => {
  const { database, isNew } = await filledDatabase({ ...fill, migrate: servers.migrate })
  const service = await timed(`${database.name}: the service starts, and builds what it keeps`, () =>
    servers.startService(database.url)
  )
  if (isNew) await analyzeAll(database)
  return { database, service }
}

const saidAlike = async (
  name: string,
  service: ServerProcess,
  other: ServerProcess,
  caller: Caller,
  size: Size
): Promise<Pick<Prepared, "figures" | "compared">> => {
  const compared = await timed(`${name}: comparing answers`, () => compareAnswers(service.url, other.url, caller, size))
  const figures = await expectFacts(service.url)
  say(`${name}: ${compared} answers are the same; the service's figures are "${figures}"`)
  return { figures, compared }
}

/** Fills a database where that has not been done, lets the service adopt it, and compares the answers of both servers. */
export const prepare = async (
  size: Size,
  server: DatabaseServer,
  servers: Servers,
  { initData }: Secrets,
  { fresh }: Options
): Promise<Prepared> => {
  const { database, service } = await adopted({ server, size, fresh, prefix: "bench" }, servers)
  const plain = await servers.startPlain(database.url)
  try {
    const caller: Caller = { initData, token: await tokenOf(service.url, initData), now: database.now }
    return { size, database, caller, ...(await saidAlike(database.name, service, plain, caller, size)) }
  } finally {
    await Promise.all([service.stop(), plain.stop()])
  }
}

/** A login tells since when there is an account. */
const copyAccounts = async (from: FilledDatabase, to: FilledDatabase): Promise<void> => {
  const connection = await connectTo(to.url)
  const columns = "uid, user_id, created_at, last_login_at"
  // An older build has them under another name.
  const [tables] = await connection.query<Array<RowDataPacket & { readonly name: string }>>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name IN ('admins', 'bot_analytics_admins') ORDER BY 1 DESC LIMIT 1`
  )
  await connection.query(
    `REPLACE INTO ${tables[0]?.name} (${columns}) SELECT ${columns} FROM ${from.name}.bot_analytics_admins`
  )
  await connection.end()
}

/** Another build of the service, and where it is started. */
export interface OtherBuild {
  /** Tells it from others. */
  readonly digest: string
  readonly servers: Servers
}

/** The same rows under another build of the service, in a database that it has made, and answered from alike by both. */
export const prepareOther = async (
  { caller, database, size }: Prepared,
  server: DatabaseServer,
  servers: Servers,
  other: OtherBuild,
  { fresh }: Options
): Promise<FilledDatabase> => {
  const fill = { server, size, fresh, prefix: `against_${other.digest}`, now: database.now }
  const theirs = await adopted(fill, other.servers)
  const service = await servers.startService(database.url)
  try {
    await copyAccounts(database, theirs.database)
    await saidAlike(theirs.database.name, service, theirs.service, caller, size)
    return theirs.database
  } finally {
    await Promise.all([service.stop(), theirs.service.stop()])
  }
}
