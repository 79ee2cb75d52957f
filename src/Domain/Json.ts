import * as Schema from "effect/Schema"

/** What a JSON column holds, as JSON. Bots put what they like there. */
export const Json = Schema.Unknown.annotations({
  identifier: "Json",
  arbitrary: () => (fc) => fc.jsonValue(),
  // An empty schema would say the same. Generators make nothing of it, or a name that is nowhere.
  jsonSchema: {
    description: "Any JSON value, as the bot wrote it; null where the column is null",
    anyOf: [
      { type: "object", additionalProperties: true },
      { type: "array", items: {} },
      { type: "string" },
      { type: "number" },
      { type: "boolean" },
      { type: "null" }
    ]
  }
})

/** JSON as text, which a response passes on as it is: nothing is parsed, and no number in it is rounded. */
export class RawJson {
  constructor(readonly text: string) {}
}
