import { SqlError } from "@effect/sql/SqlError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { migrations } from "../../migrations/index.js"
import type { DatabaseAddress } from "../../src/Config.js"
import * as Client from "../../src/Database/Client.js"
import * as Migrator from "../../src/Database/Migrator.js"
import * as Refusals from "../../src/Database/Refusals.js"
import { loadRows } from "../bots/Load.js"
import { demoDataSet } from "./DataSet.js"
import { decide, isNamedForDemo } from "./Decision.js"
import { DatabaseFailed, DemoRefused } from "./Errors.js"
import { describeRows, look } from "./Found.js"
import * as Mark from "./Mark.js"
import { makeProgress, type ProgressOutput } from "./Progress.js"
import { attempt, open, rows, run, type Session } from "./Session.js"

export interface FillOptions {
  readonly address: DatabaseAddress
  /** The server is the demo's own: the load need not be in its log, since nobody follows it yet. */
  readonly privateServer: boolean
  readonly scale: number
  /** Takes the words to the user; standard error by default. */
  readonly output?: ProgressOutput
}

/** ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR */
const DENIED = [1044, 1045, 1227]
/** ER_BAD_DB_ERROR */
const UNKNOWN_DATABASE = 1049

const quoted = (name: string): string => `\`${name.replaceAll("`", "``")}\``

const create = (session: Session, name: string) =>
  run(session, `CREATE DATABASE ${quoted(name)} CHARACTER SET utf8mb4`).pipe(
    Effect.zipRight(run(session, `USE ${quoted(name)}`))
  )

/** Chooses the database; one that is not there is made, if its name says that it is the demo's. Tells whether it was made. */
const choose = (session: Session, { database, username }: DatabaseAddress) => {
  const isMissing = ({ errno }: DatabaseFailed) => errno === UNKNOWN_DATABASE
  const isDenied = ({ errno }: DatabaseFailed) => errno !== undefined && DENIED.includes(errno)
  const named = isNamedForDemo(database)
  const advice = named
    ? `An administrator may run: CREATE DATABASE IF NOT EXISTS ${quoted(database)}; GRANT ALL ON ${quoted(database)}.* TO ${username};`
    : 'The demo makes only a database whose name ends in "_demo".'
  const explain = (error: DatabaseFailed) =>
    isMissing(error) || isDenied(error)
      ? new DemoRefused({ message: `There is no database "${database}" for the account ${username}. ${advice}` })
      : error
  return run(session, `USE ${quoted(database)}`).pipe(
    Effect.as(false),
    Effect.catchIf(
      (error) => named && isMissing(error),
      () => Effect.as(create(session, database), true)
    ),
    Effect.mapError(explain)
  )
}

/**
 * Held by the connection, so that it ends with the process in whatever way that ends. A server takes notice of that only when
 * the statement of that moment is through: so we wait a little.
 */
const lock = (session: Session, database: string) =>
  rows<{ readonly mine: number | null }>(session, "SELECT GET_LOCK(LEFT(CONCAT('demo ', ?), 64), 5) AS mine", [
    database
  ]).pipe(
    Effect.filterOrFail(
      ([row]) => row?.mine === 1,
      () =>
        new DemoRefused({ message: `Another demo is just loading its data into "${database}". Nothing was written.` })
    )
  )

/** The four tables and the service's own, as the service would make them. */
const makeTables = (address: DatabaseAddress) =>
  Migrator.run(migrations).pipe(
    Effect.provide(Layer.provide(Client.own({ address, size: 2, queryTimeout: Duration.seconds(10) }), Refusals.layer)),
    Effect.mapError(
      (error) =>
        new DatabaseFailed({
          message: error instanceof SqlError ? Migrator.explain(error) : error.message,
          errno: undefined
        })
    )
  )

const load = (
  session: Session,
  { address, output, privateServer, scale }: FillOptions,
  madeDatabase: boolean,
  now: Date
) =>
  Effect.gen(function* () {
    if (privateServer) yield* run(session, "SET SESSION sql_log_bin = 0")
    yield* Mark.begin(session, madeDatabase, now)
    yield* makeTables(address)
    const data = demoDataSet({ now, scale })
    const progress = makeProgress("Loading the demo data", output)
    yield* attempt(() => loadRows(session, data, progress.update))
    progress.finish()
    yield* Mark.end(session, describeRows(new Map(Object.entries(data).map(([table, all]) => [table, all.length]))))
  })

/** Fills the demo's database where the rule of `decide` lets it, before the service starts. */
export const fill = (options: FillOptions) =>
  Effect.scoped(
    Effect.gen(function* () {
      const {
        address: { database },
        output = process.stderr
      } = options
      const say = (line: string) => Effect.sync(() => void output.write(`${line}\n`))
      const session = yield* open(options.address)
      const madeDatabase = yield* choose(session, options.address)
      yield* lock(session, database)
      const now = new Date(yield* Effect.clockWith((clock) => clock.currentTimeMillis))
      const decision = decide(database, yield* look(session), now)
      switch (decision._tag) {
        case "Refuse":
          return yield* new DemoRefused({ message: decision.because })
        case "GoOn":
          return decision.note === undefined ? undefined : yield* say(decision.note)
        case "LoadAnew":
          yield* say(`${decision.because}: the demo's database is made anew.`)
          yield* run(session, `DROP DATABASE ${quoted(database)}`)
          yield* create(session, database)
          return yield* load(session, options, true, now)
        case "Load":
          return yield* load(session, options, madeDatabase, now)
      }
    })
  )
