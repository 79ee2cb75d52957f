import * as FC from "effect/FastCheck"
import type { Connection, RowDataPacket } from "mysql2/promise"
import { assert, it } from "vitest"
import { readRows } from "../tools/bots/Read.js"
import { scenario } from "../tools/oracle/RandomRows.js"
import { statementOf, type Write, write } from "../tools/oracle/RandomWrites.js"
import { startDatabase } from "./support/Database.js"
import { ownBot } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { type ServiceProcess, startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { checkKept, judge, type Range } from "./support/Truth.js"
import { until } from "./support/Wait.js"

/**
 * Whatever happens to the bots' rows and to who reads them, every figure of every instance is what the rows say: at once
 * where the log shows it, within the audit's bound where it does not. Events come one after the other, so that it is known
 * what the rows are when an answer is looked at.
 *
 * FUZZ_SECONDS says how long to try, FUZZ_SEED what: `FUZZ_SECONDS=1800 npm run test:faults -- faults/fuzz.fault.ts`.
 */

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 40)
/** The short run is the same each time; a long one looks for something new. */
const SEED = Number(process.env.FUZZ_SEED ?? (process.env.FUZZ_SECONDS === undefined ? 1 : Date.now() % 1_000_000))
/** After so long, changes that are in no log are tried once. */
const UNLOGGED_EVERY_SECONDS = 40
/** Of so few rows: a minute, and a turn of each half for each bot, of two seconds at most (src/Facts/Audit/Auditor.ts). */
const AUDIT_BOUND_MILLIS = 60_000 + 6 * 2_000
/** An instance that was killed, or a table in the middle of a change: 503 for no longer than that. */
const UNAVAILABLE_MILLIS = 20_000
const BOTS = [1, 2, 3] as const

const isMariaDb = process.env.TEST_DATABASE === "mariadb"
const stage = makeStage()

/** What the events are tried on: rows of few bots, with another lot to take values from. */
const [world] = FC.sample(
  scenario({ maxRows: 10 }).chain((first) =>
    FC.tuple(FC.constant(first), scenario({ maxRows: 10, place: { ...first } }))
  ),
  { seed: SEED, numRuns: 1 }
)
if (world === undefined) throw new Error("there is no world")
const [first, spare] = world
const RANGE: Range = { from: first.startDate, to: first.endDate }
const rows = {
  ...first.data,
  bots: BOTS.map(ownBot),
  // The random ones differ in case and accents, which this server's collation ignores.
  payments: first.data.payments.map((row, index) => ({ ...row, bill_id: `bill ${index}` }))
}

interface Stand {
  /** Each of its statements is a transaction. */
  readonly root: Connection
  /** It has a transaction open, or none. */
  readonly open: Connection
  /** Of the service's sessions. */
  readonly sessions: () => Promise<ReadonlyArray<number>>
  readonly restart: () => Promise<void>
}

/** Some of it can't be done at every moment: a key that is there, a lock that an open transaction has. */
const tryTo = async (connection: Connection, sql: string, values: ReadonlyArray<unknown> = []) => {
  try {
    await connection.query(sql, [...values])
    return true
  } catch (error) {
    assert.property(error, "errno", String(error))
    return false
  }
}

const doWrite = async ({ root }: Stand, one: Write, by: Connection = root) => {
  const statement = statementOf(one, await readRows(root), spare.data)
  if (statement !== undefined) await tryTo(by, statement.sql, statement.values)
}

/** In a session with other settings, which are there for one write. */
const withSetting = (name: string, value: string) => async (stand: Stand, one: Write) => {
  const { root } = stand
  if (!(await tryTo(root, `SET SESSION ${name} = ${value}`))) return
  await doWrite(stand, one)
  await root.query(`SET SESSION ${name} = @@GLOBAL.${name}`)
}

const close = async ({ open }: Stand, { i }: Write) => {
  await open.query(i % 3 === 0 ? "ROLLBACK" : "COMMIT")
}

const begin = async (stand: Stand, one: Write) => {
  await close(stand, one)
  await stand.open.query("BEGIN")
  await doWrite(stand, one, stand.open)
  await doWrite(stand, { ...one, i: one.i + 1, kind: "update" }, stand.open)
}

const distributed = async (stand: Stand, one: Write) => {
  const { open } = stand
  await close(stand, one)
  await open.query("XA START 'fuzz'")
  await doWrite(stand, one, open)
  await open.query("XA END 'fuzz'")
  await open.query("XA PREPARE 'fuzz'")
  await doWrite(stand, { ...one, j: one.j + 1, kind: "insert" })
  await open.query(one.i % 3 === 0 ? "XA ROLLBACK 'fuzz'" : "XA COMMIT 'fuzz'")
}

