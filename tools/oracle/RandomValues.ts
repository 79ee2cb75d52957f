/** Random column values: ids, words, money and instants that are likely to meet and to lie on boundaries. */
import * as FC from "effect/FastCheck"
import { dayStarts } from "./Days.js"
import type { Place } from "./Places.js"

/** Telegram user ids: few, so that one person has many rows; the last is the greatest that Telegram may issue. */
export const userIds = [1, 2, 3, 1000000007, 2 ** 52 - 1] as const

export const userId: FC.Arbitrary<number> = FC.constantFrom(...userIds)

/** Statuses of payments. The last three look like PAID to a collation that ignores accents and widths. */
export const paymentStatus: FC.Arbitrary<string> = FC.oneof(
  { weight: 3, arbitrary: FC.constantFrom("PAID", "paid", "Paid", "paid ", " Paid", "\tPAID\r\n") },
  {
    weight: 1,
    arbitrary: FC.constantFrom(
      "PENDING",
      "REFUNDED",
      "UNPAID",
      "PAID2",
      "P AID",
      "",
      "PÁID",
      "\uff30\uff21\uff29\uff24",
      "\u00a0PAID"
    )
  }
)

/** Statuses of subscriptions, the known ones in odd spellings and others. */
export const subscriptionStatus: FC.Arbitrary<string> = FC.constantFrom(
  ...["Active", "Active", "active", "ACTIVE ", " active", "\tActive\n", "Expired", "EXPIRED", "Notified", "notified "],
  ...["Inactive", "Frozen", "", "Áctive", "Active!"]
)

/** At most 16 characters, as the column. */
export const currency: FC.Arbitrary<string> = FC.constantFrom(
  ...["RUB", "rub", " Rub", "RUB\t", " usdt ", "USDT", "XTR", "xtr", "EUR", "ÉUR", "1INCH", "руб", "РУБ"]
)

/** Decimal text with up to 12 digits before and 8 after the point; 0 included, nothing below. */
export const amount: FC.Arbitrary<string> = FC.oneof(
  FC.constantFrom("0", "0.1", "0.2", "0.3", "199", "199.00", "0.00000001", "1.00500000", "999999999999.99999999"),
  FC.tuple(FC.bigInt({ min: 0n, max: 999_999_999_999n }), FC.integer({ min: 0, max: 99_999_999 })).map(
    ([whole, decimals]) => `${whole}.${String(decimals).padStart(8, "0")}`
  ),
  FC.tuple(FC.nat(5000), FC.nat(99)).map(([whole, decimals]) => `${whole}.${String(decimals).padStart(2, "0")}`)
)

/** Pieces whose order differs between code points, UTF-16 units, numbers and the collations of databases. */
const billPieces = [
  ...["a", "A", "b", "B", "Z", "_", "-", "0", "1", "2", "10", "9", "e", "é", "É", "ß", "ss", "ж", "Ж"],
  ...["\ue000", "\ufffd", "😀", "𝒳", "ﬁ", "%", " ", "'", '"', "\\"]
]

/** 1 to 64 characters, not only blanks. Trailing blanks occur. */
export const billId: FC.Arbitrary<string> = FC.oneof(
  {
    weight: 6,
    arbitrary: FC.array(FC.constantFrom(...billPieces), { minLength: 1, maxLength: 3 })
      .map((pieces) => pieces.join(""))
      .filter((text) => text.trim() !== "")
  },
  {
    weight: 1,
    arbitrary: FC.constantFrom(...["", "A", "a", "😀"].map((end) => "x".repeat(64 - Array.from(end).length) + end))
  }
)

/** Whole seconds around a boundary; 900 is the 15 minutes of the contract. */
const nearby = FC.constantFrom(...[0, 0, -1, 1, 59, 60, -60, 899, 900, 901, -899, -900, -901, 1800, 3599, 3600, -3600])

/** Distances in seconds of a payment from a subscription's start: on the 15 minutes, just within and just out. */
export const aroundStart: FC.Arbitrary<number> = FC.constantFrom(0, 1, -1, 899, 900, 901, -899, -900, -901)

/** 30 × 24 hours, in ms. */
const month = 30 * 24 * 3600 * 1000

/**
 * Whole seconds from 2000 to 2037, most of them on or beside the boundaries of the place's days, some within its days,
 * some at either end of the month up to `now`, a few anywhere.
 */
export const instant = (place: Place, now: Date): FC.Arbitrary<Date> => {
  const starts = dayStarts(place.startDate, place.endDate, place.tz)
  const first = (starts[0] ?? 0) / 1000
  const last = (starts.at(-1) ?? 0) / 1000
  const beside = (instants: ReadonlyArray<number>) =>
    FC.tuple(FC.constantFrom(...instants), nearby).map(([at, seconds]) => at / 1000 + seconds)
  return FC.oneof(
    { weight: 6, arbitrary: beside(starts) },
    { weight: 2, arbitrary: FC.integer({ min: first, max: last }) },
    { weight: 2, arbitrary: beside([now.getTime(), now.getTime() - month]) },
    { weight: 1, arbitrary: FC.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2037, 11, 31) / 1000 }) }
  ).map((seconds) => new Date(seconds * 1000))
}
