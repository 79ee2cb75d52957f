/** Random writes of bots, on whichever rows there are. */
import * as FC from "effect/FastCheck"
import type { BotData } from "../bots/Rows.js"
import { userIds } from "./RandomValues.js"

const KEYS = { users: "uid", payments: "bill_id", subscriptions: "uid" } as const

const ofOneRow = ["insert", "replace", "update", "set one", "move", "delete"] as const
const ofManyRows = ["copy to all", "delete all"] as const
type Kind = (typeof ofOneRow)[number] | (typeof ofManyRows)[number]

/** `i` chooses among the rows that are there, `j` among the spare ones that values are taken from. */
export interface Write {
  readonly table: keyof typeof KEYS
  readonly kind: Kind
  readonly i: number
  readonly j: number
}

export const write: FC.Arbitrary<Write> = FC.record({
  table: FC.constantFrom("users", "payments", "subscriptions"),
  kind: FC.oneof(
    { weight: 8, arbitrary: FC.constantFrom<Kind>(...ofOneRow) },
    { weight: 1, arbitrary: FC.constantFrom<Kind>(...ofManyRows) }
  ),
  i: FC.nat(50),
  j: FC.nat(50)
})

export interface Statement {
  readonly sql: string
  readonly values: ReadonlyArray<unknown>
}

type Values = Readonly<Record<string, unknown>>

const valuesOf = (row: object): Values =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Date ? value.toISOString().slice(0, 19).replace("T", " ") : value
    ])
  )

const pick = <A>(all: ReadonlyArray<A>, index: number): A | undefined => all[index % Math.max(1, all.length)]

const onlyOne = (values: Values, index: number): Values =>
  Object.fromEntries([pick(Object.entries(values), index) ?? []])

/** The statement that does the write to these rows; none where there is no such row, or no value for it. */
export const statementOf = ({ i, j, kind, table }: Write, rows: BotData, spare: BotData): Statement | undefined => {
  const key = KEYS[table]
  const old = pick<object>(rows[table], i)
  const fresh = pick<object>(spare[table], j)
  const row = old && valuesOf(old)
  const given = fresh && valuesOf(fresh)
  if (given === undefined) return undefined
  if (kind === "insert") return { sql: `INSERT IGNORE INTO ${table} SET ?`, values: [given] }
  if (kind === "replace") return { sql: `REPLACE INTO ${table} SET ?`, values: [given] }
  if (row === undefined) return undefined
  const { [key]: _, ...others } = given
  const ofRow = (values: Values) => ({ sql: `UPDATE ${table} SET ? WHERE ${key} = ?`, values: [values, row[key]] })
  switch (kind) {
    case "update":
      return ofRow(others)
    case "set one":
      return ofRow(onlyOne(others, i + j))
    case "move":
      return ofRow(j % 2 === 0 ? { user_id: pick(userIds, j) } : { bot_id: 1 + (j % 3) })
    case "copy to all":
      return { sql: `UPDATE ${table} SET ? WHERE bot_id = ?`, values: [onlyOne(others, i + j), row.bot_id] }
    case "delete":
      return { sql: `DELETE FROM ${table} WHERE ${key} = ?`, values: [row[key]] }
    case "delete all":
      return {
        sql: `DELETE FROM ${table} WHERE bot_id = ? AND user_id = ?`,
        values: [row.bot_id, row.user_id]
      }
  }
}
