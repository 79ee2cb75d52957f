/** Whose rows one transaction changed. */

/** The bot's id, as text: it may be larger than a number of ours. */
export type Bot = string

/** The user's id, as text; null: the rows that belong to no user. */
export type User = string | null

/** Too many users to name them, or one whose id is no integer: then all of the bot's. */
export const ALL = "all"

export interface Changes {
  readonly bots: Map<Bot, Set<User> | typeof ALL>
  /** A bot whose id is no integer, or too many bots: then all bots. */
  allBots: boolean
  /** Users that are named. */
  size: number
}

export const empty = (): Changes => ({ bots: new Map(), allBots: false, size: 0 })

export const isEmpty = ({ allBots, bots }: Changes): boolean => !allBots && bots.size === 0

/** As integers are written: what nearly all ids are, found without a regular expression. */
const isPlain = (text: string): boolean => {
  const first = text.charCodeAt(0)
  if (!(first > 48 && first <= 57)) return false
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  return true
}

/**
 * An id as it is compared, whatever its column's type: `007` in a text column is the number 7. `undefined` where it is no
 * integer: what it is equal to, in the eyes of the server, is not to be guessed here.
 */
const idOf = (text: string): string | undefined => {
  if (isPlain(text)) return text
  const [, sign, digits] = /^\s*([-+]?)0*(\d+)\s*$/.exec(text) ?? []
  if (digits === undefined) return undefined
  return sign === "-" && digits !== "0" ? `-${digits}` : digits
}

const addAll = (changes: Changes, bot: Bot): void => {
  const users = changes.bots.get(bot)
  if (users !== undefined && users !== ALL) changes.size -= users.size
  changes.bots.set(bot, ALL)
}

/** Never names more than so many users, nor so many bots. */
export const add = (changes: Changes, botText: string, userText: User, limit: number): void => {
  const bot = idOf(botText)
  const user = userText === null ? null : idOf(userText)
  if (bot === undefined) {
    changes.allBots = true
    return
  }
  const users = changes.bots.get(bot)
  if (users === ALL) return
  if (user === undefined) addAll(changes, bot)
  else if (users === undefined) {
    if (changes.bots.size >= limit) changes.allBots = true
    else {
      changes.bots.set(bot, new Set([user]))
      changes.size++
    }
  } else if (!users.has(user)) {
    users.add(user)
    changes.size++
  }
  if (changes.size > limit) addAll(changes, bot)
}

/** Takes in what another part of the same transaction changed. */
export const merge = (into: Changes, from: Changes, limit: number): void => {
  if (from.allBots) into.allBots = true
  for (const [bot, users] of from.bots) {
    if (users === ALL) addAll(into, bot)
    else for (const user of users) add(into, bot, user, limit)
  }
}