/** Definitions change with no transaction open, which would hold them up. */
const define =
  (...statements: ReadonlyArray<(table: string) => string>) =>
  async (stand: Stand, one: Write) => {
    await close(stand, one)
    for (const statement of statements) await tryTo(stand.root, statement(one.table))
  }

const swap = define(
  () => "DROP TABLE IF EXISTS fuzz_new, fuzz_old",
  (table) => `CREATE TABLE fuzz_new LIKE ${table}`,
  (table) => `INSERT INTO fuzz_new SELECT * FROM ${table} WHERE user_id % 2 = 0`,
  (table) => `RENAME TABLE ${table} TO fuzz_old, fuzz_new TO ${table}`,
  (table) => `UPDATE ${table} SET user_id = 3 LIMIT 1`
)

const exchange = define(
  () => "DROP TABLE IF EXISTS fuzz_part",
  () => "CREATE TABLE fuzz_part LIKE users",
  () => "ALTER TABLE users PARTITION BY HASH (uid) PARTITIONS 2",
  () => "ALTER TABLE users EXCHANGE PARTITION p1 WITH TABLE fuzz_part",
  () => "ALTER TABLE users REMOVE PARTITIONING"
)

const EVENTS: Readonly<Record<string, readonly [weight: number, act: (stand: Stand, one: Write) => Promise<unknown>]>> =
  {
    write: [30, doWrite],
    "begin a transaction": [4, begin],
    "end it": [3, close],
    XA: [2, distributed],
    "statement format": [1, withSetting("binlog_format", "'STATEMENT'")],
    "mixed format": [1, withSetting("binlog_format", "'MIXED'")],
    "minimal images": [1, withSetting("binlog_row_image", "'MINIMAL'")],
    "images without blobs": [1, withSetting("binlog_row_image", "'NOBLOB'")],
    truncate: [1, define((table) => `TRUNCATE TABLE ${table}`)],
    swap: [1, swap],
    "exchange a partition": [1, exchange],
    "truncate a partition": [
      1,
      define(
        () => "ALTER TABLE subscriptions PARTITION BY HASH (uid) PARTITIONS 3",
        () => "ALTER TABLE subscriptions TRUNCATE PARTITION p1",
        () => "ALTER TABLE subscriptions REMOVE PARTITIONING"
      )
    ],
    "amounts rounded by ALTER": [
      1,
      define(
        () => "SET SESSION sql_mode = ''",
        () => "ALTER TABLE payments MODIFY amount DECIMAL(20, 2) NOT NULL",
        () => "ALTER TABLE payments MODIFY amount DECIMAL(20, 8) NOT NULL",
        () => "SET SESSION sql_mode = DEFAULT"
      )
    ],
    "another column": [
      1,
      define(
        (table) => `ALTER TABLE ${table} ADD COLUMN fuzz INT NULL FIRST`,
        (table) => `ALTER TABLE ${table} DROP COLUMN fuzz`
      )
    ],
    optimize: [1, define((table) => `OPTIMIZE TABLE ${table}`)],
    rotate: [1, ({ root }) => root.query("FLUSH BINARY LOGS")],
    purge: [
      1,
      async ({ root }) => {
        await root.query("FLUSH BINARY LOGS")
        const [files] = await root.query<Array<RowDataPacket & { readonly Log_name: string }>>("SHOW BINARY LOGS")
        await tryTo(root, "PURGE BINARY LOGS TO ?", [files.at(-1)?.Log_name])
      }
    ],
    "KILL of the service's sessions": [
      1,
      async ({ root, sessions }) => {
        for (const id of await sessions()) await tryTo(root, `KILL ${id}`)
      }
    ],
    "kill -9 of an instance": [1, ({ restart }) => restart()]
  }

const event = FC.record({
  name: FC.oneof(...Object.entries(EVENTS).map(([name, [weight]]) => ({ weight, arbitrary: FC.constant(name) }))),
  one: write
})

