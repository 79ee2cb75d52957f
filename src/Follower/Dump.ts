import { createConnection } from "node:net"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import mysql from "mysql2"
import { sessionSettings } from "../Database/Session.js"
import { HEADER } from "./Event.js"
import type * as Place from "./Place.js"
import * as Server from "./Server.js"

/**
 * The connection on which a server sends its log, as it does to a replica (COM_BINLOG_DUMP).
 *
 * This is the one place that uses mysql2's command interface, which has no documented form: `addCommand`, a command's
 * `execute(packet, connection)`, `writePacket`, `sequenceId`, and a packet's `buffer`, `offset`, `end`, `isError`, `isEOF`,
 * `asError`. So mysql2's version is pinned, and Follower.test.ts runs against real servers. mysql2's own
 * `createBinlogStream` knows four kinds of events, loses errors, and does not let the reader hold the server back.
 */
export interface Dump {
  readonly server: DumpServer
  /** Where the log ended when the connection was made. */
  readonly end: { readonly file: string; readonly offset: number }
  /** The files that the log has now, with their sizes. */
  readonly files: ReadonlyArray<{ readonly file: string; readonly size: number }>
  /** Asks for what follows this place. Once for each connection. */
  readonly start: (from: Place.Place) => Effect.Effect<Events, never, Scope.Scope>
}

export interface DumpServer {
  /** `server_uuid`, of MariaDB `server_uid`. */
  readonly id: string
  /** As `VERSION()` tells it. */
  readonly version: string
  /** `binlog_checksum`, as the first events have it. */
  readonly checksums: boolean
  /** `lower_case_table_names` is not 0. */
  readonly ignoresCase: boolean
}

export interface Events {
  /** What has come since it was last taken, in order; waits for something to come. One taker at a time. */
  readonly take: Effect.Effect<ReadonlyArray<Buffer>, DumpFailed>
}

export class DumpFailed extends Data.TaggedError("DumpFailed")<{
  /**
   * - `gone`: the log does not have this place any more, or never had it.
   * - `moved`: it is another server's.
   */
  readonly why: "denied" | "gone" | "moved" | "closed" | "silent" | "unreachable" | "failed"
  /** The server's number of its error, where it said one. */
  readonly errno: number | undefined
  /** What the server or the driver said; never part of the log. */
  readonly said: string
}> {
  override get message(): string {
    return this.said
  }
}

export interface DumpOptions {
  readonly connection: mysql.ConnectionOptions
  /** The server says that it lives, where nothing happens. */
  readonly heartbeat: Duration.Duration
}

const HEARTBEATS_MISSED = 5

/** Held in memory at most; the server waits meanwhile. */
const LARGEST_BACKLOG = 8 * 1024 * 1024

/** ER_MASTER_FATAL_ERROR_READING_BINLOG */
const LOG_GONE = 1236
/** ER_DBACCESS_DENIED, ER_ACCESS_DENIED, ER_SPECIFIC_ACCESS_DENIED, ER_MUST_CHANGE_PASSWORD, account locked */
const DENIED = [1044, 1045, 1227, 1820, 3118]

const COM_BINLOG_DUMP = 0x12
/** The first event of each file. */
const FILE_START = 4
const LARGEST_OFFSET = 0xffff_ffff

const failedBy = (cause: unknown, otherwise: DumpFailed["why"]): DumpFailed => {
  const errno = Predicate.hasProperty(cause, "errno") && typeof cause.errno === "number" && cause.errno > 0
  const number = errno ? Number(cause.errno) : undefined
  const words = Predicate.hasProperty(cause, "message") && cause.message !== "" ? cause.message : undefined
  const code = Predicate.hasProperty(cause, "code") ? cause.code : cause
  return new DumpFailed({
    why: number === LOG_GONE ? "gone" : DENIED.includes(number ?? 0) ? "denied" : otherwise,
    errno: number,
    said: String(words ?? code)
  })
}

