import type { Connection } from "mysql2/promise"
import { assert, beforeAll, describe, it } from "vitest"
import { type BotWriter, EVERY_MILLIS, startWriter, WRITTEN } from "./support/BotWriter.js"
import { type Database, startDatabase } from "./support/Database.js"
import { startLoad } from "./support/LoadClient.js"
import { questions, rows } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { type ServiceProcess, startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { checkKept, judge } from "./support/Truth.js"
import { sleep, until } from "./support/Wait.js"

/**
 * Whatever is done to the service, to its account, to its rights and to its tables, a bot that writes every 20 ms notices
 * nothing. A second bot writes at the same time into a database on the same server that the service knows nothing of: as
 * long as that one waits, the machine makes one wait.
 */

const BOT = 1
/** When answers are held against the rows, counted from the harm and from one another. */
const MOMENTS = [1_500, 4_500]
const HARMED_MILLIS = MOMENTS.reduce((sum, millis) => sum + millis)
/** Whoever waits for us would wait for a second at least: that is our shortest time limit for a lock. */
const NOTICED_MILLIS = 500

const TABLES = ["kept", "leases", "users", "days", "totals", "revenue"].map((name) => `bot_analytics_${name}`)

interface Bots {
  readonly bot: BotWriter
  readonly control: BotWriter
}

interface Scene extends Bots {
  readonly database: Database
  readonly name: string
  readonly url: string
  /** Of the service's database, for whoever does the harm. */
  readonly root: Connection
  readonly service: ServiceProcess
}

interface Harm {
  readonly name: string
  readonly harm: (scene: Scene) => Promise<unknown>
  /** What /readyz says of it. */
  readonly says?: RegExp
  /** Undoes it. */
  readonly mend: (scene: Scene) => Promise<unknown>
}

const stage = makeStage()
const few = rows(0.003)
const { login: _, ...reads } = questions(few)

const longest = (waits: ReadonlyArray<number>) => Math.max(0, ...waits)
const p99 = (waits: ReadonlyArray<number>) => [...waits].sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0

/** The database `name` with the rows of small bots, and two bots that write. */
const setScene = async (database: Database, name: string, prepare: (root: Connection) => Promise<unknown>) => {
  const url = await database.create(name, few)
  await database.create(`${name}_control`, few)
  const root = await database.root(name)
  await prepare(root)
  const service = await stage.forAll(startService(url, { DATABASE_POOL_SIZE: "4" }))
  await service.untilFacts(60_000)
  const bot = startWriter(await database.root(name), BOT)
  const control = startWriter(await database.root(`${name}_control`), BOT)
  return { database, name, url, root, service, bot, control } satisfies Scene
}

const judged = ({ bot, control, root, service }: Scene) =>
  // While the answers are looked at, this process has no ear for the end of a write.
  control.between(() => bot.between(() => judge(service.url, root, BOT, WRITTEN)))

/** The service's rights go by what they were when it connected. */
const disconnect = async ({ database, root }: Scene) => {
  for (const { id } of await database.sessions()) await root.query(`KILL ${id}`).catch(() => {})
}

const asRoot =
  (...statements: ReadonlyArray<string>) =>
  async (scene: Scene) => {
    for (const statement of statements) await scene.root.query(statement.replaceAll("<db>", scene.name))
    await disconnect(scene)
  }

/** The account as it was, or made anew. */
const grantAll = ({ database, name }: Scene) => database.grant(name)

let locker: Connection

const HARMS: ReadonlyArray<Harm> = [
  {
    name: "its account may only read",
    harm: asRoot("REVOKE ALL ON <db>.* FROM app", "GRANT SELECT ON <db>.* TO app"),
    says: /figures are not brought up to date: .* denied/,
    mend: grantAll
  },
  { name: "its account is dropped", harm: asRoot("DROP USER app"), mend: grantAll },
  {
    name: "its account is renamed",
    harm: asRoot("RENAME USER app TO renamed"),
    mend: asRoot("RENAME USER renamed TO app")
  },
  {
    name: "the right to read the log is revoked",
    harm: asRoot("REVOKE REPLICATION SLAVE, REPLICATION CLIENT ON *.* FROM app"),
    says: /lacks one of the rights REPLICATION SLAVE/,
    mend: grantAll
  },
  {
    name: "its tables are dropped",
    harm: ({ root }) => root.query(`DROP TABLE ${TABLES.join(", ")}`),
    says: /own table bot_analytics_leases is missing/,
    mend: async ({ root, service }) => root.query((await readiness(service)).remedy)
  },
  {
    name: "its tables are locked by another",
    harm: async ({ database, name }) => {
      locker = await database.root(name)
      await locker.query(`LOCK TABLES ${TABLES.map((table) => `${table} WRITE`).join(", ")}`)
    },
    mend: () => locker.query("UNLOCK TABLES")
  },
  {
    name: "all rows of its tables are locked by another",
    harm: async ({ database, name }) => {
      locker = await database.root(name)
      await locker.query("BEGIN")
      for (const table of TABLES) await locker.query(`SELECT COUNT(*) FROM ${table} FOR UPDATE`)
    },
    mend: () => locker.query("ROLLBACK")
  },
  {
    name: "it is frozen (SIGSTOP)",
    harm: async ({ service }) => service.kill("SIGSTOP"),
    mend: async ({ service }) => service.kill("SIGCONT")
  }
]

/** What ends the service: another one is started. */
const ENDS: ReadonlyArray<readonly [name: string, signal: NodeJS.Signals]> = [
  ["it is stopped (SIGTERM)", "SIGTERM"],
  ["it is killed (SIGKILL)", "SIGKILL"]
]

const readiness = async ({ url }: ServiceProcess) =>
  (await (await fetch(`${url}/readyz`)).json()) as { readonly reasons: ReadonlyArray<string>; readonly remedy: string }

/** Harms, mends, and looks at what the bots felt and at what was answered. */
const hurt = async (
  scene: Scene,
  name: string,
  harm: () => Promise<unknown>,
  mend: () => Promise<Scene>,
  says?: RegExp
) => {
  scene.bot.waits()
  await sleep(2_000)
  const before = scene.bot.waits()
  scene.control.waits()
  const failed = scene.bot.failures.length
  await harm()
  const load = startLoad(scene.service.url, Object.values(reads), { clients: 2, pause: 50 })
  const words: Array<string> = []
  for (const millis of MOMENTS) {
    await sleep(millis)
    words.push(await judged(scene))
  }
  if (says !== undefined) {
    const isSaid = async () => says.test((await readiness(scene.service)).reasons.join("\n"))
    await until(`/readyz says ${says}`, isSaid, 10_000)
  }
  const next = await mend()
  await load.stop()
  const mendedAt = performance.now()
  await next.service.untilFacts(40_000)
  const recovery = performance.now() - mendedAt
  const waits = scene.bot.waits()
  const controls = scene.control.waits()
  report({
    fault: name,
    requests: waits.length,
    wrong: words.filter((word) => word !== "right" && word !== "unavailable").length,
    recovery,
    note: `${scene.bot.failures.length - failed} writes failed; longest ${longest(waits).toFixed(1)} ms, 99 % ${p99(waits).toFixed(1)} ms; before ${longest(before).toFixed(1)} and ${p99(before).toFixed(1)} ms, the other bot ${longest(controls).toFixed(1)} and ${p99(controls).toFixed(1)} ms; answers ${words.join(", ")}`
  })
  assert.deepStrictEqual(scene.bot.failures.slice(failed), [])
  assert.isAbove(waits.length, HARMED_MILLIS / EVERY_MILLIS / 2)
  assert.isBelow(longest(waits), longest(controls) + NOTICED_MILLIS)
  assert.isEmpty(words.filter((word) => word !== "right" && word !== "unavailable"))
  assert.strictEqual(await judged(next), "right")
  await scene.bot.between(async () => {
    let checked = ""
    const isFolded = async () => {
      checked = checkKept(next.url)
      return / 0 waiting to be folded/.test(checked)
    }
    await until("all is folded", isFolded, 20_000)
    assert.match(checked, /Bot 1: .* 0 differences/)
    assert.match(checked, /exit code 0$/)
  })
  return next
}

describe("a bot that writes every 20 ms notices nothing of the service when", () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await setScene(await stage.forAll(startDatabase("harmless")), "harmless", async () => {})
  })

  it.each(HARMS.map(({ name, ...how }) => [name, how] as const))("%s", async (name, { harm, mend, says }) => {
    await hurt(
      scene,
      name,
      () => harm(scene),
      async () => {
        await mend(scene)
        return scene
      },
      says
    )
  })

  it.each(ENDS)("%s", async (name, signal) => {
    scene = await hurt(
      scene,
      name,
      async () => {
        scene.service.kill(signal)
        await scene.service.exited(12_000)
      },
      async () => ({ ...scene, service: await stage.forAll(startService(scene.url, { DATABASE_POOL_SIZE: "4" })) })
    )
  })

  it("the bots can be stopped", async () => {
    await Promise.all([scene.bot.stop(), scene.control.stop()])
    assert.deepStrictEqual([...scene.bot.failures, ...scene.control.failures], [])
  })
})

