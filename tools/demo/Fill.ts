import * as Effect from "effect/Effect"
import mysql from "mysql2/promise"
import { emptyBotTables, loadRows } from "../bots/Load.js"
import { demoDataSet } from "./DataSet.js"
import { makeProgress } from "./Progress.js"

/** Data that end earlier than this are made anew: a demo must have a today. */
const STALE_AFTER_HOURS = 12

interface Found {
  readonly bots: number
  readonly newest: string | null
}

const connect = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(() =>
      mysql.createConnection({ uri: url.replace(/^mysql\+\w+:/, "mysql:"), timezone: "Z", dateStrings: true })
    ),
    (connection) => Effect.promise(() => connection.end())
  )

const lookInto = async (connection: mysql.Connection): Promise<Found> => {
  const [rows] = await connection.query<Array<Found & mysql.RowDataPacket>>(
    "SELECT (SELECT COUNT(*) FROM bots) AS bots, (SELECT MAX(date) FROM payments) AS newest"
  )
  return rows[0] ?? { bots: 0, newest: null }
}

/**
 * Fills the bots' tables. Where they hold rows, they are left alone, unless the database is the demo's own (`ours`) and
 * the rows have grown old.
 */
export const fill = (url: string, ours: boolean) =>
  Effect.scoped(
    Effect.gen(function* () {
      const connection = yield* connect(url)
      const { bots, newest } = yield* Effect.promise(() => lookInto(connection))
      const now = new Date()
      const age =
        newest === null ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(`${newest.replace(" ", "T")}Z`)
      if (bots > 0 && (!ours || age < STALE_AFTER_HOURS * 3_600_000)) return
      const data = demoDataSet({ now })
      const progress = makeProgress("Loading the demo data")
      yield* Effect.promise(async () => {
        await emptyBotTables(connection)
        await loadRows(connection, data, progress.update)
      })
      progress.finish()
    })
  )