interface Packet {
  readonly buffer: Buffer
  readonly offset: number
  readonly end: number
  readonly isError: () => boolean
  readonly isEOF: () => boolean
  readonly asError: (encoding: string) => unknown
}

interface Command {
  /** With the server's packets one by one, at first with none; whether the command is over. */
  readonly execute: (packet: Packet | undefined) => boolean
}

interface Commanding {
  readonly addCommand: (command: Command) => void
}

const takesCommands = (connection: mysql.Connection): connection is mysql.Connection & Commanding =>
  Predicate.hasProperty(connection, "addCommand") && typeof connection.addCommand === "function"

/** The upper half, where nobody gives numbers by hand; the server's own is not in it, save by chance. */
const randomServerId = () => 0x8000_0000 + Math.floor(Math.random() * 0x7fff_fffe)

const request = ({ file, offset }: Place.Place): Buffer => {
  const name = Buffer.from(file)
  const bytes = Buffer.alloc(HEADER - 4 + name.length)
  // The driver's header goes before it: a length of three bytes, and a number.
  bytes.writeUIntLE(bytes.length - 4, 0, 3)
  bytes.writeUInt8(COM_BINLOG_DUMP, 4)
  // There are 32 bits only: past that it begins at the file's start.
  bytes.writeUInt32LE(offset > LARGEST_OFFSET ? FILE_START : offset, 5)
  bytes.writeUInt32LE(randomServerId(), 11)
  name.copy(bytes, 15)
  return bytes
}

type Row = Readonly<Record<string, unknown>>

const ask = (connection: mysql.Connection, sql: string): Effect.Effect<ReadonlyArray<Row>, DumpFailed> =>
  Effect.async((resume) => {
    connection.query<Array<mysql.RowDataPacket>>(sql, (cause, rows) =>
      resume(cause ? Effect.fail(failedBy(cause, "failed")) : Effect.succeed(Array.isArray(rows) ? rows : []))
    )
  })

interface Open {
  readonly connection: mysql.Connection
  readonly close: Effect.Effect<void>
}

const open = (options: mysql.ConnectionOptions) =>
  Effect.acquireRelease(
    Effect.async<Open, DumpFailed>((resume) => {
      const { host = "localhost", port = 3306 } = options
      // The driver's own `destroy` says goodbye and goes on listening: a server that sends beats would never notice.
      const socket = createConnection({ host, port, keepAlive: true, noDelay: true })
      const connection = mysql.createConnection({ ...options, stream: () => socket })
      const close = Effect.sync(() => {
        connection.destroy()
        socket.destroy()
      })
      const failed = (cause: unknown) => {
        Effect.runSync(close)
        resume(Effect.fail(failedBy(cause, "unreachable")))
      }
      connection.once("error", failed)
      connection.once("connect", () => {
        connection.removeListener("error", failed)
        // Whoever reads hears of it in `events`; between two questions it is heard of by the next one.
        connection.on("error", () => {})
        resume(Effect.succeed({ connection, close }))
      })
      return close
    }),
    ({ close }) => close
  ).pipe(Effect.map(({ connection }) => connection))

/** For each question before the log comes. */
const PATIENCE = Duration.seconds(10)

const VARIABLES = "'server_uuid', 'server_uid', 'version', 'lower_case_table_names'"

