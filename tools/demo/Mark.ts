import * as Effect from "effect/Effect"
import { rows, run, type Session } from "./Session.js"

/**
 * The demo's own table, of one row: written before the first row of the data and again after the last. It tells data that
 * the demo made from anybody else's, and a load that was broken off from a whole one.
 */
export const MARK_TABLE = "bot_analytics_demo"

export interface Mark {
  /** Whether the demo made the database too, and may so make it anew. */
  readonly madeDatabase: boolean
  /** When the load began, by the database's clock, and the present of its data: UTC, `2026-01-07 12:00:00`. */
  readonly began: string
  /** The rows of the four tables at the end of the load; null where it did not come to its end. */
  readonly loaded: string | null
}

interface Row {
  readonly made_database: number
  readonly began: string
  readonly loaded: string | null
}

export const read = (session: Session) =>
  Effect.map(
    rows<Row>(session, `SELECT made_database, began, loaded FROM ${MARK_TABLE}`),
    ([row]): Mark | undefined => row && { madeDatabase: row.made_database === 1, began: row.began, loaded: row.loaded }
  )

export const begin = (session: Session, madeDatabase: boolean, now: Date) =>
  run(
    session,
    `CREATE TABLE IF NOT EXISTS ${MARK_TABLE} (
       id INT NOT NULL PRIMARY KEY, made_database INT NOT NULL, began DATETIME NOT NULL, loaded VARCHAR(255) NULL
     ) CHARACTER SET utf8mb4`
  ).pipe(
    Effect.zipRight(
      run(session, `INSERT INTO ${MARK_TABLE} VALUES (1, ?, ?, NULL)`, [
        madeDatabase ? 1 : 0,
        now.toISOString().slice(0, 19).replace("T", " ")
      ])
    )
  )

export const end = (session: Session, loaded: string) => run(session, `UPDATE ${MARK_TABLE} SET loaded = ?`, [loaded])
