import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type mysql from "mysql2"
import { errorNumber, isDenied } from "../Database/Failure.js"
import { TABLES, type Table } from "./Doubt.js"
import * as Dump from "./Dump.js"
import * as Place from "./Place.js"
import * as Server from "./Server.js"

/**
 * Whether the log of this server tells all that changes in the bots' tables, and may be read: where it does not, figures
 * come from the rows. What a row of the log can't be trusted for once it is followed is a doubt, and no obstacle.
 */
export interface Obstacle {
  readonly kind: /** There is no log. */
    | "log"
    /** It holds statements in place of rows. */
    | "format"
    /** Its rows may lack the columns that say whose they are. */
    | "image"
    /** Transactions become visible in another order than that of the log. */
    | "order"
    /** It leaves out databases. */
    | "filter"
    /** It is kept inside InnoDB (newer MariaDB), or by a cluster of which each node has its own. */
    | "storage"
    /** What comes by replication is not logged. */
    | "replica"
    /** The account may not read the log. */
    | "right"
    /** The service's account may not ask for the log's end. */
    | "end"
    /** The server does not let the log be read, for another reason. */
    | "refused"
    /** Not kept by InnoDB: visible before it is logged. */
    | "engine"
    | "view"
    /** Rows that a foreign key changes are not logged. */
    | "cascade"
    /** bot_id or user_id is of a type that is not read. */
    | "column"
  readonly table: Table | undefined
  readonly reason: string
  /** What an administrator pastes into a client; what belongs into the option file is a comment there. None: nothing helps. */
  readonly remedy: string | undefined
}

const obstacle = (kind: Obstacle["kind"], reason: string, remedy: string | undefined, table?: Table): Obstacle => ({
  kind,
  table,
  reason,
  remedy
})

/** Comments, so that a client takes them beside statements. */
const inOptionFile = (...lines: ReadonlyArray<string>): string =>
  ["in the server's option file, and then restart it:", ...lines].map((line) => `-- ${line}`).join("\n")

const VARIABLES = [
  "version",
  "log_bin",
  "binlog_format",
  "binlog_row_image",
  "binlog_order_commits",
  "log_slave_updates",
  "log_replica_updates",
  "binlog_storage_engine",
  "wsrep_on",
  "innodb_native_foreign_keys"
]

/** What the server's settings rule out. Pure, so that each can be tried without a server that has it. */
export const ofSettings = (found: Server.Variables): ReadonlyArray<Obstacle> => {
  const isMariaDB = /mariadb/i.test(found.get("version") ?? "")
  const is = (name: string, ...values: ReadonlyArray<string>) => values.includes((found.get(name) ?? "").toUpperCase())
  const set = (name: string, value: string) =>
    isMariaDB
      ? `SET GLOBAL ${name} = '${value}'; -- and in the server's option file: ${name}=${value}`
      : `SET PERSIST ${name} = '${value}';`
  const obstacles: Array<Obstacle> = []
  if (!is("log_bin", "ON", "1")) {
    // What the others say is of no meaning without a log.
    return [
      obstacle(
        "log",
        "the server keeps no binary log",
        isMariaDB
          ? inOptionFile("[mariadb]", "log-bin", "binlog-format=ROW", "server-id=1")
          : inOptionFile("[mysqld]", "log-bin=binlog", "without skip-log-bin and disable-log-bin")
      )
    ]
  }
  // MySQL is about to take this variable away: the log has rows then.
  if (found.has("binlog_format") && !is("binlog_format", "ROW")) {
    obstacles.push(obstacle("format", `binlog_format is ${found.get("binlog_format")}`, set("binlog_format", "ROW")))
  }
  if (found.has("binlog_row_image") && !is("binlog_row_image", "FULL", "NOBLOB")) {
    obstacles.push(
      obstacle("image", `binlog_row_image is ${found.get("binlog_row_image")}`, set("binlog_row_image", "FULL"))
    )
  }
  if (is("binlog_order_commits", "OFF", "0")) {
    obstacles.push(obstacle("order", "binlog_order_commits is OFF", set("binlog_order_commits", "ON")))
  }
  if (!is("binlog_storage_engine", "")) {
    obstacles.push(
      obstacle("storage", "the log is kept inside InnoDB", inOptionFile("[mariadb]", "without binlog-storage-engine"))
    )
  }
  if (is("wsrep_on", "ON", "1")) {
    obstacles.push(
      obstacle("storage", "the server is a node of a Galera cluster, where each has a log of its own", undefined)
    )
  }
  return obstacles
}

