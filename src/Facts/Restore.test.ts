import { layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Connection } from "mysql2/promise"
import { rowsOf } from "../testing/Database.js"
import { untilFacts } from "../testing/Facts.js"
import { checkAll } from "../testing/FactsCheck.js"
import { PrivateServer, privateServer } from "../testing/PrivateServer.js"
import { assertRight, insertPayment, makeBots, start } from "../testing/Scene.js"
import { TestService } from "../testing/Service.js"

/** All that a dump holds, as statements: what was kept comes along with the rows that it was kept of. */
const dump = async (connection: Connection): Promise<ReadonlyArray<string>> => {
  const statements: Array<string> = []
  for (const { name } of await rowsOf(
    connection,
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1"
  )) {
    const [created] = await rowsOf(connection, `SHOW CREATE TABLE ${name}`)
    const columns = await rowsOf(connection, `SHOW COLUMNS FROM ${name}`)
    const list = columns.map(({ Field }) => `\`${Field}\``).join(", ")
    // Whatever a value is, its bytes come back.
    const text = (field: string, type: string) =>
      /binary|blob/.test(type) ? `CONCAT('0x', HEX(\`${field}\`))` : `QUOTE(\`${field}\`)`
    const values = columns
      .map(({ Field, Type }) => `IF(\`${Field}\` IS NULL, 'NULL', ${text(Field, Type)})`)
      .join(", ',', ")
    statements.push(String(created?.["Create Table"]))
    for (const { line } of await rowsOf(connection, `SELECT CONCAT(${values}) AS line FROM ${name}`)) {
      statements.push(`INSERT INTO ${name} (${list}) VALUES (${line})`)
    }
  }
  return statements
}

layer(privateServer("restore"), { timeout: Duration.seconds(90), excludeTestServices: true })("a restore", (it) => {
  it.scoped(
    "on another server: figures are right at once, and built anew by themselves; whatever of the facts came along",
    () =>
      Effect.gen(function* () {
        const source = yield* makeBots()
        const statements = yield* Effect.scoped(
          Effect.gen(function* () {
            const { running } = yield* start(source)
            yield* Effect.provideService(untilFacts(), TestService, running)
            return yield* Effect.promise(() => dump(source.connection))
          })
        )
        const { database } = yield* PrivateServer
        const restored = yield* database()
        yield* Effect.promise(async () => {
          await restored.connection.query("SET SESSION foreign_key_checks = 0, sql_mode = ''")
          for (const text of statements) await restored.connection.query(text)
        })
        // The bots are at work before the service is.
        yield* insertPayment(restored.connection, "after the restore")
        const { running } = yield* start(restored)
        yield* Effect.gen(function* () {
          yield* assertRight
          yield* untilFacts()
          yield* assertRight
          yield* checkAll
        }).pipe(Effect.provideService(TestService, running))
      }),
    { timeout: 60_000 }
  )
})
