import type { BotData } from "../../tools/bots/Rows.js"
import type { serviceOverBots } from "./Bots.js"

/**
 * Fills the tables where `bill_id` has a collation to which different texts are the same. Of such bills the database keeps
 * one. Returns the rows that are there.
 */
export const fillWithoutTwins = async (
  { fill, query }: Pick<ReturnType<typeof serviceOverBots>, "fill" | "query">,
  data: BotData
): Promise<BotData> => {
  await fill({ ...data, payments: [] })
  for (const row of data.payments) {
    const values = Object.values({ ...row, date: row.date.toISOString().slice(0, 19).replace("T", " ") })
    await query(`INSERT IGNORE INTO payments (${Object.keys(row).join(", ")}) VALUES (?)`, [values])
  }
  const [kept] = await query("SELECT bill_id FROM payments")
  const ids = new Set((kept as Array<{ readonly bill_id: string }>).map((row) => row.bill_id))
  return { ...data, payments: data.payments.filter((row) => ids.has(row.bill_id)) }
}
