import type { Row } from "@effect/sql/SqlConnection"
import { type Array, Effect, Schema } from "effect"

const Total = Schema.Struct({ total: Schema.NonNegativeInt })

/**
 * A list comes as one statement: each row of the page beside the `total` of all pages; and where the page is empty, one
 * row of nulls, so that the total is there all the same. `key` is a column that no real row has null.
 */
export const decodePage = <A, I>(row: Schema.Schema<A, I>, key: string) => {
  const decodeTotal = Schema.decodeUnknown(Total)
  const decodeRows = Schema.decodeUnknown(Schema.Array(row))
  return (rows: Array.NonEmptyReadonlyArray<Row>) =>
    Effect.orDie(
      Effect.all({
        total: Effect.map(decodeTotal(rows[0]), ({ total }) => total),
        items: decodeRows(rows.filter((item) => item[key] !== null))
      })
    )
}
