import { assert, describe, it } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Changes from "./Changes.js"
import * as Pending from "./Pending.js"
import * as Place from "./Place.js"

const place = FC.tuple(
  FC.constantFrom("log.000009", "log.000010", "log.1000000"),
  FC.integer({ min: 4, max: 2 ** 40 })
).map(([file, offset]) => Place.make(file, offset))

describe("places", () => {
  it.prop("follow each other by the file's number, then by the offset", [place, place], ([a, b]) => {
    const key = ({ number, offset }: Place.Place) => BigInt(number) * 2n ** 60n + BigInt(offset)
    assert.strictEqual(Place.order(a, b), key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)
  })

  it.prop("are what they were when they have been kept as text", [place, FC.nat(), FC.uuid()], ([at, born, server]) => {
    const anchor = { ...at, born, server }
    assert.deepStrictEqual(Place.parseAnchor(Place.formatAnchor(anchor)), Option.some(anchor))
  })

  it("of another form are none", () => {
    for (const text of ["", "log.1:4", "log:4 1 s", "log.1:x 1 s"])
      assert.isTrue(Option.isNone(Place.parseAnchor(text)))
  })
})

interface Write {
  readonly bot: string
  readonly user: string | null
}

const write = FC.record<Write>({
  bot: FC.constantFrom("1", "2", " 01", "x"),
  user: FC.constantFrom("1", "2", "3", "-4", null, "+4", "abc", "0005")
})
/** Transactions, each a place after the last, and how far facts go in between. */
const history = FC.array(FC.tuple(FC.array(write, { maxLength: 4 }), FC.nat(20)), { maxLength: 20 })

const at = (i: number) => Place.make("log.000001", 4 + i)

/** As a server compares an id with a number: undefined where that is not said. */
const canonical = (text: string): string | undefined =>
  /^\s*[-+]?\d+\s*$/.test(text) ? String(BigInt(text.trim())) : undefined

describe("what is pending", () => {
  it.prop(
    "holds every user that changed after the facts' place, and with room enough no other",
    [history, FC.constantFrom(1, 3, 100), FC.nat(20), FC.nat(20)],
    ([transactions, limit, from, length]) => {
      const pending = Pending.make(limit)
      transactions.forEach(([writes], i) => {
        const changes = Changes.empty()
        for (const { bot, user } of writes) Changes.add(changes, bot, user, limit)
        pending.add(changes, at(i))
      })
      for (const bot of ["1", "2"]) {
        const writes = transactions.flatMap(([writes], i) => writes.map((write) => ({ ...write, i })))
        const mine = writes.filter(({ bot: text, i }) => i > from && [bot, undefined].includes(canonical(text)))
        const isVague = mine.some(({ bot, user }) => [bot, user ?? "0"].some((id) => canonical(id) === undefined))
        const changed = pending.changed(bot, at(from))
        if (changed._tag === "Users") {
          assert.isFalse(isVague)
          assert.sameMembers(
            [...changed.users],
            [...new Set(mine.map(({ user }) => user && (canonical(user) ?? user)))]
          )
        } else assert.isTrue(isVague || limit < 100)
        // Up to a place: those who changed later stay for the next time.
        const newest = new Map(mine.map(({ i, user }) => [user && (canonical(user) ?? user), i]))
        const part = pending.changed(bot, at(from), at(from + length))
        if (part._tag !== "Users") continue
        assert.sameMembers(
          [...part.users],
          [...newest].filter(([, i]) => i <= from + length).map(([user]) => user)
        )
      }
    }
  )

  it.prop(
    "after it was forgotten is said to be so to whoever asks from before",
    [history, FC.nat(20)],
    ([transactions, upTo]) => {
      const [whole, part] = [Pending.make(100), Pending.make(100)]
      transactions.forEach(([writes], i) => {
        const changes = Changes.empty()
        for (const { bot, user } of writes) Changes.add(changes, bot, user, 100)
        for (const pending of [whole, part]) pending.add(changes, at(i))
      })
      part.forget("1", at(upTo))
      assert.deepStrictEqual(part.changed("1", at(upTo)), whole.changed("1", at(upTo)))
      assert.deepStrictEqual(part.changed("2", at(0)), whole.changed("2", at(0)))
      if (upTo > 0) assert.deepStrictEqual(part.changed("1", at(upTo - 1)), { _tag: "Stale" })
      assert.isAtMost(part.users(), whole.users())
    }
  )
})
