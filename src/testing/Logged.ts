import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import mysql from "mysql2/promise"
import { type DatabaseServer, type ServerKind, startServer } from "../../tools/database/DatabaseServer.js"
import type { DatabaseAddress } from "../Config.js"
import { connectionOptions } from "../Database/Session.js"
import * as Follower from "../Follower/Follower.js"
import type * as Place from "../Follower/Place.js"
import { makeClient } from "./Database.js"

/** Servers that keep a binary log, with the bots' tables, and followers of it. */

export const serverKind: ServerKind = process.env.TEST_DATABASE === "mariadb" ? "mariadb" : "mysql"

const LOG_OPTIONS: Readonly<Record<ServerKind, ReadonlyArray<string>>> = {
  mysql: ["--log-bin=binlog"],
  mariadb: ["--log-bin=binlog", "--binlog-format=ROW", "--server-id=7"]
}

/** One for a whole file of tests. */
export class LoggedServer extends Context.Tag("test/LoggedServer")<LoggedServer, DatabaseServer>() {}

export const loggedServer = (name: string, options: ReadonlyArray<string> = []) =>
  Layer.scoped(LoggedServer, startLoggedServer(name, options))

export const startLoggedServer = (name: string, options: ReadonlyArray<string> = []) =>
  startServer({
    kind: serverKind,
    name: `${name}-${process.pid}`,
    keep: false,
    options: [...LOG_OPTIONS[serverKind], ...options]
  })

export const OWN = { table: "kept", botColumn: "bot_id", tokenColumn: "token" } as const

const DATABASE = "App"

const TABLES = `
  CREATE TABLE users (uid INT PRIMARY KEY AUTO_INCREMENT, user_id BIGINT, bot_id INT, name VARCHAR(300), n BIGINT NOT NULL DEFAULT 0);
  CREATE TABLE payments (bill_id VARCHAR(64) PRIMARY KEY, user_id BIGINT, bot_id INT, amount DECIMAL(20, 8), meta JSON);
  CREATE TABLE subscriptions (uid INT PRIMARY KEY AUTO_INCREMENT, sub_url VARCHAR(512), user_id BIGINT, bot_id INT);
  CREATE TABLE kept (bot_id INT PRIMARY KEY, token VARCHAR(40) NOT NULL, n INT NOT NULL DEFAULT 0);
  CREATE TABLE other (id INT PRIMARY KEY AUTO_INCREMENT, v INT)`

export interface Logged {
  readonly server: DatabaseServer
  readonly address: DatabaseAddress
  /** A bot, or a DBA. */
  readonly connection: mysql.Connection
  readonly run: (...statements: ReadonlyArray<string>) => Effect.Effect<void>
  readonly connect: Effect.Effect<mysql.Connection>
}

export const addressOf = (server: Pick<DatabaseServer, "host" | "port">): DatabaseAddress => ({
  host: server.host,
  port: server.port,
  database: DATABASE,
  username: "root",
  password: Redacted.make(""),
  tls: "off"
})

/** An empty database on the server, with the bots' tables and one of our own. */
export const fresh = (server: DatabaseServer) =>
  Effect.gen(function* () {
    const { host, port } = server
    const connect = Effect.promise(() =>
      mysql.createConnection({ host, port, user: "root", multipleStatements: true, dateStrings: true })
    )
    const connection = yield* Effect.acquireRelease(connect, (open) => Effect.sync(() => open.destroy()))
    const run: Logged["run"] = (...statements) =>
      Effect.forEach(statements, (statement) => Effect.promise(() => connection.query(statement)), { discard: true })
    yield* run(`DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE}; USE ${DATABASE}; ${TABLES}`)
    const connectHere = Effect.tap(connect, (other) => Effect.promise(() => other.query(`USE ${DATABASE}`)))
    return { server, address: addressOf(server), connection, run, connect: connectHere } satisfies Logged
  })

export interface Following {
  readonly follower: typeof Follower.Follower.Service
  /** Waits until all that was written before is read. */
  readonly caughtUp: Effect.Effect<Place.Place>
  /** Whose rows changed since: `bot:user`, `bot:all`. */
  readonly since: (from: Place.Place) => ReadonlyArray<string>
  /** What was changed, and what was doubted, by what the statements did. */
  readonly seen: <E, R>(
    doing: Effect.Effect<unknown, E, R>
  ) => Effect.Effect<
    {
      readonly users: ReadonlyArray<string>
      readonly doubts: ReadonlyArray<string>
    },
    E,
    R
  >
  readonly provide: <A, E>(self: Effect.Effect<A, E, SqlClient.SqlClient>) => Effect.Effect<A, E>
}

const WITHIN = Duration.seconds(10)

export const follow = (
  address: DatabaseAddress,
  changes: Partial<Follower.FollowerOptions> = {},
  log: DatabaseAddress = address
) =>
  Effect.gen(function* () {
    const { sql } = yield* makeClient(address, { size: 3 })
    const provide = Effect.provideService(SqlClient.SqlClient, sql)
    const follower = yield* Effect.map(
      Layer.build(
        Follower.layer({
          connection: connectionOptions(log, Duration.seconds(5)),
          database: address.database,
          own: OWN,
          kept: Effect.succeed([]),
          ...changes
        }).pipe(
          Layer.provide(Layer.succeed(SqlClient.SqlClient, sql)),
          Layer.provide(Logger.minimumLogLevel(process.env.TEST_LOG ? LogLevel.All : LogLevel.None))
        )
      ),
      (context) => Context.get(context, Follower.Follower)
    )
    const patient: Effect.Effect<Place.Place> = follower.upToDate(WITHIN).pipe(
      provide,
      Effect.tapError(() => Effect.sleep(Duration.millis(20))),
      Effect.retry({ times: 500 }),
      Effect.orDie
    )
    const since: Following["since"] = (from) =>
      follower
        .pending()
        .bots.flatMap(([bot]) => {
          const changed = follower.changed(bot, from)
          return changed._tag === "Users" ? changed.users.map((user) => `${bot}:${user}`) : [`${bot}:all`]
        })
        .sort()
    const seen: Following["seen"] = (doing) =>
      Effect.gen(function* () {
        const from = yield* patient
        const before = yield* follower.figures
        yield* doing
        yield* patient
        const after = yield* follower.figures
        const count = (doubts: Follower.Figures["doubts"], kind: string, table: string | undefined) =>
          doubts.find((doubt) => doubt.kind === kind && doubt.table === table)?.count ?? 0
        const doubts = after.doubts
          .filter(({ count: n, kind, table }) => n > count(before.doubts, kind, table))
          .map(({ kind, table }) => (table === undefined ? kind : `${kind} ${table}`))
          .sort()
        return { users: since(from), doubts }
      })
    return { follower, caughtUp: patient, since, seen, provide } satisfies Following
  })
