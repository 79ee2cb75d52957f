import { Schema } from "effect"

/** What a JSON column holds, as JSON. Bots put what they like there. */
export const Json = Schema.Unknown.annotations({
  identifier: "Json",
  jsonSchema: { description: "Any JSON value, as the bot wrote it; null where the column is null" }
})

/**
 * A JSON column as the driver gives it: the stored text. MariaDB's JSON and older tables' TEXT columns may hold text that
 * is no JSON; it is answered as a string.
 */
export const JsonColumn = Schema.transform(Schema.NullOr(Schema.String), Json, {
  strict: true,
  decode: (text) => {
    if (text === null) return null
    try {
      return JSON.parse(text) as unknown
    } catch {
      return text
    }
  },
  encode: (value) => (value === null ? null : JSON.stringify(value))
})
