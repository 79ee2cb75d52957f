import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import type mysql from "mysql2"
import type { DatabaseAddress } from "../Config.js"

/** How our connections are opened, and what each session is set to before it is used. */

const CONNECT_TIMEOUT = Duration.seconds(3)

export const connectionOptions = (
  address: DatabaseAddress,
  queryTimeout: Duration.Duration
): mysql.ConnectionOptions => ({
  host: address.host,
  port: address.port,
  database: address.database,
  user: address.username,
  password: Redacted.value(address.password),
  // No longer than a statement may take: nobody waits for the connection by then.
  connectTimeout: Duration.toMillis(Duration.min(CONNECT_TIMEOUT, queryTimeout)),
  // DATETIME stays the text that the column holds, and JSON the text that was stored: nothing is rounded on the way.
  dateStrings: true,
  jsonStrings: true,
  timezone: "Z",
  supportBigNumbers: true,
  charset: "utf8mb4",
  // The driver compiles a parser for the rows of each statement, from the names of its columns. Those are ours: no statement
  // names a column by what came from a client. Without it, a page of a list takes a sixth more of the processor.
  disableEval: false,
  maxPreparedStatements: 200,
  flags: ["-MULTI_STATEMENTS"],
  enableKeepAlive: true,
  keepAliveInitialDelay: 10_000,
  ...(address.tls === "off"
    ? {}
    : { ssl: { rejectUnauthorized: address.tls === "verify", verifyIdentity: address.tls === "verify" } })
})

/**
 * Every session works in UTC, in the SQL mode that our texts are written for, and ends a statement itself when its time
 * is up. The comments are read by one server each: `!80000` by MySQL, `M!` by MariaDB.
 */
export const sessionSettings = (queryTimeout: Duration.Duration): string => {
  const millis = Math.ceil(Duration.toMillis(queryTimeout))
  return `SET SESSION time_zone = '+00:00',
    sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
    /*!80000 , max_execution_time = ${millis} */
    /*M!100108 , max_statement_time = ${millis / 1000} */`
}
