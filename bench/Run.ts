import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { DatabaseServer } from "../tools/database/DatabaseServer.js"
import { measureBig } from "./measure/Big.js"
import { measureBusy } from "./measure/Busy.js"
import { ROUTES, send } from "./measure/Calls.js"
import { type FirstBuildResult, measureFirstBuild } from "./measure/FirstBuild.js"
import { lookForFresh } from "./measure/Fresh.js"
import { type Growth, measureGrowth } from "./measure/Growth.js"
import { type LoadClient, startLoad } from "./measure/LoadClient.js"
import { measureStart, type StartResult } from "./measure/Start.js"
import { CONNECTIONS, measureThroughput } from "./measure/Throughput.js"
import { measureWriters } from "./measure/Writers.js"
import type { Options, Part } from "./Options.js"
import { type OtherBuild, type Prepared, prepare, prepareOther } from "./Prepare.js"
import { againstTable } from "./report/AgainstTable.js"
import { growthChart } from "./report/Chart.js"
import { growthTable } from "./report/GrowthTable.js"
import { describeMachine } from "./report/Machine.js"
import { bigTable, busyText, firstBuildTable, startText, writersTable } from "./report/OtherTables.js"
import type { Results } from "./report/Results.js"
import { throughputTable } from "./report/ThroughputTable.js"
import { verdictsOf, verdictsTable } from "./report/Verdicts.js"
import { buildIn, buildPrograms, digestOf, type Programs } from "./servers/Build.js"
import type { ServerProcess } from "./servers/Process.js"
import { expectFacts, FOLLOWING, makeSecrets, makeServers, type Secrets, type Servers } from "./servers/Servers.js"

/** The size at which everything but growth is measured. */
const MIDDLE = 100_000

const BUSY_SECONDS = 60
const BIG = { rows: 1_000_000, seconds: 60 }
const QUICK_BIG = { rows: 100_000, seconds: 10 }
const STARTS = 7
const BUILDS = 3

const print = (title: string, text: string): void => {
  process.stdout.write(`\n${title}\n\n${text}\n`)
}

interface Bench {
  readonly options: Options
  readonly server: DatabaseServer
  readonly servers: Servers
  readonly other: OtherBuild | undefined
  readonly load: LoadClient
  readonly all: ReadonlyArray<Prepared>
  readonly middle: Prepared
}

const stopAll = (processes: Iterable<ServerProcess>) => Promise.all(Array.from(processes, ({ stop }) => stop()))

/** Asks servers of the middle size by turns for everything that is to be measured. */
const byTurns = <Server extends string>(
  { load, middle, options, server }: Bench,
  servers: Readonly<Record<Server, ServerProcess>>,
  base: NoInfer<Server>
) => {
  const { rounds, routes, seconds } = options
  const { caller } = middle
  return measureThroughput(routes, { servers, base, databasePid: server.pid, load, caller, rounds, seconds })
}

const atMiddle = ({ middle, options }: Bench) =>
  `At ${middle.size.name} payments, ${CONNECTIONS} connections (medians of ${options.rounds} rounds)`

const throughput = async (bench: Bench): Promise<NonNullable<Results["throughput"]>> => {
  const { middle, options, servers } = bench
  const { caller, database, size } = middle
  const service = await servers.startService(database.url)
  const plain = await servers.startPlain(database.url)
  const bodies: Record<string, string> = {}
  for (const { call } of options.routes) {
    const { method, path } = call(caller)
    bodies[`${method} ${path}`] = (await send(plain.url, call(caller))).text
  }
  const floor = await servers.startFloor(database.url, bodies)
  const trio = { service, plain, floor }
  const routes = await byTurns(bench, trio, "plain")
  await stopAll(Object.values(trio))
  print(atMiddle(bench), throughputTable(routes, "plain"))
  return { size, connections: CONNECTIONS, routes }
}

const against = async (bench: Bench): Promise<NonNullable<Results["against"]>> => {
  const { middle, options, other, server, servers } = bench
  if (other === undefined) throw new Error("No other build was given")
  const theirs = await prepareOther(middle, server, servers, other, options)
  const pair = {
    service: await servers.startService(middle.database.url),
    other: await other.servers.startService(theirs.url)
  }
  const routes = await byTurns(bench, pair, "other")
  for (const { url } of Object.values(pair)) await expectFacts(url)
  await stopAll(Object.values(pair))
  print(`${atMiddle(bench)}, beside another build`, againstTable(routes))
  return { size: middle.size, connections: CONNECTIONS, digest: other.digest, routes }
}

const growth = async ({ all, load, options, servers }: Bench): Promise<Growth> => {
  const subjects = []
  for (const { caller, database, size } of all) {
    const service = await servers.startService(database.url)
    subjects.push({ size, caller, service, plain: await servers.startPlain(database.url) })
  }
  const measured = await measureGrowth(options.routes, subjects, load, {
    rounds: options.rounds,
    millis: options.quick ? 100 : 300
  })
  await stopAll(subjects.flatMap(({ plain, service }) => [service, plain]))
  print(`Growth: one request at a time (medians of ${options.rounds} rounds)`, growthTable(measured))
  return measured
}

