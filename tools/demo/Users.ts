/**
 * Who signs up: ids, names, where they come from.
 */
import type { UserRow } from "../bots/Rows.js"
import type { BotProfile } from "./Bots.js"
import type { Random, Some } from "./Random.js"
import type { Campaign } from "./Rhythm.js"

const firstNames: Some<string> = [
  "Анна",
  "Дмитрий",
  "Мария",
  "Иван",
  "Ольга",
  "Сергей",
  "Катя 🌸",
  "Лёша",
  "Юля",
  "Тимур",
  "🦊",
  "Ильдар",
  "Наталья",
  "Ёжик в тумане",
  "Alex",
  "Max 🚀",
  "Zoë",
  "Øyvind",
  "José",
  "Айгүл",
  "Նարեկ",
  "გიორგი",
  "陈伟",
  "محمد"
]
const lastNames: Some<string | undefined> = [
  undefined,
  undefined,
  undefined,
  "Иванова",
  "Петров",
  "К.",
  "O'Brien",
  'Смирнов "Сэм"',
  "👨‍👩‍👧‍👦",
  "von Grün"
]
const languages: Some<readonly [string, number]> = [
  ["ru", 78],
  ["en", 10],
  ["uk", 4],
  ["kk", 3],
  ["fa", 3],
  ["de", 2]
]
const nicks: Some<string> = [
  "lesnik",
  "anna",
  "dimon",
  "Kot",
  "neo",
  "sova",
  "mister",
  "Luna",
  "vektor",
  "tigra",
  "max",
  "yuki"
]

/** Different for each number up to 3 million: Telegram ids as old (nine, ten digits) and new (5 to 8.8 billion) accounts have. */
const telegramId = (index: number): number => {
  const scattered = (index * 2_654_435_761) % 5_700_000_007
  return scattered < 1_900_000_000 ? 100_000_000 + scattered : 3_100_000_000 + scattered
}

/** Hands out Telegram ids; some people come to a second bot. No id comes twice in one bot. */
export class People {
  #next: number
  readonly #travellers = new Map<number, Array<number>>()
  readonly #bots: Some<number>

  constructor(seed: number, bots: Some<number>) {
    this.#next = 1 + (Math.abs(seed) % 100_000)
    this.#bots = bots
  }

  take(random: Random, bot: number): number {
    const known = random.chance(0.5) ? this.#travellers.get(bot)?.shift() : undefined
    if (known !== undefined) return known
    const id = telegramId(this.#next++)
    const other = random.pick(this.#bots)
    if (other !== bot && random.chance(0.05)) {
      const waiting = this.#travellers.get(other)
      if (waiting === undefined) this.#travellers.set(other, [id])
      else if (waiting.length < 1000) waiting.push(id)
    }
    return id
  }
}

const invitedOf = (random: Random, at: number, campaigns: ReadonlyArray<Campaign>, inviter: number): string | null => {
  const campaign = campaigns.find((one) => at >= one.from && at < one.to)
  if (campaign !== undefined && random.chance(0.45)) return campaign.name
  const share = random.fraction()
  if (share < 0.5) return null
  if (share < 0.7) return `ref_${inviter}`
  if (share < 0.82) return String(inviter)
  return random.pick(["organic", "tg_search", "site", "instagram", "friend", "Подруга", "qr-метро"])
}

/** The row of somebody who signed up at `at` (seconds). `inviter` is the Telegram id of an earlier user of the bot. */
export const makeUser = (
  random: Random,
  bot: BotProfile,
  campaigns: ReadonlyArray<Campaign>,
  who: { readonly at: number; readonly userId: number; readonly inviter: number }
): Omit<UserRow, "uid"> => {
  const last = random.pick(lastNames)
  return {
    user_id: who.userId,
    bot_id: bot.row.uid,
    username: random.chance(0.34) ? null : `${random.pick(nicks)}_${random.letters(random.whole(3, 8))}`,
    invited: invitedOf(random, who.at, campaigns, who.inviter),
    reg_date: random.chance(0.006) ? null : new Date(who.at * 1000),
    ref_percent: random.chance(0.04) ? random.pick(["5.00", "10.00", "12.50", "20.00"]) : "0.00",
    meta: random.chance(0.12)
      ? null
      : JSON.stringify({
          first_name: random.pick(firstNames),
          ...(last === undefined ? {} : { last_name: last }),
          language_code: random.weighted(languages),
          ...(random.chance(0.08) ? { is_premium: true } : {})
        })
  }
}
