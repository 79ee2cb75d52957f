import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import { sessionSettings } from "../Database/Session.js"
import { isHarmless, watch } from "./GeneralLog.js"

async function* lines(text: string) {
  yield* text.split("\n")
}

const SET = sessionSettings(Duration.seconds(10))

describe("the server's list of statements", () => {
  it("is read for what the service sent, with statements of many lines, on MySQL", async () => {
    const { harmful, read } = await watch(
      lines(
        [
          "/usr/sbin/mysqld, Version: 9.7.4 (Debian). started with:",
          "Time                 Id Command    Argument",
          "2026-11-30T19:00:00.000001Z\t   12 Connect\troot@localhost on x using TCP/IP",
          `2026-11-30T19:00:00.000002Z\t   12 Query\t${SET}`,
          "2026-11-30T19:00:00.000003Z\t   12 Execute\tSELECT 1",
          "  FROM users",
          "2026-11-30T19:00:00.000003Z\t   13 Query\tDELETE FROM users",
          "2026-11-30T19:00:00.000004Z\t   12 Query\tUPDATE users",
          "  SET user_id = 1"
        ].join("\n")
      )
    )
    assert.strictEqual(read, 2)
    assert.deepStrictEqual(harmful, ["UPDATE users\n  SET user_id = 1"])
  })

  it("is read on MariaDB, where the time stands on some lines only, and a thread's number comes again", async () => {
    const { harmful } = await watch(
      lines(
        [
          "261130 19:00:00\t     7 Connect\troot@127.0.0.1 on x using TCP/IP",
          `\t\t     7 Query\t${SET}`,
          "\t\t     7 Quit\t",
          "261130  9:00:01\t     7 Connect\troot@127.0.0.1 on x using TCP/IP",
          "\t\t     7 Query\tTRUNCATE payments",
          "\t\t     8 Query\tSELECT 1"
        ].join("\n")
      )
    )
    assert.deepStrictEqual(harmful, [])
  })

  it("tells what does no harm to the bots' tables from what does", () => {
    const harmless = [
      "SELECT * FROM payments WHERE bill_id = 'FOR UPDATE'",
      "INSERT INTO bot_analytics_admins (first_name) VALUES ('users')",
      "UPDATE bot_analytics_users SET facts = '[]'",
      "ALTER TABLE users ADD INDEX users_uid (uid), ALGORITHM=INPLACE, LOCK=NONE",
      "SHOW INDEX FROM payments"
    ]
    const harmful = [
      "SELECT * FROM payments FOR UPDATE",
      "SELECT uid FROM `bots` LOCK IN SHARE MODE",
      "INSERT INTO bot_analytics_users SELECT 1, user_id, '' FROM users",
      "CREATE TRIGGER x AFTER INSERT ON users FOR EACH ROW INSERT INTO m VALUES (1)",
      "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
      "LOCK TABLES users READ",
      "ALTER TABLE users DROP COLUMN meta",
      "ANALYZE TABLE payments",
      "DELETE p FROM payments p"
    ]
    assert.deepStrictEqual(
      harmless.filter((text) => !isHarmless(text)),
      []
    )
    assert.deepStrictEqual(harmful.filter(isHarmless), [])
  })
})
