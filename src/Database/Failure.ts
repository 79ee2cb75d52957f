import { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import { ServiceUnavailable } from "../Domain/Errors.js"

/**
 * What a failed statement means: either the database can't answer now (503, try again), or our text is wrong (a defect).
 * Server errors are known by number, because MariaDB gives some of them no name
 * (dev.mysql.com/doc/mysql-errors, mariadb.com/kb/en/mariadb-error-codes).
 */

/** The connection is gone, or was gone before the statement. Another connection may do. */
const CONNECTION_LOST_CODES = new Set([
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR",
  "ECONNRESET",
  "EPIPE"
])

const CONNECTION_KILLED = [1927, 4031]

/**
 * ER_NO_DB_ERROR, ER_UNKNOWN_STMT_HANDLER: the session is not the one that we opened. A proxy has put another in its place.
 */
const ANOTHER_SESSION = [1046, 1243]

/** ER_TABLE_DEF_CHANGED, ER_NEED_REPREPARE: at this moment the table was changed, or evicted from the server's cache. */
const CHANGED_MEANWHILE = [1412, 1615]

/** Starting, shutting down, not in its cluster, offline. */
const SERVER_LEAVES = [1047, 1053, 1077, 1079, 1080, 3032]

const READ_ONLY = [1290, 1792, 1836, 1874]

/** ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED. */
const NO_MORE_CONNECTIONS = [1040, 1203, 1226]

/** ER_MAX_PREPARED_STMT_COUNT_REACHED, ER_UNSUPPORTED_PS. */
const CANNOT_PREPARE = [1461, 1295]

/** Limits of the server that a statement may meet: what to look at there, and what to do about it. */
const LIMITS: ReadonlyMap<number, string> = new Map([
  [1021, "the server's disk is full: make room there"],
  [1037, "the server's memory is used up: give it more, or lower its buffers"],
  [1038, "sort_buffer_size is too small for a sort: raise it"],
  [1040, "max_connections is reached: raise it, or lower DATABASE_POOL_SIZE"],
  [1041, "the server's memory is used up: give it more, or lower its buffers"],
  [1104, "max_join_size, with sql_big_selects off, forbids a join: raise it"],
  [1114, "a table is full: make room on the disk, or raise tmp_table_size and max_heap_table_size"],
  [1129, "max_connect_errors is reached, and our host is blocked: run FLUSH HOSTS, and raise it"],
  [
    1135,
    "the server can't make a thread for one more connection: raise its limit of processes, or lower max_connections"
  ],
  [1153, "max_allowed_packet is smaller than a statement: raise it"],
  [1162, "max_allowed_packet is smaller than a value: raise it"],
  [1203, "max_user_connections is reached: raise it, or lower DATABASE_POOL_SIZE"],
  [1206, "innodb_buffer_pool_size is too small for the locks of a statement: raise it"],
  [1226, "a limit of the account is reached: raise it by ALTER USER ... WITH, or lower DATABASE_POOL_SIZE"],
  [1301, "max_allowed_packet is smaller than a value: raise it"],
  [1436, "thread_stack is too small for a statement: raise it"],
  [1461, "max_prepared_stmt_count is reached, by all programs together: raise it, or find who leaves statements open"],
  [1637, "innodb has no room for more transactions: end those that are open for long"],
  [3159, "require_secure_transport is on: write ssl-mode=REQUIRED into DATABASE_URL"]
])

const UNAVAILABLE = new Set([
  ...LIMITS.keys(),
  ...CONNECTION_KILLED,
  ...ANOTHER_SESSION,
  ...CHANGED_MEANWHILE,
  ...SERVER_LEAVES,
  ...READ_ONLY,
  ...[1044, 1045, 1049, 1820, 1862, 3118], // the account or the database is gone, locked or expired
  ...[1158, 1159, 1160, 1161], // the network
  ...[1020, 1205, 1213, 1223, 1297], // a lock, or a row that somebody else has changed
  ...[3098, 3100, 3101, 3796, 3797, 3798], // Group Replication takes no transaction now, or took it back
  ...[1317, 1969, 3024] // ended: by KILL, by the time limit
])

/** The bots' tables are not as they were when our statement was made. */
const SPEAKS_OF_TABLES = new Set([
  ...[1051, 1054, 1109, 1146, 1356], // a column or a table is not there, or a view lacks one
  ...[1142, 1143], // or may not be read any more
  ...[1136, 1222], // there are more columns, or fewer
  ...[1253, 1267, 1270, 1271] // they have another collation
])

const field = (cause: unknown, key: "code" | "errno" | "message"): unknown =>
  Predicate.isRecord(cause) ? cause[key] : undefined

export const errorNumber = (error: SqlError): number | undefined => {
  const errno = field(error.cause, "errno")
  return typeof errno === "number" && errno > 0 ? errno : undefined
}

const isOf = (numbers: Iterable<number>): ((error: SqlError) => boolean) => {
  const set = new Set(numbers)
  return (error) => set.has(errorNumber(error) ?? 0)
}

const isOfAnotherSession = isOf([...CONNECTION_KILLED, ...ANOTHER_SESSION])

export const isConnectionLost = (error: SqlError): boolean =>
  CONNECTION_LOST_CODES.has(String(field(error.cause, "code"))) ||
  isOfAnotherSession(error) ||
  String(field(error.cause, "message")).includes("connection is in closed state")

/** Of a server that another one may stand in for: ER_NET_PACKET_TOO_LARGE is followed by a hang-up. */
const isOfThisServer = isOf([...SERVER_LEAVES, ...READ_ONLY, 1153])

/** The connection is of no use any more. */
export const isConnectionSpent = (error: SqlError): boolean => isConnectionLost(error) || isOfThisServer(error)

const isChangedMeanwhile = isOf(CHANGED_MEANWHILE)

/** The same statement may succeed at once, on this connection or on another. */
export const isWorthRepeating = (error: SqlError): boolean => isConnectionLost(error) || isChangedMeanwhile(error)

/** The server has no connection left for us. */
export const isRefused = isOf(NO_MORE_CONNECTIONS)

/** The server does not prepare the statement, but may run it as text. */
export const isNotPrepared = isOf(CANNOT_PREPARE)

/** A look at the bots' tables tells more. */
export const speaksOfTables = isOf(SPEAKS_OF_TABLES)

/** What the operator sets where the server's certificate is not trusted; undefined where that is not what failed. */
const adviceOnTls = (code: unknown, words: string): string | undefined => {
  if (code !== "HANDSHAKE_SSL_ERROR") return undefined
  if (/altnames|does not match/i.test(words)) return "ssl-mode=VERIFY_CA in DATABASE_URL checks the authority alone"
  return "name the server's authority: ssl-ca=/path in DATABASE_URL, or the variable NODE_EXTRA_CA_CERTS"
}

/** What the server or the driver said. It goes to the log, never into a response. */
export const reasonOf = (error: SqlError): string => {
  const [code, message] = [field(error.cause, "code"), field(error.cause, "message")]
  // Where a host has several addresses, the driver's error has a code only.
  const found = [message, code, error.cause].find((text) => typeof text === "string" && text !== "")
  const words = found === undefined ? error.message : String(found)
  const advice = adviceOnTls(code, words)
  return advice === undefined ? words : `${words}: ${advice}`
}

/** Which limit of the server was reached and what to set, for the log; undefined where none was. */
export const explainLimit = (error: SqlError): string | undefined => LIMITS.get(errorNumber(error) ?? 0)

const isKnownToPass = isOf(UNAVAILABLE)

export const isUnavailable = (error: SqlError): boolean =>
  // Without a number of the server's, it never answered: refused, lost, timed out, or too many waiting.
  errorNumber(error) === undefined || isKnownToPass(error)

/** Denied by the account's rights: ER_DBACCESS_DENIED, ER_TABLEACCESS_DENIED, ER_COLUMNACCESS_DENIED, ER_SPECIFIC_ACCESS_DENIED. */
export const isDenied = isOf([1044, 1142, 1143, 1227])

export const unavailable = new ServiceUnavailable({
  message: "The database does not answer at the moment. Try again in a few seconds."
})

/**
 * Turns a failed statement into what a client can act on. Whatever else is wrong with it, or with the rows it gave, is a
 * defect of ours. Other errors pass.
 */
export const orUnavailable = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, Exclude<E, SqlError | ParseResult.ParseError> | ServiceUnavailable, R> =>
  Effect.catchAll(
    self,
    (error): Effect.Effect<never, Exclude<E, SqlError | ParseResult.ParseError> | ServiceUnavailable> => {
      if (ParseResult.isParseError(error)) return Effect.die(error)
      if (!(error instanceof SqlError)) return Effect.fail(error as Exclude<E, SqlError | ParseResult.ParseError>)
      if (!isUnavailable(error)) return Effect.die(error)
      const fail = Effect.fail(unavailable)
      // A limit is told by the pool, with what to do about it.
      return explainLimit(error) === undefined
        ? Effect.zipRight(
            Effect.logWarning(`The database does not answer: ${field(error.cause, "code") ?? error.message}`),
            fail
          )
        : fail
    }
  )
