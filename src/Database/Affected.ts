import type { SqlError } from "@effect/sql/SqlError"
import type { Statement } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** How many rows a statement found to write: a row that had these values already counts too. */
export const affectedRows = (statement: Statement<object>): Effect.Effect<number, SqlError> =>
  Effect.map(statement.raw, (result) =>
    Predicate.hasProperty(result, "affectedRows") ? Number(result.affectedRows) : 0
  )
