/**
 * A made-up database of five bots over 18 months, the same for the same `now` and seed.
 */
import type { BotData, BotRow, PaymentRow, SubscriptionRow, UserRow } from "../bots/Rows.js"
import { type BotProfile, botProfiles, campaignsOf, historyDays } from "./Bots.js"
import { live, type Sink } from "./Life.js"
import { Random } from "./Random.js"
import { type Campaign, day, hour, signUpMoments } from "./Rhythm.js"
import { makeUser, People } from "./Users.js"

export { DEMO_OWNER, OTHER_OWNERS } from "./Bots.js"

/** Telegram's own ids of the demo's bots, by `uid`; the demo's `BOT_TOKEN` belongs to the first. */
export const DEMO_BOT_IDS: ReadonlyArray<number> = botProfiles.map((bot) => bot.row.bot_id)

export interface DemoOptions {
  /** The data set's present, cut to the second: no row is later, and some are from the last hour. */
  readonly now: Date
  readonly seed?: number
  /** Multiplies the volume: 1 (the default) is about 50,000 users, 45,000 subscriptions and 60,000 payments. */
  readonly scale?: number
}

/** The rows of a stretch of time. */
export interface DemoSlice extends BotData {
  /** 1 to `slices`. */
  readonly slice: number
  readonly slices: number
}

interface Dated<Row> {
  readonly at: number
  readonly row: Row
}

interface Bucket {
  readonly users: Array<Dated<Omit<UserRow, "uid">>>
  readonly payments: Array<Dated<PaymentRow>>
  readonly subscriptions: Array<Dated<Omit<SubscriptionRow, "uid">>>
}

/** Ages (seconds) of the newest sign-ups of a running bot, all of whom pay at once. */
const newest = [0, 340, 1300, 2900] as const

interface Scene {
  readonly bot: BotProfile
  readonly random: Random
  readonly campaigns: ReadonlyArray<Campaign>
  readonly moments: Float64Array
  readonly end: number
  /** Telegram ids of some earlier users: they invite others. */
  readonly inviters: Array<number>
  next: number
}

const makeScene = (bot: BotProfile, seed: number, scale: number, now: number): Scene => {
  const random = new Random(seed, bot.row.uid)
  const from = now - bot.opened * day
  const end = now - bot.paused * day
  const count = Math.max(2 * newest.length, Math.round(bot.users * scale))
  const campaigns = campaignsOf(random, from, end)
  const moments = signUpMoments(random, { from, to: end, count, growth: bot.growth, campaigns })
  if (bot.paused === 0) {
    newest.forEach((age, index) => {
      moments[count - 1 - index] = now - age
    })
    moments.sort()
  }
  return { bot, random, campaigns, moments, end, inviters: [bot.row.admin_id], next: 0 }
}

const byTime = (left: Dated<unknown>, right: Dated<unknown>): number => left.at - right.at

/**
 * The data set week by week, oldest first, so that a large one need not be in memory: the bots are in the first slice, and
 * `uid`s ascend with time as they do where rows are written one after another.
 */
export function* demoSlices(options: DemoOptions): Generator<DemoSlice, void, undefined> {
  const { seed = 1, scale = 1 } = options
  const now = Math.floor(options.now.getTime() / 1000)
  const from = now - historyDays * day
  const width = 7 * day
  const slices = Math.ceil((now - from + 1) / width)
  const buckets: Array<Bucket> = Array.from({ length: slices }, () => ({ users: [], payments: [], subscriptions: [] }))
  const bucketAt = (at: number): Bucket => {
    const bucket = buckets[Math.floor((at - from) / width)]
    if (bucket === undefined) throw new Error(`a row is dated outside of the demo's history: ${at}`)
    return bucket
  }
  const [firstBot, ...otherBots] = botProfiles.map((bot) => bot.row.uid)
  const people = new People(seed, [firstBot ?? 1, ...otherBots])
  const scenes = botProfiles.map((bot) => makeScene(bot, seed, scale, now))
  let serial = 0
  let userUid = 0
  let subscriptionUid = 0
  const sink: Sink = {
    payment: (at, row) => bucketAt(at).payments.push({ at, row }),
    subscription: (at, row) => bucketAt(at).subscriptions.push({ at, row }),
    serial: () => ++serial
  }

  for (let slice = 0; slice < slices; slice++) {
    const until = from + (slice + 1) * width
    for (const scene of scenes) {
      const { bot, random, campaigns, moments, end, inviters } = scene
      for (; scene.next < moments.length; scene.next++) {
        const at = moments[scene.next] ?? 0
        if (at >= until) break
        const userId = people.take(random, bot.row.uid)
        const inviter = inviters[random.whole(0, inviters.length - 1)] ?? bot.row.admin_id
        bucketAt(at).users.push({ at, row: makeUser(random, bot, campaigns, { at, userId, inviter }) })
        if (random.chance(0.1)) inviters[inviters.length < 200 ? inviters.length : random.whole(0, 199)] = userId
        const decided = bot.paused === 0 && now - at < hour && scene.next >= moments.length - newest.length
        live(random, { bot, userId, signedUp: at, end, now, decided }, sink)
      }
    }
    const bucket = buckets[slice] ?? { users: [], payments: [], subscriptions: [] }
    delete buckets[slice]
    const bots: ReadonlyArray<BotRow> = slice === 0 ? botProfiles.map((bot) => bot.row) : []
    yield {
      slice: slice + 1,
      slices,
      bots,
      users: bucket.users.sort(byTime).map(({ row }) => ({ uid: ++userUid, ...row })),
      payments: bucket.payments.sort(byTime).map(({ row }) => row),
      subscriptions: bucket.subscriptions.sort(byTime).map(({ row }) => ({ uid: ++subscriptionUid, ...row }))
    }
  }
}

/** The whole data set at once. */
export const demoDataSet = (options: DemoOptions): BotData => {
  const data = {
    bots: [] as BotRow[],
    users: [] as UserRow[],
    payments: [] as PaymentRow[],
    subscriptions: [] as SubscriptionRow[]
  }
  for (const slice of demoSlices(options)) {
    for (const row of slice.bots) data.bots.push(row)
    for (const row of slice.users) data.users.push(row)
    for (const row of slice.payments) data.payments.push(row)
    for (const row of slice.subscriptions) data.subscriptions.push(row)
  }
  return data
}
