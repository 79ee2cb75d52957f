import { ALL, type Bot, type Changes, type User } from "./Changes.js"
import * as Place from "./Place.js"

/**
 * What facts have not taken in yet: for each user the newest place at which rows of his changed. The newest is enough: a
 * user is pending while it lies after the facts' place, and one too many is only looked at in vain.
 */

/** Whose rows are to be looked at. */
export type Changed =
  | { readonly _tag: "Users"; readonly users: ReadonlyArray<User> }
  /** All of the bot's. */
  | { readonly _tag: "All" }
  /** It has been forgotten: facts have gone on since, and are to be read anew. */
  | { readonly _tag: "Stale" }

interface BotPending {
  /** All users of the bot changed there, or too many to be remembered one by one. */
  all: Place.Place | undefined
  readonly users: Map<User, Place.Place>
}

export interface Pending {
  readonly add: (changes: Changes, place: Place.Place) => void
  /** What changed after `from`; for whoever brings facts up to `to`, up to there only: the rest stays pending. */
  readonly changed: (bot: Bot, from: Place.Place, to?: Place.Place) => Changed
  /** Facts of this bot have taken in all up to this place, and have been committed. */
  readonly forget: (bot: Bot, upTo: Place.Place) => void
  /** Bots that have something pending, each with its number of users, or all. */
  readonly bots: () => ReadonlyArray<readonly [bot: Bot, users: number | typeof ALL]>
  /** All bots changed there. */
  readonly allBots: () => Place.Place | undefined
  readonly users: () => number
  readonly clear: () => void
}

export const make = (limit: number): Pending => {
  const bots = new Map<Bot, BotPending>()
  /** Whoever asks from before that, with facts of an older snapshot, would miss what was forgotten. */
  const forgotten = new Map<Bot, Place.Place>()
  let allBots: Place.Place | undefined
  let size = 0

  const latest = (one: Place.Place | undefined, other: Place.Place) =>
    one === undefined ? other : Place.max(one, other)

  const widen = (pending: BotPending, place: Place.Place) => {
    pending.all = latest(pending.all, place)
    size -= pending.users.size
    pending.users.clear()
  }

  const of = (bot: Bot, place: Place.Place): BotPending | undefined => {
    const found = bots.get(bot)
    if (found !== undefined) return found
    if (bots.size >= limit) {
      allBots = latest(allBots, place)
      bots.clear()
      forgotten.clear()
      size = 0
      return undefined
    }
    const made: BotPending = { all: undefined, users: new Map() }
    bots.set(bot, made)
    return made
  }

  const add: Pending["add"] = (changes, place) => {
    if (changes.allBots) allBots = latest(allBots, place)
    for (const [bot, users] of changes.bots) {
      const pending = of(bot, place)
      if (pending === undefined) return
      if (users === ALL) widen(pending, place)
      else {
        size -= pending.users.size
        for (const user of users) pending.users.set(user, place)
        size += pending.users.size
        if (size > limit) widen(pending, place)
      }
    }
  }

  const isAfter = (place: Place.Place | undefined, from: Place.Place) =>
    place !== undefined && Place.isAfter(place, from)

  const changed: Pending["changed"] = (bot, from, to) => {
    const pending = bots.get(bot)
    if (isAfter(forgotten.get(bot), from)) return { _tag: "Stale" }
    if (isAfter(allBots, from) || isAfter(pending?.all, from)) return { _tag: "All" }
    const users: Array<User> = []
    for (const [user, place] of pending?.users ?? []) {
      if (Place.isAfter(place, from) && !(to !== undefined && Place.isAfter(place, to))) users.push(user)
    }
    return { _tag: "Users", users }
  }

  const forget: Pending["forget"] = (bot, upTo) => {
    const pending = bots.get(bot)
    forgotten.set(bot, latest(forgotten.get(bot), upTo))
    if (pending === undefined) return
    if (pending.all !== undefined && !Place.isAfter(pending.all, upTo)) pending.all = undefined
    for (const [user, place] of pending.users) {
      if (Place.isAfter(place, upTo)) continue
      pending.users.delete(user)
      size--
    }
    if (pending.all === undefined && pending.users.size === 0) bots.delete(bot)
  }

  const clear = () => {
    bots.clear()
    forgotten.clear()
    allBots = undefined
    size = 0
  }

  return {
    add,
    changed,
    forget,
    clear,
    bots: () => [...bots].map(([bot, { all, users }]) => [bot, all === undefined ? users.size : ALL] as const),
    allBots: () => allBots,
    users: () => size
  }
}
