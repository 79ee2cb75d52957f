/**
 * The bots of the demo and what makes each of them different: size, growth, prices, how people pay.
 */
import type { BotRow } from "../bots/Rows.js"
import type { Random, Some } from "./Random.js"
import { type Campaign, day } from "./Rhythm.js"

/** The Telegram user who owns the first three bots. */
export const DEMO_OWNER = { id: 777000123, first_name: "Лиса", username: "demo_owner" } as const

/** Owners of one bot each, whose figures the demo owner must never see. */
export const OTHER_OWNERS = [
  { id: 5208341977, first_name: "Marat", username: "marat_keys" },
  { id: 341880265, first_name: "Olga", username: null }
] as const

export type Currency = "RUB" | "XTR" | "USDT"

export interface BotProfile {
  readonly row: BotRow
  /** Users at scale 1. */
  readonly users: number
  /** How many times more sign-ups a day at the end than at the beginning. */
  readonly growth: number
  /** Days back from now at which the bot was opened. */
  readonly opened: number
  /** Days back from now at which it was paused: nobody signs up or pays after that. 0 for a running bot. */
  readonly paused: number
  /** Share of the users who take a free trial on sign-up, and its length in days. */
  readonly trialShare: number
  readonly trialDays: number
  /** Share of the users who ever buy. */
  readonly buyerShare: number
  /** Multiplies the chance of each renewal. */
  readonly loyalty: number
  /** Multiplies every price. */
  readonly price: number
  readonly currencies: Some<readonly [Currency, number]>
}

const profile = (
  bot: Pick<BotRow, "uid" | "bot_id" | "username" | "admin_id" | "balance"> & Partial<BotRow>,
  rest: Omit<BotProfile, "row">
): BotProfile => ({ row: { ref_percent: "0.00", status: "ACTIVE", meta: null, ...bot }, ...rest })

/** How far back the history goes, in days (18 months). */
export const historyDays = 548

export const botProfiles: ReadonlyArray<BotProfile> = [
  profile(
    {
      uid: 1,
      bot_id: 7214036581,
      username: "demo_fox_vpn_bot",
      admin_id: DEMO_OWNER.id,
      ref_percent: "15.00",
      balance: "48210.55",
      meta: JSON.stringify({ title: "Лиса VPN 🦊", lang: "ru", support: "@demo_fox_help" })
    },
    {
      users: 24_000,
      growth: 5,
      opened: historyDays,
      paused: 0,
      trialShare: 0.74,
      trialDays: 3,
      buyerShare: 0.27,
      loyalty: 1,
      price: 1,
      currencies: [
        ["RUB", 64],
        ["XTR", 22],
        ["USDT", 14]
      ]
    }
  ),
  profile(
    {
      uid: 2,
      bot_id: 6893310472,
      username: "demo_owl_proxy_bot",
      admin_id: DEMO_OWNER.id,
      ref_percent: "10.00",
      balance: "913.1",
      meta: JSON.stringify({ title: "Owl Proxy", lang: "en" })
    },
    {
      users: 11_000,
      growth: 9,
      opened: 420,
      paused: 0,
      trialShare: 0.62,
      trialDays: 1,
      buyerShare: 0.3,
      loyalty: 0.97,
      price: 0.75,
      currencies: [
        ["RUB", 30],
        ["XTR", 52],
        ["USDT", 18]
      ]
    }
  ),
  profile(
    {
      uid: 3,
      bot_id: 5931874206,
      username: "demo_crane_keys_bot",
      admin_id: DEMO_OWNER.id,
      balance: "0",
      status: "PAUSED"
    },
    {
      users: 4_000,
      growth: 0.8,
      opened: historyDays,
      paused: 12,
      trialShare: 0.35,
      trialDays: 7,
      buyerShare: 0.24,
      loyalty: 0.9,
      price: 1.6,
      currencies: [
        ["USDT", 62],
        ["RUB", 38]
      ]
    }
  ),
  profile(
    {
      uid: 4,
      bot_id: 7450192238,
      username: "demo_marat_bot",
      admin_id: OTHER_OWNERS[0].id,
      ref_percent: "25.00",
      balance: "120.00000001",
      meta: JSON.stringify({ title: "Марат: ключи", lang: "ru" })
    },
    {
      users: 8_000,
      growth: 3,
      opened: 500,
      paused: 0,
      trialShare: 0.64,
      trialDays: 3,
      buyerShare: 0.3,
      loyalty: 1.02,
      price: 0.9,
      currencies: [
        ["RUB", 88],
        ["XTR", 12]
      ]
    }
  ),
  profile(
    { uid: 5, bot_id: 8016642735, username: null, admin_id: OTHER_OWNERS[1].id, balance: "0" },
    {
      users: 3_000,
      growth: 4,
      opened: 240,
      paused: 0,
      trialShare: 0,
      trialDays: 0,
      buyerShare: 0.4,
      loyalty: 0.95,
      price: 1.2,
      currencies: [["XTR", 1]]
    }
  )
]

const campaignNames: Some<string> = [
  "tgads",
  "yt_obzor",
  "vk_target",
  "habr_post",
  "блогер_Лена",
  "seed_channels",
  "promo"
]

/** Some weeks of advertising between two instants (seconds). */
export const campaignsOf = (random: Random, from: number, to: number): ReadonlyArray<Campaign> =>
  Array.from({ length: Math.max(1, Math.round((to - from) / (75 * day))) }, (_, index) => {
    const start = from + Math.floor(random.fraction() * (to - from))
    const length = random.whole(3, 12) * day
    const name = `${random.pick(campaignNames)}_${index + 1}`
    return { name, from: start, to: start + length, boost: 1.3 + random.fraction() * 1.1 }
  })
