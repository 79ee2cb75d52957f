import { assert, describe, it } from "@effect/vitest"
import { DEMO_BOT_IDS, DEMO_OWNER, demoDataSet, demoSlices } from "./DataSet.js"
import { makeProgress } from "./Progress.js"

const now = new Date("2025-03-05T00:00:00.250Z")
const data = demoDataSet({ now, scale: 0.05 })
const hour = 3600 * 1000

const isPaid = (status: string): boolean => status.toUpperCase() === "PAID"
const share = <A>(rows: ReadonlyArray<A>, test: (row: A) => boolean): number => rows.filter(test).length / rows.length
const mentions = (meta: string | null, ...names: ReadonlyArray<string>): boolean =>
  meta !== null && names.some((name) => name in JSON.parse(meta))

describe("the demo's data set", () => {
  it("is the same for the same second and seed, and another for another seed", () => {
    const sameSecond = new Date("2025-03-05T00:00:00.990Z")
    assert.deepStrictEqual(demoDataSet({ now: sameSecond, scale: 0.05 }), data)
    assert.notDeepEqual(demoDataSet({ now, scale: 0.05, seed: 2 }).users[0], data.users[0])
  })

  it("has the volume that the scale asks for", () => {
    assert.strictEqual(data.users.length, 2500)
    assert.isAbove(data.payments.length, 2500)
    assert.isBelow(data.payments.length, 3500)
    assert.isAbove(data.subscriptions.length, 2000)
    assert.isBelow(data.subscriptions.length, 2600)
  })

  it("comes in slices of time that make the whole", () => {
    const slices = [...demoSlices({ now, scale: 0.05 })]
    assert.isAbove(slices.length, 70)
    assert.deepStrictEqual(
      slices.map((one) => one.slice),
      Array.from({ length: slices.length }, (_, index) => index + 1)
    )
    assert.deepStrictEqual(
      slices.flatMap((one) => one.payments),
      data.payments
    )
    assert.strictEqual(slices[0]?.bots.length, 5)
  })

  it("has three bots of the demo's owner and two of others", () => {
    assert.deepStrictEqual(
      data.bots.map((bot) => bot.admin_id === DEMO_OWNER.id),
      [true, true, true, false, false]
    )
    assert.strictEqual(data.bots.filter((bot) => bot.status === "PAUSED").length, 1)
    assert.deepStrictEqual(
      data.bots.map((bot) => bot.bot_id),
      [...DEMO_BOT_IDS]
    )
    assert.isTrue(DEMO_BOT_IDS.every((id) => /^\d{10}$/.test(String(id))))
  })

  it("has unique keys, and uids that ascend with time", () => {
    assert.strictEqual(new Set(data.payments.map((row) => row.bill_id.toLowerCase())).size, data.payments.length)
    assert.isTrue(data.payments.every((row) => row.bill_id.length > 0 && row.bill_id.length <= 64))
    assert.deepStrictEqual(
      data.users.map((row) => row.uid),
      data.users.map((_, index) => index + 1)
    )
    assert.deepStrictEqual(
      data.subscriptions.map((row) => row.uid),
      data.subscriptions.map((_, index) => index + 1)
    )
    const dated = data.users.flatMap((row) => (row.reg_date === null ? [] : [row.reg_date.getTime()]))
    assert.deepStrictEqual(
      dated,
      [...dated].sort((left, right) => left - right)
    )
  })

  it("has a user once in a bot, some in several, and no row of a stranger", () => {
    const users = new Set(data.users.map((row) => `${row.bot_id} ${row.user_id}`))
    assert.strictEqual(users.size, data.users.length)
    assert.isBelow(new Set(data.users.map((row) => row.user_id)).size, data.users.length)
    assert.isTrue(data.users.every((row) => row.user_id > 1e8 && row.user_id < 2 ** 52))
    for (const row of [...data.payments, ...data.subscriptions])
      assert.isTrue(users.has(`${row.bot_id} ${row.user_id}`))
    const holders = new Set(data.subscriptions.map((row) => `${row.bot_id} ${row.user_id}`))
    assert.isBelow(holders.size, 0.9 * users.size)
  })

  it("has no row of the future, and some of the last hour and of the day that has just begun", () => {
    const present = Math.floor(now.getTime() / 1000) * 1000
    const times = [
      ...data.users.map((row) => row.reg_date),
      ...data.payments.map((row) => row.date),
      ...data.subscriptions.map((row) => row.start_date)
    ].flatMap((date) => (date === null ? [] : [date.getTime()]))
    assert.isTrue(times.every((time) => time <= present && time > present - 550 * 24 * hour && time % 1000 === 0))
    const first = data.payments.filter((row) => row.bot_id === 1 && isPaid(row.status))
    assert.isAtLeast(first.filter((row) => row.date.getTime() > present - hour).length, 3)
    assert.isAtLeast(first.filter((row) => row.date.getTime() === present).length, 1)
    assert.isAtLeast(data.users.filter((row) => row.bot_id === 1 && row.reg_date?.getTime() === present).length, 1)
  })

  it("names the kind of half of the payments, and says of half of the subscriptions whether they are trials", () => {
    const told = share(data.payments, (row) => mentions(row.meta, "kind", "type", "purpose"))
    assert.isAbove(told, 0.42)
    assert.isBelow(told, 0.62)
    const flagged = share(data.subscriptions, (row) => mentions(row.meta, "trial", "is_trial", "kind", "type"))
    assert.isAbove(flagged, 0.4)
    assert.isBelow(flagged, 0.6)
    const words = data.payments.map((row) => row.meta ?? "").join("\n")
    for (const word of ['"kind":"renewal"', '"type":"Purchase"', '"purpose":"extend"', '"kind":"topup"'])
      assert.include(words, word)
  })

  it("holds JSON objects, key lists, and names in other scripts", () => {
    for (const { meta } of [...data.bots, ...data.users, ...data.payments, ...data.subscriptions])
      if (meta !== null) assert.isObject(JSON.parse(meta))
    for (const { keys } of data.subscriptions) {
      if (keys === null) continue
      const list: unknown = JSON.parse(keys)
      assert.isTrue(Array.isArray(list) && list.length > 0 && list.every((key) => String(key).startsWith("vless://")))
    }
    assert.isTrue(data.users.some((row) => /\p{Script=Cyrillic}/u.test(row.meta ?? "")))
    assert.isTrue(data.users.some((row) => /\p{Extended_Pictographic}/u.test(row.meta ?? "")))
    assert.isTrue(data.users.some((row) => row.username === null))
    assert.isTrue(data.users.some((row) => row.reg_date === null))
    assert.isTrue(data.users.every((row) => (row.username?.length ?? 0) <= 64 && (row.invited?.length ?? 0) <= 64))
  })

  it("is paid in three currencies, each with its own decimals", () => {
    const decimals = { RUB: /^\d+\.\d{2}$/, XTR: /^\d+$/, USDT: /^\d+\.\d{2,6}$/ }
    assert.deepStrictEqual([...new Set(data.payments.map((row) => row.currency))].sort(), ["RUB", "USDT", "XTR"])
    for (const [currency, pattern] of Object.entries(decimals))
      for (const row of data.payments) if (row.currency === currency) assert.match(row.amount, pattern)
    assert.isTrue(data.payments.every((row) => Number(row.amount) > 0))
    const statuses = new Set(data.payments.map((row) => row.status))
    assert.deepStrictEqual([...statuses].sort(), ["CANCELED", "EXPIRED", "PAID", "PENDING", "REFUNDED", "paid"])
    assert.isAbove(
      share(data.payments, (row) => isPaid(row.status)),
      0.8
    )
  })

  it("has subscriptions whose status fits their end", () => {
    for (const { status, start_date, stop_date } of data.subscriptions) {
      const left = (stop_date?.getTime() ?? 0) - now.getTime()
      assert.isTrue((stop_date?.getTime() ?? 0) >= (start_date?.getTime() ?? 0))
      if (status === "Active") assert.isAbove(left, 0)
      else if (status === "Expired") assert.isAtMost(left, 0)
      else assert.isTrue(status === "Notified" && Math.abs(left) < 5 * 24 * hour)
    }
  })

  it("grows, is quieter on weekends, and lives in the Moscow evening", () => {
    const half = now.getTime() - 274 * 24 * hour
    const dates = data.payments.map((row) => row.date)
    assert.isAbove(
      share(dates, (date) => date.getTime() > half),
      0.65
    )
    const moscow = dates.map((date) => new Date(date.getTime() + 3 * hour))
    const weekend = share(moscow, (date) => date.getUTCDay() % 6 === 0)
    assert.isBelow(weekend / 2, (0.85 * (1 - weekend)) / 5)
    const evening = share(moscow, (date) => date.getUTCHours() >= 18 && date.getUTCHours() < 23)
    const night = share(moscow, (date) => date.getUTCHours() < 5)
    assert.isAbove(evening, 3 * night)
  })

  it("can be tiny, and holds together on a leap day's midnight", () => {
    const tiny = demoDataSet({ now: new Date("2024-02-29T00:00:00Z"), scale: 0.0001, seed: -7 })
    assert.strictEqual(tiny.bots.length, 5)
    assert.isAtLeast(tiny.users.length, 40)
    assert.isAtLeast(tiny.payments.length, 16)
  })
})

describe("progress", () => {
  const written = (isTTY: boolean): string => {
    let text = ""
    let millis = 0
    const progress = makeProgress("Loading", { isTTY, write: (more) => (text += more) }, () => millis)
    // A hundredth of the work each 3 seconds.
    for (let done = 0; done <= 1000; done += 10, millis += 3000) progress.update(done, 1000)
    progress.finish("2 s")
    return text
  }

  it("is a few lines in a log", () => {
    assert.deepStrictEqual(written(false).trimEnd().split("\n"), [
      "Loading: 25% (250 of 1,000), about 4 min left",
      "Loading: 50% (500 of 1,000), about 3 min left",
      "Loading: 75% (750 of 1,000), about 75 s left",
      "Loading: 100% (1,000 of 1,000)",
      "Loading: 2 s"
    ])
  })

  it("is one line that redraws itself on a terminal", () => {
    const text = written(true)
    assert.strictEqual(text.split("\n").length, 2)
    assert.include(text, " 99%  990 of 1,000, about 3 s left")
    assert.isTrue(text.startsWith("\rLoading ░") && /100% {2}1,000 of 1,000 * {2}2 s\n$/.test(text))
  })
})
