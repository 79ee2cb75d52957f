import { createHash } from "node:crypto"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import mysql from "mysql2/promise"
import { migrations } from "../../migrations/index.js"
import type { DatabaseAddress } from "../Config.js"
import * as Client from "../Database/Client.js"
import * as Migrator from "../Database/Migrator.js"
import * as Pool from "../Database/Pool.js"
import * as Refusals from "../Database/Refusals.js"
import * as Telemetry from "../Telemetry.js"
import type { TestDatabase, TestResponse } from "./Service.js"

/** What tests of the database layer do again and again. */

export interface TestClient {
  readonly sql: SqlClient.SqlClient
  readonly pool: typeof Pool.Pool.Service
}

/** A pool of its own on this database, without the service around it. */
export const makeClient = (
  address: DatabaseAddress,
  { queryTimeout = Duration.seconds(10), size = 2 }: Partial<Pool.PoolOptions> = {}
): Effect.Effect<TestClient, never, Scope.Scope> =>
  Layer.build(
    Layer.effect(SqlClient.SqlClient, Client.make(address)).pipe(
      Layer.provideMerge(Layer.scoped(Pool.Pool, Pool.make({ address, size, queryTimeout }))),
      Layer.provide([Refusals.layer, Telemetry.off])
    )
  ).pipe(
    Effect.map((context) => ({
      sql: Context.get(context, SqlClient.SqlClient),
      pool: Context.get(context, Pool.Pool)
    }))
  )

/** Migrates with a pool of its own: the files of `migrations/`, unless the test has others. */
export const migrate = (address: DatabaseAddress, list: ReadonlyArray<Migrator.MigrationFile> = migrations) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { sql } = yield* makeClient(address)
      return yield* Effect.provideService(Migrator.run(list), SqlClient.SqlClient, sql)
    })
  )

/** One more session on this database, apart from the service's pool: a bot, or a DBA. */
export const connect = ({ database, host, password, port, username }: DatabaseAddress) =>
  Effect.acquireRelease(
    Effect.promise(() =>
      mysql.createConnection({
        host,
        port,
        user: username,
        password: Redacted.value(password),
        database,
        dateStrings: true,
        multipleStatements: true
      })
    ),
    (connection) => Effect.promise(() => connection.end().catch(() => connection.destroy()))
  )

export const rowsOf = async (
  connection: mysql.Connection,
  statement: string,
  values: ReadonlyArray<unknown> = []
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
): Promise<Array<any>> => {
  const [rows] = await connection.query(statement, [...values])
  return Array.isArray(rows) ? rows : []
}

/** Every column of every table of this database, with its type, and every index: equal texts, equal schemas. */
export const schemaOf = async (connection: mysql.Connection): Promise<string> => {
  const tables = await rowsOf(
    connection,
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1`
  )
  const texts: Array<string> = []
  for (const { name } of tables) {
    const [row] = await rowsOf(connection, `SHOW CREATE TABLE \`${name}\``)
    texts.push(String(row?.["Create Table"] ?? row?.["Create View"]).replace(/ AUTO_INCREMENT=\d+/, ""))
  }
  return texts.join("\n")
}

/** A checksum over the bytes of the columns that the bots' tables have at this moment; taken again, over the same ones. */
export const contents = async (connection: mysql.Connection) => {
  const columns = await rowsOf(
    connection,
    `SELECT table_name AS t, GROUP_CONCAT('HEX(\`', column_name, '\`)' ORDER BY column_name) AS c
     FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name IN ('bots', 'users', 'payments', 'subscriptions') GROUP BY table_name`
  )
  return {
    checksum: async (): Promise<string> => {
      const hash = createHash("sha256")
      for (const { c, t } of columns) {
        const rows = await rowsOf(connection, `SELECT ${c} FROM \`${t}\` ORDER BY ${c}`)
        hash.update(`${t} ${rows.length} ${JSON.stringify(rows)}\n`)
      }
      return hash.digest("hex")
    }
  }
}

/** A GET on each route about data, as the owner of the bot. */
export const routesOf = (botUid: number): ReadonlyArray<string> => [
  "/api/bots",
  `/api/analytics?bot_id=${botUid}&start_date=2025-12-01&end_date=2026-01-31&tz=Europe/Kiev`,
  `/api/users?bot_id=${botUid}`,
  `/api/payments?bot_id=${botUid}`,
  `/api/subscriptions?bot_id=${botUid}`,
  `/api/bots/${botUid}/summary`
]

/** The routes that did not answer 200, with what they said. */
export const failingRoutes = async (
  service: { readonly get: (path: string, userId: number) => Promise<TestResponse> },
  botUid: number,
  owner: number
) => {
  const failures: Array<string> = []
  for (const route of routesOf(botUid)) {
    const { status, text } = await service.get(route, owner)
    if (status !== 200) failures.push(`${route}: ${status} ${text}`)
  }
  return failures
}

export const until = async (condition: () => boolean | Promise<boolean>, withinMillis: number): Promise<number> => {
  const started = Date.now()
  while (!(await condition())) {
    if (Date.now() - started > withinMillis) throw new Error(`It did not come within ${withinMillis} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return Date.now() - started
}

/** An account of the database server that has these rights only, until the scope closes; `db` stands for the database. */
export const limitedAccount = ({ address, connection }: TestDatabase, grants: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const username = `u${address.database.slice(-12)}`
    const password = "a password for tests"
    const grant = (what: string) =>
      Effect.promise(() => connection.query(`GRANT ${what.replace(/\bdb\./, `${address.database}.`)} TO ${username}`))
    yield* Effect.acquireRelease(
      Effect.promise(() => connection.query(`CREATE USER ${username} IDENTIFIED BY '${password}'`)),
      () => Effect.promise(() => connection.query(`DROP USER ${username}`))
    )
    for (const what of grants) yield* grant(what)
    return { address: { ...address, username, password: Redacted.make(password) }, grant } as const
  })