it(
  `every figure is what the rows say, whatever happens (${SECONDS} s, FUZZ_SEED=${SEED})`,
  async () => {
    const options = isMariaDb ? [] : ["--binlog-format=ROW"]
    const database = await stage.forTest(startDatabase("fuzz", options))
    const url = await database.create("fuzz", rows)
    const [root, open] = [await database.root("fuzz"), await database.root("fuzz")]
    for (const connection of [root, open]) {
      await connection.query("SET SESSION innodb_lock_wait_timeout = 1, lock_wait_timeout = 1")
    }
    const start = async (facts: string) => {
      const service = await stage.forTest(startService(url, { FACTS: facts }))
      await service.untilReady(30_000)
      return service
    }
    // The last one is killed from time to time.
    const services: [ServiceProcess, ServiceProcess, ServiceProcess] = [
      await start("off"),
      await start("on"),
      await start("on")
    ]
    const [plain, steady] = services
    await steady.untilFacts(30_000)
    let compared = 0
    const history: Array<string> = []

    const stand: Stand = {
      root,
      open,
      sessions: async () => (await database.sessions()).map(({ id }) => id),
      restart: async () => {
        services[2].kill("SIGKILL")
        await services[2].exited(10_000)
        services[2] = await start("on")
      }
    }

    const wrongsOf = async (service: ServiceProcess) => {
      const found: Array<string> = []
      for (const bot of BOTS) {
        let word = ""
        await until(
          "there is an answer",
          async () => {
            word = await judge(service.url, root, bot, RANGE)
            return word !== "unavailable"
          },
          UNAVAILABLE_MILLIS
        )
        compared += 3
        if (word !== "right") found.push(`${service === plain ? "from the rows" : "from facts"}, bot ${bot}: ${word}`)
      }
      return found
    }

    /** What is wrong, of any bot; nothing where all is right. */
    const wrongs = async (which: ReadonlyArray<ServiceProcess>) => (await Promise.all(which.map(wrongsOf))).flat()

    const tryUnlogged = async (ones: ReadonlyArray<Write>) => {
      await open.query("COMMIT")
      await steady.untilFacts(30_000)
      await root.query("SET SESSION sql_log_bin = 0")
      for (const one of ones) await doWrite(stand, one)
      await root.query(
        `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
         VALUES ('unlogged-${found.length}', 1, ${BOTS[0]}, 7, 'RUB', 'PAID', '${RANGE.from} 12:00:00')`
      )
      await root.query("SET SESSION sql_log_bin = 1")
      assert.deepStrictEqual(await wrongs([plain]), [])
      const isRight = async () => (await wrongs(services)).length === 0
      return until("the audit has found what is in no log", isRight, AUDIT_BOUND_MILLIS, 500)
    }

    const end = performance.now() + SECONDS * 1_000
    const found: Array<number> = []
    const unlogged = () =>
      FC.sample(FC.array(write, { minLength: 1, maxLength: 4 }), { seed: SEED + found.length, numRuns: 1 })
    let nextUnlogged = performance.now() + UNLOGGED_EVERY_SECONDS * 1_000
    for (let round = 0; performance.now() < end; round++) {
      // What follows a definition too closely would find answers from the rows alone.
      if (round % 4 === 0) await steady.untilFacts(30_000)
      for (const { name, one } of FC.sample(event, { seed: SEED + round, numRuns: 1 + (round % 4) })) {
        history.push(`${name} ${JSON.stringify(one)}`)
        await EVENTS[name]?.[1](stand, one)
      }
      assert.deepStrictEqual(await wrongs(services), [], history.slice(-30).join("\n"))
      if (performance.now() > nextUnlogged && performance.now() < end) {
        for (const ones of unlogged()) found.push(await tryUnlogged(ones))
        nextUnlogged = performance.now() + UNLOGGED_EVERY_SECONDS * 1_000
      }
    }
    for (const ones of unlogged()) found.push(await tryUnlogged(ones))
    const metrics = await (await fetch(`${steady.url}/metrics`)).text()
    const answers = (source: string) =>
      Number(new RegExp(`^figures_answers_total\\{source="${source}"\\} (\\d+)$`, "m").exec(metrics)?.[1])
    const sources = ["facts", "facts_and_rows", "rows"].map((source) => `${source} ${answers(source)}`)
    report({
      fault: `${history.length} random events`,
      requests: compared,
      wrong: 0,
      note: `seed ${SEED}; answers of one instance: ${sources.join(", ")}; unlogged writes right after ${found.map((millis) => (millis / 1_000).toFixed(1)).join(", ")} s`
    })
    assert.isAbove(answers("facts"), 0)
    assert.isAbove(answers("facts_and_rows"), 0)
    await open.query("COMMIT")
    let checked = ""
    const isWhole = async () => {
      checked = checkKept(url)
      return /exit code 0$/.test(checked) && !/being built/.test(checked)
    }
    await until("what is kept is what the rows say", isWhole, 60_000, 500)
    for (const bot of BOTS) assert.match(checked, new RegExp(`Bot ${bot}: .* 0 differences`))
  },
  SECONDS * 3_000 + 300_000
)
