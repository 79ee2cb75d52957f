import { randomBytes } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import mysql from "mysql2/promise"
import { type DatabaseServer, startServer } from "../../tools/database/DatabaseServer.js"
import type { TestDatabase } from "./Service.js"

/** A database server of one file's own, whose defaults a test may turn round. */

export type Variables = Readonly<Record<string, string | number>>

/** A database whose account may do all there, and on the server read its log alone: `init_connect` is for such accounts. */
export interface PrivateDatabase extends TestDatabase {
  /** The account's name on the server. */
  readonly account: string
}

export class PrivateServer extends Context.Tag("app/testing/PrivateServer")<
  PrivateServer,
  {
    readonly server: DatabaseServer
    /** As root, with the session settings of a plain server: opened before any of them was changed. */
    readonly root: mysql.Connection
    /** A database with an account of its own; `limits` is what follows WITH in CREATE USER. */
    readonly database: (limits?: string) => Effect.Effect<PrivateDatabase, never, Scope.Scope>
    /** Sets defaults of the server until the scope closes. False where this server knows one of them not. */
    readonly turned: (variables: Variables) => Effect.Effect<boolean, never, Scope.Scope>
  }
>() {}

const ER_UNKNOWN_SYSTEM_VARIABLE = 1193

const isUnknown = (error: unknown) =>
  error instanceof Error && Reflect.get(error, "errno") === ER_UNKNOWN_SYSTEM_VARIABLE

/** A value as `SET GLOBAL` takes it back: whole numbers may be past 2^53, and are no texts; nor is the word for none. */
const literal = (value: string | number) =>
  /^(-?\d+(\.\d+)?|DEFAULT)$/.test(String(value)) ? String(value) : mysql.escape(value)

const ended = (connection: mysql.Connection) => Effect.promise(() => connection.end().catch(() => connection.destroy()))

export const privateServer = (name: string, options: ReadonlyArray<string> = []): Layer.Layer<PrivateServer> =>
  Layer.scoped(
    PrivateServer,
    Effect.gen(function* () {
      const kind = process.env.TEST_DATABASE === "mariadb" ? "mariadb" : "mysql"
      const server = yield* startServer({ kind, name: `${name}-${process.pid}`, keep: false, options })
      const connect = Effect.acquireRelease(
        Effect.promise(async () => {
          const connection = await mysql.createConnection({
            host: server.host,
            port: server.port,
            user: "root",
            charset: "utf8mb4",
            timezone: "Z",
            dateStrings: true,
            supportBigNumbers: true,
            multipleStatements: true
          })
          await connection.query("SET NAMES utf8mb4")
          return connection
        }),
        ended
      )
      const root = yield* connect

      const database = (limits = "") =>
        Effect.gen(function* () {
          const id = randomBytes(6).toString("hex")
          const [database, account, password] = [`d_${id}`, `a_${id}`, "a password for tests"]
          const connection = yield* connect
          yield* Effect.acquireRelease(
            Effect.promise(() =>
              connection.query(
                `CREATE DATABASE ${database} CHARACTER SET utf8mb4; USE ${database};
                 CREATE USER ${account} IDENTIFIED BY '${password}' ${limits === "" ? "" : `WITH ${limits}`};
                 GRANT ALL ON ${database}.* TO ${account};
                 GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ${account}`
              )
            ),
            () => Effect.promise(() => root.query(`DROP DATABASE ${database}; DROP USER ${account}`))
          )
          return {
            account,
            connection,
            address: {
              host: server.host,
              port: server.port,
              database,
              username: account,
              password: Redacted.make(password),
              tls: "off"
            }
          } satisfies PrivateDatabase
        })

      const turned = (variables: Variables) =>
        Effect.gen(function* () {
          for (const [name, value] of Object.entries(variables)) {
            const known = yield* Effect.acquireRelease(
              Effect.promise(async () => {
                try {
                  const [[row]] = (await root.query(`SELECT @@GLOBAL.${name} AS was`)) as unknown as [
                    [{ readonly was: string | number }]
                  ]
                  await root.query(`SET GLOBAL ${name} = ${literal(value)}`)
                  return row
                } catch (error) {
                  if (isUnknown(error)) return undefined
                  throw error
                }
              }),
              (row) =>
                Effect.promise(async () => {
                  if (row !== undefined) await root.query(`SET GLOBAL ${name} = ${literal(row.was)}`)
                })
            )
            if (known === undefined) return false
          }
          return true
        })

      return { server, root, database, turned }
    })
  ).pipe(Layer.orDie)
