import * as Option from "effect/Option"
import type { Bot } from "./Changes.js"
import { type Doubt, type DoubtKind, describe, type Seen, type Table } from "./Doubt.js"
import type { Group } from "./Interpreter.js"
import * as Pending from "./Pending.js"
import * as Place from "./Place.js"

/** What the log has said so far, from where it is followed on: whom it changed, and from which place on facts are good. */
export interface Ledger {
  readonly pending: Pending.Pending
  /** Another log, or a stretch of it was missed: nothing from before this place is good. */
  readonly begin: (server: string, at: Place.Place, missed: Option.Option<DoubtKind>) => void
  /** The file's birth as the log says; false where it is another file than the one of that name before. */
  readonly entered: (file: string, born: number) => boolean
  readonly take: (group: Group) => void
  readonly anchor: (place: Place.Place) => Option.Option<Place.Anchor>
  /** Why facts that have taken in the log up to there are not to be used: none where they are good. */
  readonly distrust: (anchor: Place.Anchor, reached: Place.Place) => Option.Option<string>
  /** Where the write lies that gave the bot's row in our own table this token: one of the newest. */
  readonly written: (bot: Bot, token: string) => Place.Anchor | undefined
  readonly server: () => string | undefined
  /** How often each doubt has come. */
  readonly doubts: () => ReadonlyArray<Seen & { readonly count: number }>
  /** Those that have come since this was called last. */
  readonly news: () => ReadonlyArray<Doubt>
}

/** Writes into one row that are remembered: others may write it too before its writer has found his own. */
const WRITES = 16

interface Write {
  readonly token: string
  readonly place: Place.Anchor
}

export const make = (limit: number): Ledger => {
  const pending = Pending.make(limit)
  let server: string | undefined
  let since = Place.make("none.0", 0)
  let latest: Doubt | undefined
  let news: Array<Doubt> = []
  const counts = new Map<string, Seen & { count: number }>()
  const births = new Map<string, number>()
  const writes = new Map<Bot, ReadonlyArray<Write>>()

  const doubt = (kind: DoubtKind, table: Table | undefined, place: Place.Place) => {
    const key = `${kind} ${table}`
    const counted = counts.get(key) ?? { kind, table, count: 0 }
    counts.set(key, { ...counted, count: counted.count + 1 })
    latest = { kind, table, place }
    if (news.length < 100) news.push(latest)
    since = Place.max(since, place)
  }

  const anchor: Ledger["anchor"] = (place) => {
    const born = births.get(place.file)
    return server === undefined || born === undefined ? Option.none() : Option.some({ ...place, server, born })
  }

  const begin: Ledger["begin"] = (id, at, missed) => {
    server = id
    since = at
    latest = undefined
    births.clear()
    writes.clear()
    pending.clear()
    if (Option.isSome(missed)) doubt(missed.value, undefined, at)
  }

  const entered: Ledger["entered"] = (file, born) => {
    const before = births.get(file)
    if (before !== undefined) return before === born
    births.set(file, born)
    return true
  }

  const take: Ledger["take"] = ({ changes, doubts, place, tokens: written }) => {
    for (const { kind, table } of doubts) doubt(kind, table, place)
    pending.add(changes, place)
    const at = anchor(place)
    if (Option.isNone(at)) return
    for (const [bot, token] of written) {
      writes.set(bot, [{ token, place: at.value }, ...(writes.get(bot) ?? [])].slice(0, WRITES))
    }
  }

  const distrust: Ledger["distrust"] = (kept, reached) => {
    if (kept.server !== server) return Option.some("they were kept on another server")
    if (Place.isBefore(kept, since)) {
      return Option.some(latest === undefined ? "the log does not go back to them" : describe(latest))
    }
    if (Place.isAfter(kept, reached)) return Option.some("the log does not reach them")
    return births.get(kept.file) === kept.born ? Option.none() : Option.some("the log was reset since")
  }

  return {
    pending,
    begin,
    entered,
    take,
    anchor,
    distrust,
    written: (bot, token) => writes.get(bot)?.find((write) => write.token === token)?.place,
    server: () => server,
    doubts: () => [...counts.values()],
    news: () => {
      const found = news
      news = []
      return found
    }
  }
}
