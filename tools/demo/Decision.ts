import { describeRows, type Found } from "./Found.js"

/**
 * The rule: the demo fills a database whose name ends in `_demo`, where the four tables are all empty or absent. It deletes
 * nothing, but for one case: it makes a database anew that it made itself, and that holds what it wrote and nothing else.
 */
export type Decision =
  | { readonly _tag: "Load" }
  /** Drops the database, which the demo made, and loads. */
  | { readonly _tag: "LoadAnew"; readonly because: string }
  | { readonly _tag: "GoOn"; readonly note: string | undefined }
  | { readonly _tag: "Refuse"; readonly because: string }

export const isNamedForDemo = (database: string): boolean => /_demo$/i.test(database)

/** Data that end earlier than this are made anew: a demo must have a today. */
const STALE_AFTER_MILLIS = 12 * 3_600_000

const ageOf = (began: string, now: Date): number => now.getTime() - Date.parse(`${began.replace(" ", "T")}Z`)

export const anew = (database: string): string =>
  `to begin anew, run: DROP DATABASE \`${database}\`; CREATE DATABASE \`${database}\`;`

const refuse = (because: string): Decision => ({ _tag: "Refuse", because })

export const decide = (database: string, found: Found, now: Date): Decision => {
  const { mark, others, views } = found
  const held = describeRows(found.rows)
  if (!isNamedForDemo(database)) {
    return refuse(
      `The demo fills only a database whose name ends in "_demo"; "${database}" holds ${held || "no rows of bots"}. ` +
        "Nothing was written. Without DATABASE_URL the demo has a server of its own."
    )
  }
  if (views.length > 0) {
    return refuse(`The demo fills only tables; in "${database}" ${views.join(", ")} is a view. Nothing was written.`)
  }
  if (mark === undefined) {
    return held === ""
      ? { _tag: "Load" }
      : refuse(
          `The demo fills only empty tables; "${database}" holds ${held}, which it did not make. Nothing was written.`
        )
  }
  const own = mark.madeDatabase && others.length === 0
  if (mark.loaded === null) {
    return own
      ? { _tag: "LoadAnew", because: "An earlier load was broken off" }
      : refuse(
          `A load of the demo into "${database}" was broken off (${held || "no rows"}); ${anew(database)} Nothing was written.`
        )
  }
  if (ageOf(mark.began, now) < STALE_AFTER_MILLIS) return { _tag: "GoOn", note: undefined }
  return own && mark.loaded === held
    ? { _tag: "LoadAnew", because: `The data end on ${mark.began}` }
    : { _tag: "GoOn", note: `The data end on ${mark.began}, and stay as they are; ${anew(database)}` }
}
