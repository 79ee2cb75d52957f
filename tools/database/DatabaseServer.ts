import { readFile } from "node:fs/promises"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { findServer, type ServerBinary } from "./Binaries.js"
import { tail } from "./Command.js"
import { freePort, serverVersion, withConnection } from "./Connection.js"
import { prepareDataFolder } from "./DataFolder.js"
import { type DatabaseServerError, StartFailed, StatementFailed } from "./Errors.js"
import { sweepThrowAways, takeOver } from "./Leftovers.js"
import { inHome, keptHome, type ServerKind, throwAwayHome } from "./Paths.js"
import { serverCommand } from "./ServerOptions.js"
import { makeSupervisor, type ServerProcess, type Supervisor } from "./Supervisor.js"

export type { ServerKind } from "./Paths.js"

/** A private database server, reachable only from this machine, as `root` without a password. */
export interface DatabaseServer {
  readonly kind: ServerKind
  readonly version: string
  readonly host: string
  readonly port: number
  /** The process id of the server as last started. */
  readonly pid: number
  readonly dataFolder: string
  readonly url: (database: string) => string
  /** Creates a database unless it exists, and gives its URL. */
  readonly createDatabase: (name: string) => Effect.Effect<string, DatabaseServerError>
  /** Sends a signal to the server; after SIGKILL it waits until the process has gone. Does nothing when it is not running. */
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Starts the server again after `kill` or `stop`, on the same port and data. Does nothing when it is running. */
  readonly start: Effect.Effect<void, DatabaseServerError>
  /** Shuts the server down in order, also when it is frozen; its data stay for a later `start`. */
  readonly stop: Effect.Effect<void>
}

export interface DatabaseServerOptions {
  readonly kind: ServerKind
  /** Names the data folder: letters, digits, `_` and `-`. */
  readonly name: string
  /** Keeps the data for the next server of that name; otherwise they are deleted when the scope closes. */
  readonly keep: boolean
  /** The size of InnoDB's buffer pool, such as `1G`; 256M by default. */
  readonly bufferPool?: string
  /** Options of the server's own, such as `--log-bin=binlog`. */
  readonly options?: ReadonlyArray<string>
  /** A free port below 32768 by default. */
  readonly port?: number
}

const host = "127.0.0.1"
const readyWithin = "60 seconds"
const attempts = 3

const lastWords = (home: string) =>
  Effect.promise(() => readFile(inHome(home).errorLog, "utf8").catch(() => "")).pipe(Effect.map((log) => tail(log)))

const startFailed = (home: string, reason: string) =>
  lastWords(home).pipe(
    Effect.flatMap((log) => new StartFailed({ message: `The server in ${home} did not start: ${reason}\n${log}` }))
  )

/** Starts the server once and waits until it answers. */
const boot = (supervisor: Supervisor, command: ReadonlyArray<string>, home: string, port: number) =>
  Effect.gen(function* () {
    const launched = yield* supervisor.launch(command)
    const died = Effect.promise(() => launched.gone).pipe(
      Effect.flatMap((reason) => startFailed(home, `it ended with ${reason}`))
    )
    const version = yield* serverVersion(port).pipe(
      Effect.raceFirst(died),
      Effect.timeoutFail({ duration: readyWithin, onTimeout: () => "late" as const }),
      Effect.catchIf(
        (error) => error === "late",
        () => startFailed(home, `it did not answer within ${readyWithin}`)
      )
    )
    return { launched, version }
  })

const makeServer = (binary: ServerBinary, home: string, supervisor: Supervisor, options: DatabaseServerOptions) =>
  Effect.gen(function* () {
    const bootOn = (port: number) => {
      const { bufferPool = "256M", keep, options: own = [] } = options
      const settings = { home, port, keep, bufferPool, options: own }
      return boot(supervisor, serverCommand(binary, settings), home, port).pipe(
        Effect.map((booted) => ({ ...booted, port }))
      )
    }
    // Another process may take the port between our look and the server's.
    const first =
      options.port === undefined
        ? yield* freePort.pipe(
            Effect.flatMap(bootOn),
            Effect.retry({ times: attempts - 1, while: (error) => /address already in use/i.test(error.message) })
          )
        : yield* bootOn(options.port)
    const { port, version } = first
    let current: ServerProcess = first.launched
    let running = true
    let stopping = false
    const watch = (launched: ServerProcess) =>
      void launched.gone.then(() => {
        if (current === launched) running = false
      })
    watch(current)

    const gone = Effect.promise(() => current.gone)
    const stop = Effect.suspend(() => {
      if (!running) return Effect.void
      stopping = true
      return supervisor.requestStop.pipe(Effect.zipRight(gone), Effect.asVoid)
    })
    const start = Effect.gen(function* () {
      if (running && !stopping) return
      yield* stop
      const { launched } = yield* bootOn(port)
      current = launched
      running = true
      stopping = false
      watch(launched)
    })
    const kill = (signal: NodeJS.Signals) =>
      Effect.suspend(() => {
        if (!running) return Effect.void
        try {
          process.kill(current.pid, signal)
        } catch {
          // It has ended by itself a moment ago.
          return Effect.void
        }
        if (signal === "SIGTERM") stopping = true
        return signal === "SIGKILL" ? Effect.asVoid(gone) : Effect.void
      })
    const url = (database: string) => `mysql://root@${host}:${port}/${encodeURIComponent(database)}`
    const createDatabase = (name: string) =>
      withConnection(port, (connection) =>
        connection.query(`CREATE DATABASE IF NOT EXISTS \`${name.replaceAll("`", "``")}\``)
      ).pipe(
        Effect.as(url(name)),
        Effect.mapError(
          ({ cause }) => new StatementFailed({ message: `Could not create the database ${name}: ${String(cause)}` })
        )
      )
    return {
      kind: binary.kind,
      version,
      host,
      port,
      get pid() {
        return current.pid
      },
      dataFolder: inHome(home).dataFolder,
      url,
      createDatabase,
      kill,
      start,
      stop
    } satisfies DatabaseServer
  })

/** Starts a private server, having fetched and initialised what is missing. It stops with its scope, or with this process. */
export const startServer = (
  options: DatabaseServerOptions
): Effect.Effect<DatabaseServer, DatabaseServerError, Scope.Scope> =>
  Effect.gen(function* () {
    if (!/^[\w-]+$/.test(options.name)) {
      return yield* new StartFailed({ message: `"${options.name}" is not a name: use letters, digits, _ and -.` })
    }
    const binary = yield* findServer(options.kind)
    yield* sweepThrowAways
    const home = options.keep ? keptHome(options.kind, options.name) : throwAwayHome(options.kind, options.name)
    if (options.keep) yield* takeOver(home)
    const supervisor = yield* makeSupervisor(home, options.keep)
    yield* prepareDataFolder(binary, home)
    return yield* makeServer(binary, home, supervisor, options)
  })
