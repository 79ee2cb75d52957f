import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { loadRows } from "../../tools/bots/Load.js"
import { OWNER } from "../testing/Bots.js"
import { schemaOf, until } from "../testing/Database.js"
import { everyAnswer, LOGGED_IN, logInAndLook, withNamedBot } from "../testing/Everything.js"
import { type PrivateDatabase, PrivateServer, privateServer, type Variables } from "../testing/PrivateServer.js"
import { settingsFor, startService } from "../testing/Service.js"

/**
 * Whatever the server, its `init_connect` or the account's defaults say, no answer changes: each default is turned round,
 * the service migrates an empty database, every route is asked and an admin logs in, and all is as on a plain server.
 */

interface Default {
  readonly name: string
  readonly variables: Variables
  /** Only the one kind of server has it. */
  readonly only?: "mysql" | "mariadb"
}

const variable = (name: string, value: string | number, only?: Default["only"]): Default => ({
  name: `${name} = ${value === "" ? "''" : value}`,
  variables: { [name]: value },
  ...(only === undefined ? {} : { only })
})

const initConnect = (statement: string, only?: Default["only"]): Default => variable("init_connect", statement, only)

const EVERY_MODE = "ANSI,ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,ONLY_FULL_GROUP_BY"

const DEFAULTS: ReadonlyArray<Default> = [
  // Transactions.
  variable("autocommit", 0),
  initConnect("SET autocommit = 0"),
  variable("completion_type", "CHAIN"),
  variable("completion_type", "RELEASE"),
  variable("transaction_isolation", "READ-UNCOMMITTED", "mysql"),
  variable("transaction_isolation", "READ-COMMITTED", "mysql"),
  variable("transaction_isolation", "SERIALIZABLE", "mysql"),
  variable("tx_isolation", "READ-UNCOMMITTED", "mariadb"),
  variable("tx_isolation", "SERIALIZABLE", "mariadb"),
  variable("transaction_read_only", 1, "mysql"),
  variable("tx_read_only", 1, "mariadb"),
  initConnect("SET SESSION TRANSACTION READ ONLY"),
  initConnect("START TRANSACTION"),
  variable("foreign_key_checks", 0),
  variable("unique_checks", 0),
  variable("innodb_snapshot_isolation", 1, "mariadb"),
  // Texts.
  initConnect("SET NAMES utf8mb3"),
  initConnect("SET NAMES latin1"),
  initConnect("SET NAMES cp1251"),
  initConnect("SET character_set_results = NULL"),
  initConnect("SET NAMES utf8mb4 COLLATE utf8mb4_bin"),
  initConnect("SET NAMES utf8mb4 COLLATE utf8mb4_tr_0900_ai_ci", "mysql"),
  initConnect("SET NAMES utf8mb4 COLLATE utf8mb4_turkish_ci", "mariadb"),
  initConnect("SET collation_connection = utf8mb4_unicode_ci"),
  initConnect("SET NAMES latin1, autocommit = 0, sql_select_limit = 1, sql_big_selects = 0"),
  variable("collation_connection", "latin1_swedish_ci"),
  variable("character_set_server", "latin1"),
  variable("default_collation_for_utf8mb4", "utf8mb4_general_ci", "mysql"),
  variable("character_set_collations", "utf8mb4=utf8mb4_bin", "mariadb"),
  variable("old_mode", "UTF8_IS_UTF8MB3", "mariadb"),
  variable("lc_time_names", "ru_RU"),
  variable("lc_messages", "de_DE"),
  // Times.
  variable("time_zone", "+05:00"),
  variable("time_zone", "+05:45"),
  variable("system_versioning_asof", "2020-01-01 00:00:00", "mariadb"),
  initConnect("SET time_zone = '-11:00'"),
  initConnect("SET timestamp = 1"),
  variable("explicit_defaults_for_timestamp", 0),
  // What a statement means.
  variable("sql_mode", ""),
  variable("sql_mode", EVERY_MODE),
  variable("sql_mode", `${EVERY_MODE},PAD_CHAR_TO_FULL_LENGTH`),
  variable("sql_mode", "ANSI,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH"),
  variable("sql_mode", "TRADITIONAL,NO_ZERO_DATE,HIGH_NOT_PRECEDENCE,IGNORE_SPACE,NO_UNSIGNED_SUBTRACTION"),
  variable("sql_mode", "ORACLE", "mariadb"),
  initConnect("SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'"),
  variable("sql_auto_is_null", 1),
  variable("div_precision_increment", 0),
  variable("default_week_format", 7),
  variable("windowing_use_high_precision", 0, "mysql"),
  variable("sql_if_exists", 1, "mariadb"),
  variable("standard_compliant_cte", 0, "mariadb"),
  // How much of an answer there is.
  variable("sql_select_limit", 2),
  initConnect("SET sql_select_limit = 1"),
  { name: "max_join_size = 1, sql_big_selects = 0", variables: { max_join_size: 1 } },
  initConnect("SET sql_big_selects = 0, max_join_size = 1"),
  variable("group_concat_max_len", 4),
  variable("max_sort_length", 8),
  variable("max_error_count", 0),
  variable("cte_max_recursion_depth", 0, "mysql"),
  variable("max_recursive_iterations", 0, "mariadb"),
  // What may be written.
  variable("sql_safe_updates", 1),
  variable("sql_require_primary_key", 1, "mysql"),
  variable("sql_generate_invisible_primary_key", 1, "mysql"),
  variable("default_storage_engine", "MyISAM"),
  variable("innodb_default_row_format", "redundant"),
  variable("check_constraint_checks", 0, "mariadb"),
  // How long a statement may take, and a session may rest.
  variable("max_execution_time", 1, "mysql"),
  variable("max_statement_time", 0.001, "mariadb"),
  variable("lock_wait_timeout", 1),
  variable("innodb_lock_wait_timeout", 1),
  variable("wait_timeout", 1),
  variable("idle_transaction_timeout", 1, "mariadb"),
  // How answers are made and told.
  variable("sql_buffer_result", 1),
  variable("big_tables", 1),
  variable("low_priority_updates", 1),
  variable("session_track_state_change", 1),
  variable("session_track_transaction_info", "CHARACTERISTICS"),
  variable("session_track_system_variables", "*"),
  variable("optimizer_switch", "derived_merge=off,materialization=off,index_condition_pushdown=off"),
  variable("optimizer_switch", "use_invisible_indexes=on,hypergraph_optimizer=off", "mysql"),
  variable("query_cache_type", 0, "mariadb")
]

