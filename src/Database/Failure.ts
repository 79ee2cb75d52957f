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

const UNAVAILABLE = new Set([
  ...CONNECTION_KILLED,
  ...[1037, 1038, 1041], // out of memory
  ...[1021, 1114], // disk or table full
  ...[1040, 1203, 1226], // too many connections, of the server or of the user
  ...[1044, 1045, 1049, 1820, 1862, 3118], // the account or the database is gone, locked or expired
  ...[1047, 1053, 1077, 1079, 1080, 3032], // starting, shutting down, not in its cluster, offline
  ...[1158, 1159, 1160, 1161], // the network
  ...[1205, 1213, 1412, 1615], // a lock; a table that changes at this moment
  ...[1290, 1792, 1836, 1874], // read only
  ...[1317, 1969, 3024] // ended: by KILL, by the time limit
])

const field = (cause: unknown, key: "code" | "errno" | "message"): unknown =>
  Predicate.isRecord(cause) ? cause[key] : undefined

export const errorNumber = (error: SqlError): number | undefined => {
  const errno = field(error.cause, "errno")
  return typeof errno === "number" && errno > 0 ? errno : undefined
}

export const isConnectionLost = (error: SqlError): boolean =>
  CONNECTION_LOST_CODES.has(String(field(error.cause, "code"))) ||
  CONNECTION_KILLED.includes(errorNumber(error) ?? 0) ||
  String(field(error.cause, "message")).includes("connection is in closed state")

/**
 * ER_TABLE_DEF_CHANGED, ER_NEED_REPREPARE: at this moment the table was changed, or evicted from the server's cache.
 */
const CHANGED_MEANWHILE = new Set([1412, 1615])

/** The same statement may succeed at once, on this connection or on another. */
export const isWorthRepeating = (error: SqlError): boolean =>
  isConnectionLost(error) || CHANGED_MEANWHILE.has(errorNumber(error) ?? 0)

/** What the server or the driver said. It goes to the log, never into a response. */
export const reasonOf = (error: SqlError): string => {
  const [code, message] = [field(error.cause, "code"), field(error.cause, "message")]
  // Where a host has several addresses, the driver's error has a code only.
  const words = [message, code, error.cause].find((text) => typeof text === "string" && text !== "")
  return words === undefined ? error.message : String(words)
}

export const isUnavailable = (error: SqlError): boolean => {
  const errno = errorNumber(error)
  // Without a number of the server's, it never answered: refused, lost, timed out, or too many waiting.
  return errno === undefined || UNAVAILABLE.has(errno)
}

/** Denied by the account's rights: ER_DBACCESS_DENIED, ER_TABLEACCESS_DENIED, ER_COLUMNACCESS_DENIED, ER_SPECIFIC_ACCESS_DENIED. */
export const isDenied = (error: SqlError): boolean => [1044, 1142, 1143, 1227].includes(errorNumber(error) ?? 0)

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
      return isUnavailable(error)
        ? Effect.zipRight(
            Effect.logWarning(`The database does not answer: ${field(error.cause, "code") ?? error.message}`),
            Effect.fail(unavailable)
          )
        : Effect.die(error)
    }
  )
