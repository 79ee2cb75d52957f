import * as Schema from "effect/Schema"

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/

/** An instant on the wire: ISO 8601 in UTC with `Z`, as exact as the column that holds it. */
export const UtcTime = Schema.String.pipe(
  Schema.pattern(INSTANT),
  Schema.annotations({
    identifier: "UtcTime",
    arbitrary: () => (fc) => fc.stringMatching(INSTANT),
    jsonSchema: {
      type: "string",
      format: "date-time",
      description: "An instant in UTC, ISO 8601 with Z",
      examples: ["2026-01-31T23:59:59Z"]
    }
  })
)
