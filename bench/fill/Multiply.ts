import type { Connection } from "mysql2/promise"

/** Telegram ids of the rows that are multiplied are below this; the sum of both stays below 2^52. */
const IDS_APART = 10_000_000_000

/** The lives of a customer's copies lie so many seconds apart, all rows of one life together. */
const SECONDS_APART = 97

/**
 * Copies the base rows `copies` times into the database: each copy has customers of its own, a little earlier. A server
 * copies ten times faster than a client sends; and sizes made of the same rows differ in nothing but size.
 *
 * Bills get a random head, so that a page of payments is not found in one place of the table: it never is in life.
 */
export const multiply = async (connection: Connection, base: string, target: string, copies: number): Promise<void> => {
  await connection.query(`CREATE TABLE ${base}.copies (n INT NOT NULL PRIMARY KEY)`)
  for (let n = 0; n < copies; n++) await connection.query(`INSERT INTO ${base}.copies VALUES (${n})`)
  const userId = `t.user_id + c.n * ${IDS_APART}`
  const earlier = (column: string) => `t.${column} - INTERVAL c.n * ${SECONDS_APART} SECOND`
  // In the order of the base table, so that uids ascend with time as they do where rows are written one after another.
  const rows = (table: string) => `${base}.${table} t STRAIGHT_JOIN ${base}.copies c`
  await connection.query(`INSERT INTO ${target}.bots SELECT * FROM ${base}.bots`)
  await connection.query(`
    INSERT INTO ${target}.users (user_id, bot_id, username, invited, reg_date, ref_percent, meta)
    SELECT ${userId}, t.bot_id, t.username, t.invited, ${earlier("reg_date")}, t.ref_percent, t.meta
    FROM ${rows("users")}`)
  await connection.query(`
    INSERT INTO ${target}.subscriptions
      (sub_uid, sub_url, user_id, bot_id, status, start_date, stop_date, meta, \`keys\`)
    SELECT IF(c.n = 0, t.sub_uid, CONCAT(t.sub_uid, '-', c.n)), t.sub_url, ${userId}, t.bot_id, t.status,
      ${earlier("start_date")}, ${earlier("stop_date")}, t.meta, t.\`keys\`
    FROM ${rows("subscriptions")}`)
  await connection.query(`
    INSERT INTO ${target}.payments (bill_id, user_id, bot_id, provider, amount, currency, status, date, meta)
    SELECT IF(c.n = 0, t.bill_id, CONCAT(LEFT(SHA2(CONCAT(c.n, t.bill_id), 256), 8), '-', t.bill_id)), ${userId},
      t.bot_id, t.provider, t.amount, t.currency, t.status, ${earlier("date")}, t.meta
    FROM ${rows("payments")}`)
}
