import * as Schema from "effect/Schema"

/** An instant on the wire: ISO 8601 in UTC with `Z`, as exact as the column that holds it. */
export const UtcTime = Schema.String.pipe(
  Schema.pattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/),
  Schema.annotations({
    identifier: "UtcTime",
    jsonSchema: {
      type: "string",
      format: "date-time",
      description: "An instant in UTC, ISO 8601 with Z",
      examples: ["2026-01-31T23:59:59Z"]
    }
  })
)