/** Each of these as well as it goes: a server has one name or the other of some, or neither. */
const TOGETHER: Variables = {
  init_connect: "SET NAMES latin1, autocommit = 0, sql_select_limit = 1, sql_big_selects = 0",
  autocommit: 0,
  completion_type: "RELEASE",
  transaction_isolation: "SERIALIZABLE",
  tx_isolation: "SERIALIZABLE",
  transaction_read_only: 1,
  tx_read_only: 1,
  time_zone: "+05:45",
  sql_mode: "ANSI,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH",
  sql_auto_is_null: 1,
  sql_safe_updates: 1,
  sql_select_limit: 1,
  max_join_size: 1,
  foreign_key_checks: 0,
  unique_checks: 0,
  system_versioning_asof: "2020-01-01 00:00:00"
}

type Asked = Effect.Effect.Success<ReturnType<typeof startService>>

/** What a service over a database that was empty comes to. */
const lookOver = (database: PrivateDatabase, facts: "wanted" | "if there are any") =>
  Effect.gen(function* () {
    const { address, connection } = database
    const service = yield* startService(settingsFor(address, { poolSize: 2 }))
    yield* Effect.orDie(Effect.timeout(service.untilReady, "10 seconds"))
    return yield* Effect.promise(async () => {
      const schema = await schemaOf(connection)
      await loadRows(connection, withNamedBot)
      const fromRows = await everyAnswer(service)
      const login = await logInAndLook(service, connection)
      await writesAreSeen(service, database)
      const hasFacts = await until(
        async () => (await service.request("/readyz")).json?.figures === "facts",
        facts === "wanted" ? 6_000 : 3_000
      ).then(
        () => true,
        () => false
      )
      return { schema, fromRows, login, hasFacts, fromFacts: hasFacts ? await everyAnswer(service) : undefined }
    })
  })