const ofTables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ readonly name: Table; readonly type: string; readonly engine: string | null }>`
    SELECT LOWER(table_name) AS name, table_type AS type, engine AS engine FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name IN ${sql.in(TABLES)} ORDER BY table_name`.unprepared
  return tables.flatMap(({ engine, name, type }) => {
    if (type !== "BASE TABLE") {
      return [
        obstacle(
          "view",
          `${name} is a view, of which the log tells nothing: only a table itself of this name is followed`,
          undefined,
          name
        )
      ]
    }
    return /^innodb$/i.test(engine ?? "")
      ? []
      : [
          obstacle(
            "engine",
            `${name} is kept by ${engine}, not by InnoDB`,
            `ALTER TABLE ${name} ENGINE = InnoDB;`,
            name
          )
        ]
  })
})

const ofColumns = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const columns = yield* sql<{ readonly table_name: Table; readonly name: string; readonly type: string }>`
    SELECT LOWER(table_name) AS table_name, LOWER(column_name) AS name, column_type AS type
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name IN ${sql.in(TABLES)} AND column_name IN ('bot_id', 'user_id')
      AND data_type NOT IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'char', 'varchar')
    ORDER BY table_name, column_name`.unprepared
  return columns.map(({ name, table_name, type }) =>
    obstacle(
      "column",
      `${table_name}.${name} is ${type}, which is not read from the log`,
      `ALTER TABLE ${table_name} MODIFY ${name} BIGINT;`,
      table_name
    )
  )
})

/** Neither server logged what a cascade changes; MySQL does from 9.6 on, unless started with the old kind of keys. */
const ofKeys = (found: Server.Variables) =>
  Effect.gen(function* () {
    if (found.get("innodb_native_foreign_keys")?.toUpperCase() === "OFF") return []
    const sql = yield* SqlClient.SqlClient
    const keys = yield* sql<{ readonly name: Table; readonly key_name: string }>`
      SELECT LOWER(table_name) AS name, constraint_name AS key_name FROM information_schema.referential_constraints
      WHERE constraint_schema = DATABASE() AND table_name IN ${sql.in(TABLES)}
        AND NOT (update_rule IN ('RESTRICT', 'NO ACTION') AND delete_rule IN ('RESTRICT', 'NO ACTION'))
      ORDER BY table_name, constraint_name`.unprepared
    return keys.map(({ key_name, name }) =>
      obstacle(
        "cascade",
        `the foreign key ${key_name} changes rows of ${name}, which the server does not log`,
        `ALTER TABLE ${name} DROP FOREIGN KEY ${key_name};`,
        name
      )
    )
  })

/** ER_PARSE_ERROR. */
const SYNTAX_ERROR = 1064

/** A replica that does not log what it applies: most of its rows come without a word in its log. */
const ofReplication = (found: Server.Variables) =>
  Effect.gen(function* () {
    const [name, value] = [...found].find(([name]) => /^log_(slave|replica)_updates$/.test(name)) ?? []
    if (name === undefined || /^(ON|1)$/i.test(value ?? "")) return []
    const sql = yield* SqlClient.SqlClient
    const isMariaDB = /mariadb/i.test(found.get("version") ?? "")
    // MariaDB asks for a right of its own for the whole status, and for this number for none.
    const replicas = isMariaDB
      ? yield* sql`SHOW GLOBAL STATUS WHERE Variable_name = 'Slaves_running' AND Value > 0`.unprepared
      : yield* sql`SHOW REPLICA STATUS`.unprepared.pipe(
          // Its name before MySQL 8.0.22.
          Effect.catchIf(
            (error) => errorNumber(error) === SYNTAX_ERROR,
            () => sql`SHOW SLAVE STATUS`.unprepared
          ),
          Effect.catchIf(isDenied, () => Effect.succeed([]))
        )
    return replicas.length === 0
      ? []
      : [
          obstacle(
            "replica",
            "the server is a replica that does not log what it applies",
            inOptionFile(isMariaDB ? "[mariadb]" : "[mysqld]", `${name.replaceAll("_", "-")}=ON`)
          )
        ]
  })