/** InnoDB's own file has an end, and the service's tables lie in it; the bots' have files of their own. */
const withEnd = {
  options: ["--innodb-data-file-path=ibdata1:12M:autoextend:max:48M"],
  prepare: (root: Connection) => root.query("SET GLOBAL innodb_file_per_table = OFF"),
  fill: async (root: Connection) => {
    await root.query("CREATE TABLE filler (id INT PRIMARY KEY AUTO_INCREMENT, bytes LONGBLOB)")
    const isFull = async (size: number) => {
      try {
        await root.query(`INSERT INTO filler (bytes) VALUES (REPEAT('x', ${size}))`)
        return false
      } catch (error) {
        assert.propertyVal(error, "errno", 1114)
        return true
      }
    }
    for (const size of [1_000_000, 100_000, 8_000, 100]) await until("it is full", () => isFull(size), 30_000, 1)
  },
  empty: (root: Connection) => root.query("DROP TABLE filler"),
  says: /table '\w+' is full/
}

/** A MariaDB whose own file is full ends, whoever wrote. Here each write of ours fails as it would then. */
const withoutRoom = {
  options: [],
  prepare: async () => {},
  fill: (root: Connection) =>
    root.query(
      "SET SESSION check_constraint_checks = OFF; ALTER TABLE bot_analytics_totals ADD CONSTRAINT room CHECK (n < 0)"
    ),
  empty: (root: Connection) => root.query("ALTER TABLE bot_analytics_totals DROP CONSTRAINT room"),
  says: /CONSTRAINT `room` failed/
}

describe("a bot that writes every 20 ms notices nothing when", () => {
  it("the service's tables are full", async () => {
    const how = process.env.TEST_DATABASE === "mariadb" ? withoutRoom : withEnd
    const database = await stage.forTest(startDatabase("full", how.options))
    const scene: Scene = await setScene(database, "full", how.prepare)
    const full = await database.root("full")
    await hurt(
      scene,
      "its tables are full",
      () => how.fill(full),
      async () => {
        // Rows find room in pages that are there already: a write of ours may fail a good while later.
        const isSaid = () => scene.service.log().some(({ message }) => how.says.test(message))
        await until(`the log says ${how.says}`, async () => isSaid(), 60_000)
        await how.empty(full)
        return scene
      }
    )
    await Promise.all([scene.bot.stop(), scene.control.stop()])
  }, 180_000)
})
