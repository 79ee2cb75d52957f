import { RawJson } from "../Domain/Json.js"

/**
 * From what the driver gives of a column to what the wire wants. Nothing is checked here: whatever is none of what a
 * column can hold passes as it is, and the answer's serializer refuses it (src/Response/Serializer.ts).
 */

/** A DATETIME (UTC), `2026-01-31 23:59:59`, as ISO 8601. MySQL's zero date is no instant: null. */
export const time = (value: unknown): unknown =>
  typeof value !== "string"
    ? value
    : value.startsWith("0000-00-00")
      ? null
      : `${value.slice(0, 10)}T${value.slice(11)}Z`

/**
 * A DECIMAL, which comes as text (or as a number, where an older table has a FLOAT or an integer), as the double nearest
 * to it. A null that the contract knows no meaning for counts as nothing.
 */
export const decimal = (value: unknown): unknown => (typeof value === "string" ? Number(value) : (value ?? 0))

/** Text in a column that may hold any. Text that is no JSON is answered as a string. */
const checked = (text: string): unknown => {
  try {
    JSON.parse(text)
    return new RawJson(text)
  } catch {
    return text
  }
}

/**
 * How to read a JSON column, which comes as the text that is stored. A server that has a type for JSON lets nothing else
 * in; MariaDB's JSON and older tables' TEXT may hold anything, and each value is looked at.
 */
export const json =
  (isChecked: boolean) =>
  (value: unknown): unknown =>
    typeof value !== "string" ? value : isChecked ? new RawJson(value) : checked(value)