/** What a bot commits is in the very next answer, and none of our sessions holds up a bot's own ALTER. */
const writesAreSeen = async (service: Asked, { connection }: PrivateDatabase) => {
  const totals = async () => {
    const [list, summary] = await Promise.all([
      service.get("/api/users?bot_id=1&limit=1", OWNER),
      service.get("/api/bots/1/summary", OWNER)
    ])
    return [list.json?.total, summary.json?.total_users]
  }
  const before = withNamedBot.users.length
  // Each of the pool's connections has read something by now.
  for (let i = 0; i < 4; i++) assert.deepStrictEqual(await totals(), [before, before])
  await connection.query("INSERT INTO users (uid, user_id, bot_id) VALUES (99, 99, 1)")
  for (let i = 0; i < 4; i++) assert.deepStrictEqual(await totals(), [before + 1, before + 1], "a row that came")
  await connection.query("DELETE FROM users WHERE uid = 99")
  for (let i = 0; i < 4; i++) assert.deepStrictEqual(await totals(), [before, before], "a row that went")
  await connection.query("SET SESSION lock_wait_timeout = 3; ALTER TABLE users COMMENT = 'of a bot'")
}

/** What a plain server of the same kind answers. */
class Plain extends Context.Tag("app/testing/Plain")<Plain, Effect.Effect.Success<ReturnType<typeof lookOver>>>() {}

const plain = Layer.effect(
  Plain,
  Effect.scoped(
    Effect.gen(function* () {
      const { database } = yield* PrivateServer
      const seen = yield* lookOver(yield* database(), "if there are any")
      assert.deepStrictEqual(seen.login.stored, LOGGED_IN)
      assert.include(seen.fromRows["/api/bots"], "бот🔥")
      for (const [path, answer] of Object.entries(seen.fromRows)) {
        assert.match(answer, path === "/api/bots/2/summary" ? /^403 / : /^200 /, path)
      }
      return seen
    })
  )
)

const equalsPlain = (database: PrivateDatabase) =>
  Effect.gen(function* () {
    const expected = yield* Plain
    const seen = yield* lookOver(database, expected.hasFacts ? "wanted" : "if there are any")
    assert.deepStrictEqual(seen.fromRows, expected.fromRows)
    assert.deepStrictEqual(seen.login, expected.login)
    assert.deepStrictEqual(seen.schema, expected.schema)
    assert.strictEqual(seen.hasFacts, expected.hasFacts, "where figures come from")
    assert.deepStrictEqual(seen.fromFacts, expected.fromFacts)
  })

const KIND = process.env.TEST_DATABASE === "mariadb" ? "mariadb" : "mysql"

layer(Layer.provideMerge(plain, privateServer("defaults")), { timeout: "90 seconds", excludeTestServices: true })(
  "a server's default turned round changes no answer:",
  (it) => {
    for (const { name, only, variables } of DEFAULTS) {
      if (only !== undefined && only !== KIND) continue
      it.scoped(
        name,
        () =>
          Effect.gen(function* () {
            const { database, turned } = yield* PrivateServer
            const own = yield* database()
            // An older server may not have it: then there is nothing to turn.
            yield* turned(variables)
            yield* equalsPlain(own)
          }),
        { timeout: 45_000 }
      )
    }

    it.scoped(
      "many of them at once",
      () =>
        Effect.gen(function* () {
          const { database, turned } = yield* PrivateServer
          const own = yield* database()
          const known = yield* Effect.forEach(Object.entries(TOGETHER), ([name, value]) => turned({ [name]: value }))
          assert.isAtLeast(known.filter((isKnown) => isKnown).length, 13)
          yield* equalsPlain(own)
        }),
      { timeout: 45_000 }
    )

    it.scoped(
      "the database's own character set is latin1",
      () =>
        Effect.gen(function* () {
          const { database } = yield* PrivateServer
          const own = yield* database()
          yield* Effect.promise(() =>
            own.connection.query(`ALTER DATABASE ${own.address.database} CHARACTER SET latin1`)
          )
          yield* equalsPlain(own)
        }),
      { timeout: 45_000 }
    )
  }
)

// MySQL has no such option any more: to it, "loose" makes this a warning.
const OTHER_HANDSHAKE = ["--loose-skip-character-set-client-handshake", "--character-set-server=latin1"]

layer(
  Layer.provideMerge(
    Layer.provide(plain, privateServer("handshake-plain")),
    privateServer("handshake", OTHER_HANDSHAKE)
  ),
  { timeout: "90 seconds", excludeTestServices: true }
)("a server that does not heed the client's character set", (it) => {
  it.scoped(
    "changes no answer",
    () => Effect.flatMap(PrivateServer, ({ database }) => Effect.flatMap(database(), equalsPlain)),
    { timeout: 45_000 }
  )
})
