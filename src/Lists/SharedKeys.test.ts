import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { OWNER } from "../testing/BotRows.js"
import { botTables } from "../testing/Bots.js"
import { getAs, query } from "../testing/Client.js"
import { testService } from "../testing/Service.js"

const STRANGER = 43

/** Two bots of two owners, each of which numbers its own rows from 1: every key is there once for each bot. */
const shareKeys = query(`
    ALTER TABLE payments DROP PRIMARY KEY;
    ALTER TABLE users MODIFY uid INT NOT NULL, DROP PRIMARY KEY;
    ALTER TABLE subscriptions MODIFY uid INT NOT NULL, DROP PRIMARY KEY;
    INSERT INTO bots (uid, bot_id, admin_id) VALUES (1, 101, ${OWNER}), (2, 102, ${STRANGER});
    INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date, meta) VALUES
      ('1001', 7, 1, 199.99, 'RUB', 'PAID', '2026-01-07 12:00:00', NULL),
      ('1001', 200, 2, 5000, 'RUB', 'PAID', '2026-01-07 12:00:00', '{"secret": "theirs"}');
    INSERT INTO users (uid, user_id, bot_id, username, reg_date) VALUES
      (1, 7, 1, 'mine', '2026-01-01 00:00:00'), (1, 200, 2, 'theirs', '2026-01-01 00:00:00');
    INSERT INTO subscriptions (uid, sub_uid, sub_url, user_id, bot_id, status, start_date) VALUES
      (1, 'a', 'https://mine', 7, 1, 'Active', '2026-01-01 00:00:00'),
      (1, 'b', 'https://theirs', 200, 2, 'Active', '2026-01-01 00:00:00')`)

layer(testService({ prepare: botTables() }), { excludeTestServices: true })("lists", (it) => {
  it.effect("a key that is unique within its bot alone shows no other bot's row", () =>
    Effect.gen(function* () {
      yield* shareKeys
      for (const rows of ["payments", "users", "subscriptions"]) {
        for (const [bot, owner, user] of [
          [1, OWNER, 7],
          [2, STRANGER, 200]
        ] as const) {
          const { json, status, text } = yield* getAs(owner, `/api/${rows}`, { bot_id: bot })
          assert.strictEqual(status, 200, text)
          assert.strictEqual(json.total, 1)
          assert.deepStrictEqual(
            json[rows].map((row: { bot_id: number; user_id: number }) => [row.bot_id, row.user_id]),
            [[bot, user]],
            text
          )
        }
      }
    })
  )
})
