import * as Schema from "effect/Schema"

/** What a JSON column holds, as JSON. Bots put what they like there. */
export const Json = Schema.Unknown.annotations({
  identifier: "Json",
  arbitrary: () => (fc) => fc.jsonValue(),
  jsonSchema: { description: "Any JSON value, as the bot wrote it; null where the column is null" }
})

/** JSON as text, which a response passes on as it is: nothing is parsed, and no number in it is rounded. */
export class RawJson {
  constructor(readonly text: string) {}
}
