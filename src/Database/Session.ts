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
    : {
        ssl: {
          rejectUnauthorized: address.tls !== "encrypt",
          verifyIdentity: address.tls === "verify_identity",
          ...(address.ca === undefined ? {} : { ca: address.ca })
        }
      })
})

interface Setting {
  readonly name: string
  readonly value: string
  /** What would go wrong with another value. */
  readonly why: string
  /** The one server that knows the variable by this name. */
  readonly only?: "MySQL" | "MariaDB"
}

const NO_LIMIT = "18446744073709551615"

/**
 * What a server, an account or `init_connect` may have set otherwise, and what changes the meaning or the length of a
 * result. In this order: turning `autocommit` on ends a transaction that is open, and `max_join_size` changes
 * `sql_big_selects`.
 */
const SETTINGS: ReadonlyArray<Setting> = [
  { name: "autocommit", value: "0", why: "turned on where it is on, it would not end a transaction that is open" },
  { name: "autocommit", value: "1", why: "a login would be lost, and each read would see the state of the first" },
  {
    name: "completion_type",
    value: "'NO_CHAIN'",
    why: "COMMIT would begin the next transaction, or close the connection"
  },
  {
    name: "transaction_isolation",
    value: "'REPEATABLE-READ'",
    why: "uncommitted rows would be counted, or reads would take locks",
    only: "MySQL"
  },
  { name: "tx_isolation", value: "'REPEATABLE-READ'", why: "as transaction_isolation", only: "MariaDB" },
  { name: "transaction_read_only", value: "0", why: "a login would fail", only: "MySQL" },
  { name: "tx_read_only", value: "0", why: "a login would fail", only: "MariaDB" },
  { name: "character_set_client", value: "utf8mb4", why: "our texts would be read as another encoding" },
  { name: "character_set_results", value: "utf8mb4", why: "texts would come as question marks" },
  {
    name: "collation_connection",
    value: "utf8mb4_general_ci",
    why: "our texts would lose letters, or be compared otherwise"
  },
  { name: "timestamp", value: "DEFAULT", why: "the clock would stand still: no lease would end" },
  { name: "time_zone", value: "'+00:00'", why: "TIMESTAMPs would come in another zone" },
  {
    name: "sql_mode",
    value: "'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
    why: "quotes, ||, blanks and groups would mean something else, and what does not fit would be cut"
  },
  { name: "sql_auto_is_null", value: "0", why: "IS NULL would find the row that was inserted last" },
  { name: "sql_safe_updates", value: "0", why: "statements without a key would be rejected" },
  { name: "sql_select_limit", value: NO_LIMIT, why: "pages and figures would be cut" },
  { name: "max_join_size", value: NO_LIMIT, why: "large joins would be rejected" },
  { name: "sql_big_selects", value: "1", why: "large joins would be rejected" },
  { name: "foreign_key_checks", value: "1", why: "we would write what the tables' owner forbids" },
  { name: "unique_checks", value: "1", why: "we would write what the tables' owner forbids" },
  { name: "system_versioning_asof", value: "DEFAULT", why: "rows of another time would be read", only: "MariaDB" }
]

const timeLimits = (queryTimeout: Duration.Duration): ReadonlyArray<Setting> => {
  const millis = Math.ceil(Duration.toMillis(queryTimeout))
  const why = "a statement would run on after its time is up, where we can't end it"
  return [
    { name: "max_execution_time", value: String(millis), why, only: "MySQL" },
    { name: "max_statement_time", value: String(millis / 1000), why, only: "MariaDB" }
  ]
}

/** Comments that one server reads and the other does not. */
const onlyFor = (text: string, only: Setting["only"]): string =>
  only === undefined ? text : only === "MySQL" ? `/*!80000 ${text} */` : `/*M!100108 ${text} */`

/** Sets a session to what our statements are written for, as one statement. */
export const sessionSettings = (queryTimeout: Duration.Duration): string => {
  const [first, ...others] = [...SETTINGS, ...timeLimits(queryTimeout)].map(({ name, only, value }, position) =>
    onlyFor(`${position === 0 ? "" : ", "}${name} = ${value}`, only)
  )
  return `SET SESSION ${first}${others.join("")}`
}