const events = (connection: mysql.Connection & Commanding, heartbeat: Duration.Duration, from: Place.Place) => {
  let backlog: Array<Buffer> = []
  let size = 0
  let hasHeard = false
  let failure: DumpFailed | undefined
  let wake: (() => void) | undefined

  const changed = () => {
    const waiting = wake
    wake = undefined
    waiting?.()
  }
  const fail = (reason: DumpFailed) => {
    failure ??= reason
    changed()
  }
  const end = () => fail(new DumpFailed({ why: "closed", errno: undefined, said: "the connection was closed" }))

  let isAsked = false
  const command: Command = {
    execute: (packet) => {
      hasHeard = true
      if (!isAsked || packet === undefined) {
        isAsked = true
        connection.sequenceId = 0
        const bytes = request(from)
        connection.writePacket({
          buffer: bytes,
          length: () => bytes.length,
          writeHeader: (sequence: number) => bytes.writeUInt8(sequence, 3)
        })
        return false
      }
      if (packet.isError()) {
        fail(failedBy(packet.asError("utf8"), "failed"))
        return true
      }
      if (packet.isEOF()) {
        end()
        return true
      }
      // The driver uses the packet again, not its bytes. Before the event stands one byte that says that all is well.
      const event = packet.buffer.subarray(packet.offset + 1, packet.end)
      backlog.push(event)
      size += event.length
      if (size > LARGEST_BACKLOG) connection.pause()
      changed()
      return false
    }
  }

  // A network that swallows packets gives no error: only heartbeats that do not come tell.
  const listen = Effect.iterate(0, {
    while: (missed) => missed < HEARTBEATS_MISSED,
    body: (missed) =>
      Effect.map(Effect.sleep(heartbeat), () => {
        const isAlive = hasHeard || backlog.length > 0
        hasHeard = false
        return isAlive ? 0 : missed + 1
      })
  }).pipe(
    Effect.andThen(
      Effect.sync(() => fail(new DumpFailed({ why: "silent", errno: undefined, said: "the server has fallen silent" })))
    )
  )

  const something = Effect.async<void>((resume) => {
    if (backlog.length > 0 || failure !== undefined) return resume(Effect.void)
    wake = () => resume(Effect.void)
    return Effect.sync(() => {
      wake = undefined
    })
  })

  const take: Events["take"] = Effect.flatMap(something, () => {
    // What came before the end is good.
    if (backlog.length === 0) return Effect.fail(failure ?? failedBy("no events", "failed"))
    const taken = backlog
    const wasFull = size > LARGEST_BACKLOG
    backlog = []
    size = 0
    if (wasFull) connection.resume()
    return Effect.succeed(taken)
  })

  return Effect.gen(function* () {
    connection.on("error", (cause) => fail(failedBy(cause, "closed")))
    connection.on("end", end)
    connection.addCommand(command)
    yield* Effect.forkScoped(listen)
    return { take } satisfies Events
  })
}

const toNumber = (value: unknown): number => Number(value ?? 0)

export const connect = (options: DumpOptions): Effect.Effect<Dump, DumpFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const connection = yield* open(options.connection)
    if (!takesCommands(connection)) return yield* Effect.dieMessage("mysql2 has changed: it takes no commands")
    // Whatever the server's defaults are, they stop none of what is asked here.
    yield* ask(connection, sessionSettings(PATIENCE))
    const nanos = Duration.toMillis(options.heartbeat) * 1_000_000
    yield* ask(
      connection,
      `SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum,
        @master_heartbeat_period = ${nanos}, @source_heartbeat_period = ${nanos}, @mariadb_slave_capability = 4`
    )
    const variables = new Map(
      (yield* ask(connection, `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${VARIABLES})`)).map(
        ({ Value, Variable_name }) => [String(Variable_name).toLowerCase(), String(Value)]
      )
    )
    const [session] = yield* ask(connection, "SELECT @master_binlog_checksum AS checksums")
    const version = variables.get("version") ?? ""
    const [status] = yield* ask(connection, Server.endStatement(version))
    if (status === undefined) return yield* Effect.fail(failedBy("the server keeps no binary log", "failed"))
    const files = yield* ask(connection, "SHOW BINARY LOGS")
    return {
      server: {
        id: Server.idOf(variables),
        version,
        checksums: String(session?.checksums).toUpperCase() !== "NONE",
        ignoresCase: toNumber(variables.get("lower_case_table_names")) !== 0
      },
      end: { file: String(status.File), offset: toNumber(status.Position) },
      files: files.map(({ File_size, Log_name }) => ({ file: String(Log_name), size: toNumber(File_size) })),
      start: (from) => events(connection, options.heartbeat, from)
    } satisfies Dump
  })
