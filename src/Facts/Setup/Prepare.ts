import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { isDenied } from "../../Database/Failure.js"
import { type Gap, Gaps } from "../../Database/Gaps.js"
import { foreignAmong } from "../../Database/OwnTables.js"
import { createTables, KEPT, missingTables, OWN_TABLES } from "../Store/Tables.js"

const isOurs = Effect.map(foreignAmong(OWN_TABLES), (foreign) => !foreign.some(({ table }) => table === KEPT))

/** Tables that were lost take with them what the others knew: nothing is believed of what is left. */
export const disown = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.catchIf(Effect.asVoid(sql`DELETE FROM ${sql(KEPT)}`), isDenied, () => Effect.void)
).pipe(Effect.whenEffect(isOurs))

/** Makes tables of ours that were dropped after the migrations had made them. */
export const prepare = (mayCreate: boolean) =>
  Effect.gen(function* () {
    const missing = yield* missingTables
    if (missing.length === 0 || !mayCreate) return
    if (!missing.some(({ table }) => table === KEPT)) yield* disown
    // What can't be made is said with all other reasons.
    yield* Effect.provideServiceEffect(createTables, Gaps, Ref.make<ReadonlyArray<Gap>>([]))
  })
