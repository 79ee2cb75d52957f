import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { signInitData } from "../../src/testing/SignInitData.js"
import { DEMO_BOT_IDS, DEMO_OWNER } from "../../tools/demo/DataSet.js"
import type { Programs } from "./Build.js"
import { type ServerProcess, startProcess } from "./Process.js"

const run = promisify(execFile)

/** Connections to the database, of each of the servers. */
export const POOL_SIZE = 10

/** Made up for this run; all servers have the same. */
export interface Secrets {
  readonly secretKey: string
  readonly botToken: string
  readonly initData: string
}

export const makeSecrets = (): Secrets => {
  const botToken = `${DEMO_BOT_IDS[0]}:${randomBytes(27).toString("base64url")}`
  const initData = signInitData(botToken, {
    auth_date: String(Math.floor(Date.now() / 1000)),
    query_id: "AAHdF6IQAAAAAN0XohDhrOrc",
    user: JSON.stringify({ ...DEMO_OWNER, language_code: "ru" })
  })
  return { secretKey: randomBytes(48).toString("base64"), botToken, initData }
}

/** Which figures the service answers from; one that does not say answers from the bots' tables. */
export type Figures = "facts" | "building" | "rows"

export interface Readiness {
  readonly status: string
  readonly figures?: Figures
}

export const readiness = async (url: string): Promise<Readiness | undefined> => {
  const response = await fetch(`${url}/readyz`)
  const body = (await response.json()) as Readiness
  return response.ok ? body : undefined
}

const isReady = async (url: string) => (await readiness(url)) !== undefined

/** Whether the service answers from what it keeps. */
const isBuilt = async (url: string) => (await readiness(url))?.figures === "facts"

/** Fails where a service answers from anything but what it keeps. */
export const expectFacts = async (url: string): Promise<Figures> => {
  const figures = (await readiness(url))?.figures
  if (figures !== "facts") throw new Error(`The figures of ${url} are ${figures ?? "none"}, not facts`)
  return figures
}

/** The floor knows no such route, and says so. */
const answers = async (url: string) => (await fetch(url)).status > 0

export interface Servers {
  /** Brings a database to the service's version. */
  readonly migrate: (databaseUrl: string) => Promise<void>
  /** Takes away all that the service keeps, but the accounts. */
  readonly removeKept: (databaseUrl: string) => Promise<void>
  /** Waits until the service has built what it keeps, too. */
  readonly startService: (databaseUrl: string) => Promise<ServerProcess>
  /** Waits only until the service answers, and asks often: for the time that takes. */
  readonly startServiceTimed: (databaseUrl: string) => Promise<ServerProcess>
  readonly startPlain: (databaseUrl: string) => Promise<ServerProcess>
  /** `bodies` are the bytes it answers with, by method and path. */
  readonly startFloor: (databaseUrl: string, bodies: Readonly<Record<string, string>>) => Promise<ServerProcess>
}

/** This build's service is ready only while it follows the log. */
export const FOLLOWING = { FACTS: "on" }

/** The servers that are compared: started in one way, with one configuration; `own` is for what only this service knows. */
export const makeServers = (
  programs: Programs,
  { botToken, secretKey }: Secrets,
  own: Readonly<Record<string, string>>
): Servers => {
  const variables = (databaseUrl: string) => ({
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: String(POOL_SIZE),
    SECRET_KEY: secretKey,
    BOT_TOKEN: botToken
  })
  const serviceCommand = (databaseUrl: string) => ({
    program: programs.service,
    variables: {
      ...variables(databaseUrl),
      LOG_FORMAT: "json",
      ...own,
      // The plain server has no time limit: what takes long is to be measured, not refused.
      QUERY_TIMEOUT: "10 minutes",
      // Each login comes from an address of its own, so that the limit on logins does not end the measurement.
      TRUSTED_PROXIES: "127.0.0.1"
    }
  })
  const runToEnd = async (databaseUrl: string, ...command: ReadonlyArray<string>): Promise<void> => {
    await run(process.execPath, command, { env: { ...process.env, DATABASE_URL: databaseUrl } })
  }
  return {
    migrate: (databaseUrl) => runToEnd(databaseUrl, programs.migrate),
    removeKept: (databaseUrl) => runToEnd(databaseUrl, programs.facts, "remove"),
    startService: (databaseUrl) => startProcess({ ...serviceCommand(databaseUrl), isReady: isBuilt }),
    startServiceTimed: (databaseUrl) => startProcess({ ...serviceCommand(databaseUrl), isReady, pause: 5 }),
    startPlain: (databaseUrl) => startProcess({ program: programs.plain, variables: variables(databaseUrl), isReady }),
    startFloor: async (databaseUrl, bodies) => {
      const file = join(programs.folder, "floor-answers.json")
      await writeFile(file, JSON.stringify(bodies))
      return startProcess({
        program: programs.floor,
        variables: { ...variables(databaseUrl), FLOOR_ANSWERS: file },
        isReady: answers
      })
    }
  }
}