/** The service's account, as GRANT takes it. */
export const account = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly name: string }>`SELECT CURRENT_USER() AS name`.unprepared
  const [user = "", host = "%"] = (row?.name ?? "").split(/@(?=[^@]*$)/)
  return `'${user}'@'${host}'`
})

const quotedUser = ({ user = "" }: mysql.ConnectionOptions): string => `'${user.replaceAll("'", "''")}'@'%'`

const endRight = (isMariaDB: boolean) => (isMariaDB ? "BINLOG MONITOR" : "REPLICATION CLIENT")

interface Status {
  readonly Binlog_Do_DB?: string
  readonly Binlog_Ignore_DB?: string
}

/** Whether the service's account may ask for the log's end; which databases the log leaves out is told there too. */
const ofEnd = (version: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const right = endRight(/mariadb/i.test(version))
    const status = yield* sql.unsafe<Status>(Server.endStatement(version)).unprepared.pipe(
      Effect.asSome,
      Effect.catchIf(isDenied, () => Effect.succeedNone)
    )
    if (Option.isNone(status)) {
      const reason = `the service's account lacks the right ${right}`
      return [obstacle("end", reason, `GRANT ${right} ON *.* TO ${yield* account};`)]
    }
    return status.value.flatMap(({ Binlog_Do_DB = "", Binlog_Ignore_DB = "" }) => {
      const filters = [
        ...(Binlog_Do_DB === "" ? [] : [`binlog-do-db=${Binlog_Do_DB}`]),
        ...(Binlog_Ignore_DB === "" ? [] : [`binlog-ignore-db=${Binlog_Ignore_DB}`])
      ]
      return filters.map((filter) =>
        obstacle("filter", `the log leaves out databases (${filter})`, inOptionFile(`without ${filter}`))
      )
    })
  })

const PATIENCE = Duration.seconds(5)

/** Opens the log as the follower does, and closes it when the first event has come. */
const ofReading = (connection: mysql.ConnectionOptions, version: string) => {
  const isMariaDB = /mariadb/i.test(version)
  const trial = Effect.scoped(
    Effect.gen(function* () {
      const dump = yield* Dump.connect({ connection, heartbeat: Duration.millis(500) })
      const events = yield* dump.start(Place.make(dump.end.file, dump.end.offset))
      yield* events.take
    })
  )
  return trial.pipe(
    Effect.as<ReadonlyArray<Obstacle>>([]),
    Effect.timeoutTo({
      duration: PATIENCE,
      onSuccess: (obstacles) => obstacles,
      onTimeout: () => [obstacle("refused", "the server does not begin to send its log", undefined)]
    }),
    Effect.catchTag("DumpFailed", ({ said, why }) => {
      const rights = `REPLICATION SLAVE, ${endRight(isMariaDB)}`
      return Effect.succeed([
        why === "denied"
          ? obstacle(
              "right",
              `the account that reads the log lacks one of the rights ${rights}`,
              `GRANT ${rights} ON *.* TO ${quotedUser(connection)};`
            )
          : obstacle("refused", `the log can't be read: ${said}`, undefined)
      ])
    })
  )
}

/**
 * All reasons at once: none where the log can be followed. Asks on the connection of `SqlClient`, and, to read it for a
 * moment, on one for the log; without one the log is being read already.
 */
export const obstacles = (
  connection?: mysql.ConnectionOptions
): Effect.Effect<ReadonlyArray<Obstacle>, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const found = yield* Server.variables(VARIABLES)
    const version = found.get("version") ?? ""
    const settings = ofSettings(found)
    const parts = [ofTables, ofColumns, ofKeys(found)]
    const hasLog = !settings.some(({ kind }) => kind === "log")
    const reading = connection === undefined ? [] : [ofReading(connection, version)]
    const ofLog = hasLog ? [ofReplication(found), ofEnd(version), ...reading] : []
    return [settings, ...(yield* Effect.all([...parts, ...ofLog]))].flat()
  })
