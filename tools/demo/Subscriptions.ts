/**
 * Subscriptions: access from one instant to another, with made-up keys that open nothing.
 */
import type { SubscriptionRow } from "../bots/Rows.js"
import type { Random, Some } from "./Random.js"
import { day } from "./Rhythm.js"

/** Instants in seconds. `stop` moves with every renewal. */
export interface Access {
  readonly origin: "trial" | "paid"
  readonly start: number
  stop: number
}

const trialFlags: Some<Readonly<Record<string, unknown>>> = [
  { trial: true },
  { is_trial: true },
  { is_trial: 1 },
  { trial: "true" },
  { kind: "trial" },
  { type: "Trial" }
]
const paidFlags: Some<Readonly<Record<string, unknown>>> = [
  { trial: false },
  { is_trial: 0 },
  { kind: "paid" },
  { type: "vpn" }
]

/** About half say whether they are a trial; the others leave it to the rule of the contract. */
const metaOf = (random: Random, origin: Access["origin"]): string | null => {
  const told = random.chance(0.5)
  if (!told && random.chance(0.6)) return null
  return JSON.stringify({
    ...(told ? random.pick(origin === "trial" ? trialFlags : paidFlags) : {}),
    devices: random.whole(1, 5),
    ...(random.chance(0.05) ? { note: random.pick(["телефон 📱", "для дачи", "work"]) } : {})
  })
}

const places: Some<string> = ["nl", "de", "fi", "se", "kz", "us"]

const keysOf = (random: Random): string => {
  const owner = random.uuid()
  const first = random.whole(0, places.length - 1)
  const keys: Array<string> = []
  for (let i = random.whole(1, 2); i > 0; i--) {
    const place = places[(first + i) % places.length] ?? places[0]
    keys.push(
      `vless://${owner}@${place}${random.whole(1, 9)}.example.org:443?security=reality&pbk=${random.letters(20)}#${place}`
    )
  }
  return JSON.stringify(keys)
}

const statusOf = (random: Random, stop: number, now: number): string => {
  if (stop <= now) return now - stop < 5 * day && random.chance(0.3) ? "Notified" : "Expired"
  return stop - now < 3 * day && random.chance(0.6) ? "Notified" : "Active"
}

/** The row as it stands at `now` (seconds): Active runs, Expired is over, Notified is about to end or has just ended. */
export const makeSubscription = (
  random: Random,
  access: Access,
  one: { readonly now: number; readonly userId: number; readonly bot: number }
): Omit<SubscriptionRow, "uid"> => ({
  sub_uid: random.uuid(),
  sub_url: random.chance(0.04) ? null : `https://sub.example.org/${random.letters(22)}`,
  user_id: one.userId,
  bot_id: one.bot,
  status: statusOf(random, access.stop, one.now),
  start_date: new Date(access.start * 1000),
  stop_date: new Date(access.stop * 1000),
  meta: metaOf(random, access.origin),
  keys: random.chance(0.02) ? null : keysOf(random)
})
