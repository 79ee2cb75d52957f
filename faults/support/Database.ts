import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import mysql from "mysql2/promise"
import { type AbsentColumns, createBotTables, loadRows } from "../../tools/bots/Load.js"
import type { BotData } from "../../tools/bots/Rows.js"
import { type DatabaseServer, startServer } from "../../tools/database/DatabaseServer.js"
import { sleep, until } from "./Wait.js"

/** A private database server to do harm to, with the account that the service has there. */

const ACCOUNT = "app"

/** The connections of who folds and, for a moment, who audits, beside the pool and the reader of the log (src/Facts/Keep/Keeper.ts). */
const OF_KEEPER = 2

export interface Session {
  readonly id: number
  readonly command: string
  readonly statement: string | null
}

export interface Database {
  readonly kind: DatabaseServer["kind"]
  readonly signal: (signal: NodeJS.Signals) => Promise<void>
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  /** A new database for the service, and its URL there; with the bots' tables where there are rows for them. */
  readonly create: (name: string, rows?: BotData, absent?: AbsentColumns) => Promise<string>
  /** Makes the service's account, if it is not there, and gives it its rights on this database. */
  readonly grant: (name: string) => Promise<void>
  /** A connection as root, until the end of the file. */
  readonly root: (database: string) => Promise<mysql.Connection>
  readonly sessions: () => Promise<ReadonlyArray<Session>>
  /** Statements of the service that the server works on, or that wait there. */
  readonly statements: () => Promise<ReadonlyArray<Session>>
  /** The service's connections, once no more requests than so many can have one, and one at most reads the log. */
  readonly settled: (pool: number) => Promise<number>
  /** When a plain client was served, on the clock of `performance.now`. */
  readonly serves: (within: number) => Promise<number>
}

const isReader = (command: string): boolean => /^Binlog Dump/.test(command)

const rowsOf = async <Row>(connection: mysql.Connection, statement: string): Promise<ReadonlyArray<Row>> => {
  const [rows] = await connection.query<Array<Row & mysql.RowDataPacket>>(statement)
  return rows
}

const make = (server: DatabaseServer) =>
  Effect.gen(function* () {
    const open = yield* Effect.acquireRelease(
      Effect.sync(() => new Set<mysql.Connection>()),
      (set) => Effect.sync(() => set.forEach((connection) => void connection.destroy()))
    )
    const connect = (database?: string) =>
      mysql.createConnection({
        host: server.host,
        port: server.port,
        user: "root",
        connectTimeout: 2_000,
        dateStrings: true,
        multipleStatements: true,
        ...(database === undefined ? {} : { database })
      })
    const root = async (database: string) => {
      const connection = await connect(database)
      // The server may be killed under it.
      connection.on("error", () => open.delete(connection))
      open.add(connection)
      return connection
    }
    const once = async <A>(use: (connection: mysql.Connection) => Promise<A>): Promise<A> => {
      const connection = await connect()
      try {
        return await use(connection)
      } finally {
        connection.destroy()
      }
    }
    const sessions = () =>
      once((connection) =>
        rowsOf<Session>(
          connection,
          `SELECT id AS id, command AS command, info AS statement
           FROM information_schema.processlist WHERE user = '${ACCOUNT}'`
        )
      )
    const grant = (name: string) =>
      once(async (connection) => {
        await connection.query(`CREATE USER IF NOT EXISTS ${ACCOUNT} IDENTIFIED BY 'app'`)
        await connection.query(`GRANT ALL ON ${name}.* TO ${ACCOUNT}`)
        // To follow the log; MariaDB knows the second one as BINLOG MONITOR.
        await connection.query(`GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ${ACCOUNT}`)
      })
    const database: Database = {
      kind: server.kind,
      signal: (signal) => Effect.runPromise(server.kill(signal)),
      start: () => Effect.runPromise(server.start),
      stop: () => Effect.runPromise(server.stop),
      create: async (name, rows, absent) => {
        await Effect.runPromise(server.createDatabase(name))
        const connection = await connect(name)
        try {
          // What was committed must be there after a kill -9, as on a server that is not a throw-away one.
          await connection.query("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
          await grant(name)
          if (rows !== undefined) {
            await createBotTables(connection, absent)
            await loadRows(connection, rows, undefined, absent)
          }
        } finally {
          connection.destroy()
        }
        return `mysql://${ACCOUNT}:app@${server.host}:${server.port}/${name}`
      },
      grant,
      root,
      sessions,
      // The log is sent for as long as it is read.
      statements: async () => (await sessions()).filter(({ command }) => command !== "Sleep" && !isReader(command)),
      settled: async (pool) => {
        let count = 0
        await until(
          `the service has at most ${pool} connections`,
          async () => {
            const all = await sessions()
            const readers = all.filter(({ command }) => isReader(command)).length
            count = all.length
            return count - readers <= (pool === 0 ? 0 : pool + OF_KEEPER) && readers <= Math.min(pool, 1)
          },
          5_000
        )
        return count
      },
      serves: async (within) => {
        const started = performance.now()
        for (;;) {
          try {
            await once((connection) => connection.query("SELECT 1"))
            return performance.now()
          } catch (error) {
            if (performance.now() - started > within) throw error
            await sleep(10)
          }
        }
      }
    }
    return database
  })

/** Starts a server of the kind that `TEST_DATABASE` names. Its ports are below those that Linux gives to clients. */
export const startDatabase = (
  name: string,
  options: ReadonlyArray<string> = []
): Effect.Effect<Database, never, Scope.Scope> => {
  const kind = process.env.TEST_DATABASE === "mariadb" ? "mariadb" : "mysql"
  return Effect.orDie(Effect.flatMap(startServer({ kind, name: `fault-${name}`, keep: false, options }), make))
}