const writers = async (bench: Bench): Promise<Pick<Results, "writers" | "busy" | "stale">> => {
  const { load, middle, options, server, servers } = bench
  const { caller, database, size } = middle
  const { rounds, seconds } = options
  const paid = await measureWriters({
    servers,
    databaseUrl: database.url,
    databasePid: server.pid,
    load,
    caller,
    rounds,
    seconds
  })
  const service = await servers.startService(database.url)
  const plain = await servers.startPlain(database.url)
  const stale = await lookForFresh(database, service, plain, caller)
  const busy = await measureBusy(database, service, plain, caller, ROUTES, options.quick ? 5 : BUSY_SECONDS)
  await stopAll([service, plain])
  print(`Writers, at ${size.name} payments (medians of ${rounds} rounds)`, `${writersTable(paid)}\n${busyText(busy)}`)
  return { writers: { ...paid, size }, busy, stale }
}

const big = async ({ load, middle, options, servers }: Bench): Promise<NonNullable<Results["big"]>> => {
  const { caller, database, size } = middle
  const service = await servers.startService(database.url)
  const extent = options.quick ? QUICK_BIG : BIG
  const measured = await measureBig({ service, databaseUrl: database.url, load, caller, ...extent })
  await service.stop()
  print(`A large transaction in another database, at ${size.name} payments`, bigTable(measured))
  return { ...measured, size }
}

const start = async ({ middle, options, servers }: Bench): Promise<StartResult> => {
  const measured = await measureStart(servers, middle.database.url, options.quick ? 2 : STARTS)
  print(`Start and rest, at ${middle.size.name} payments`, startText(measured))
  return measured
}

const firstBuild = async ({ all, options, servers }: Bench): Promise<ReadonlyArray<FirstBuildResult>> => {
  const measured: Array<FirstBuildResult> = []
  for (const { database } of all) measured.push(await measureFirstBuild(servers, database, options.quick ? 1 : BUILDS))
  print("First build: from the service's start until figures come from what it keeps", firstBuildTable(measured))
  return measured
}

const measure = async (bench: Bench): Promise<Omit<Results, "machine" | "run">> => {
  const has = (part: Part) => bench.options.parts.includes(part)
  return {
    ...(has("throughput") ? { throughput: await throughput(bench) } : {}),
    ...(has("against") ? { against: await against(bench) } : {}),
    ...(has("growth") ? { growth: await growth(bench) } : {}),
    ...(has("start") ? { start: await start(bench) } : {}),
    ...(has("build") ? { firstBuild: await firstBuild(bench) } : {}),
    // The last: they change the tables.
    ...(has("writers") ? await writers(bench) : {}),
    ...(has("big") ? { big: await big(bench) } : {})
  }
}

const write = async (folder: string, results: Results): Promise<void> => {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, "results.json"), `${JSON.stringify(results, null, 2)}\n`)
  if (results.growth !== undefined) await writeFile(join(folder, "growth.svg"), growthChart(results.growth))
  print("Written", `${join(folder, "results.json")}${results.growth === undefined ? "" : ", growth.svg"}`)
}

const otherBuild = async (dist: string, programs: Programs, secrets: Secrets): Promise<OtherBuild> => {
  const build = buildIn(dist)
  // It may know nothing of what this build is told.
  return { digest: await digestOf(build), servers: makeServers({ ...programs, ...build }, secrets, {}) }
}

/** All of it, in order; gives the exit code. Fails where something did not work: a wrong answer, an error, no start. */
export const runBenchmark = async (server: DatabaseServer, options: Options): Promise<number> => {
  const startedAt = new Date()
  const secrets = makeSecrets()
  const programs = await buildPrograms(options.dist)
  const servers = makeServers(programs, secrets, FOLLOWING)
  const other = options.against === undefined ? undefined : await otherBuild(options.against, programs, secrets)
  const all: Array<Prepared> = []
  for (const size of options.sizes) all.push(await prepare(size, server, servers, secrets, options))
  const middle = all.find(({ size }) => size.payments === MIDDLE) ?? all[0]
  if (middle === undefined) throw new Error("No size was given")
  const load = startLoad()
  const found = await measure({ options, server, servers, other, load, all, middle })
  load.stop()
  const { rounds, seconds } = options
  const results: Results = {
    machine: await describeMachine(server),
    run: {
      startedAt: startedAt.toISOString(),
      minutes: Math.round((Date.now() - startedAt.getTime()) / 6000) / 10,
      rounds,
      seconds,
      sizes: all.map(({ compared, database, figures, size }) => ({ size, rows: database.rows, figures, compared }))
    },
    ...found
  }
  const verdicts = verdictsOf(results)
  print("Targets", verdictsTable(verdicts))
  if (options.results !== undefined) await write(options.results, results)
  return options.strict && verdicts.some(({ state }) => state === "missed") ? 1 : 0
}
