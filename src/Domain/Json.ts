import * as Schema from "effect/Schema"

/** What a JSON column holds, as JSON. Bots put what they like there. */
export const Json = Schema.Unknown.annotations({
  identifier: "Json",
  arbitrary: () => (fc) => fc.jsonValue(),
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

/** JSON as text, which an answer passes on as it stands: nothing is parsed, and no number in it is rounded. */
export class RawJson {
  constructor(readonly text: string) {}
}

/**
 * An answer `A` whose objects and lists have their shape, and whose values are still to be checked: what a repository makes
 * of the driver's rows (src/Database/Columns.ts), and the serializer checks when it writes it (src/Response/Serializer.ts).
 */
export type Unchecked<A> = A extends string | number | boolean | null | undefined
  ? unknown
  : A extends ReadonlyArray<infer Item>
    ? ReadonlyArray<Unchecked<Item>>
    : A extends object
      ? { readonly [Key in keyof A]: Unchecked<A[Key]> }
      : unknown
