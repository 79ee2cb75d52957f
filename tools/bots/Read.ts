/** Reads the four tables back as plain values: what the oracle is asked about rows that were written by SQL. */
import type { Connection, RowDataPacket } from "mysql2/promise"
import type { BotData, BotRow, PaymentRow, SubscriptionRow, UserRow } from "./Rows.js"

const date = (text: unknown): Date | null => (typeof text === "string" ? new Date(`${text.replace(" ", "T")}Z`) : null)

const all = async <Row>(connection: Connection, sql: string, toRow: (row: RowDataPacket) => Row) => {
  const [rows] = await connection.query<Array<RowDataPacket>>({ sql, values: [] })
  return rows.map(toRow)
}

const text = (column: string) => `CAST(\`${column}\` AS CHAR) AS \`${column}\``

/** An older bot's ids may be text. */
const ids = (row: RowDataPacket) => ({ user_id: Number(row.user_id), bot_id: Number(row.bot_id) })

/** The connection must give DATETIMEs as text (`dateStrings`). */
export const readRows = async (connection: Connection): Promise<BotData> => ({
  bots: await all(
    connection,
    `SELECT uid, bot_id, username, admin_id, ref_percent, balance, status, ${text("meta")} FROM bots`,
    (row) => row as BotRow & RowDataPacket
  ),
  users: await all(
    connection,
    `SELECT uid, user_id, bot_id, username, invited, reg_date, ref_percent, ${text("meta")} FROM users`,
    (row) => ({ ...(row as UserRow & RowDataPacket), ...ids(row), reg_date: date(row.reg_date) })
  ),
  payments: await all(
    connection,
    `SELECT bill_id, user_id, bot_id, provider, amount, currency, status, date, ${text("meta")} FROM payments`,
    (row) => ({ ...(row as PaymentRow & RowDataPacket), ...ids(row), date: date(row.date) ?? new Date(0) })
  ),
  subscriptions: await all(
    connection,
    `SELECT uid, sub_uid, sub_url, user_id, bot_id, status, start_date, stop_date, ${text("meta")}, ${text("keys")}
     FROM subscriptions`,
    (row) => ({
      ...(row as SubscriptionRow & RowDataPacket),
      ...ids(row),
      start_date: date(row.start_date),
      stop_date: date(row.stop_date)
    })
  )
})
