import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

/** More names than these help nobody. */
const NAMED = 10

/**
 * What is wrong with `bots` where it has no unique key, in words for the operator: bots that are there several times. Their
 * figures are right all the same; where two admins claim one, neither is let in (src/Access/Grant.ts).
 */
export const doubledBots = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly uid: number; readonly is_contested: number }>`
    SELECT uid, COALESCE(MIN(admin_id) <> MAX(admin_id), 0) AS is_contested
    FROM bots WHERE uid IS NOT NULL GROUP BY uid HAVING COUNT(*) > 1 ORDER BY uid LIMIT ${BigInt(NAMED)}`
  const named = (contested: number) =>
    rows.filter(({ is_contested }) => is_contested === contested).map(({ uid }) => uid)
  const [same, contested] = [named(0), named(1)]
  return [
    ...(same.length === 0
      ? []
      : [`bots.uid is not unique: ${same.join(", ")} is there several times; delete the other rows`]),
    ...(contested.length === 0
      ? []
      : [
          `bots.uid is not unique: several admins have bot ${contested.join(", ")}, and none of them is let in; delete the rows of those who don't own it`
        ])
  ]
})
