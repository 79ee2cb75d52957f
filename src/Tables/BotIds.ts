import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { BotId } from "../Domain/Ids.js"

/** No request asks for a larger one, and our own tables hold none. */
const LARGEST = 2 ** 31 - 1

const isBotId = Schema.is(BotId)

/** All bots that can be asked for, whatever the column's type. */
export const botIds = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly uid: number | string | null }>`SELECT uid FROM bots ORDER BY uid`
  return rows.map(({ uid }) => Number(uid)).filter((uid): uid is BotId => isBotId(uid) && uid <= LARGEST)
})
