import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { BotId } from "./Ids.js"

/** The parameters that routes share: how they are read, and what is said where they are wrong. */

/** Says what was expected, and when a parameter came twice, that. */
const expects = (expected: string) => (issue: ParseResult.ParseIssue) =>
  globalThis.Array.isArray(issue.actual) ? "is given more than once; give it once" : expected

/** A parameter's text: there once, and not empty. */
export const parameter = (expected: string) =>
  Schema.String.annotations({ message: expects(expected) }).pipe(
    Schema.filter((text) => text.trim() !== "", { message: () => `is empty; ${expected}` })
  )

/**
 * A plain decimal whole number: no sign, no point, no exponent, no blanks, no leading zero. JavaScript's own reading would
 * take `0x10`, `1e3` and ` 5 ` too.
 */
const wholeNumber = (minimum: number, maximum: number, expected: string) =>
  Schema.transformOrFail(parameter(expected), Schema.Number, {
    strict: true,
    decode: (text, _, ast) => {
      const value = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
      return value >= minimum && value <= maximum
        ? ParseResult.succeed(value)
        : ParseResult.fail(new ParseResult.Type(ast, text, expected))
    },
    encode: (value) => ParseResult.succeed(String(value))
  }).annotations({ message: (issue) => ({ message: expects(expected)(issue), override: true }) })

export const BotIdParameter = Schema.compose(
  wholeNumber(1, Number.MAX_SAFE_INTEGER, "must be a bot's uid, a whole number from 1"),
  BotId
).annotations({
  jsonSchema: {
    description: "The bot: its `uid` in `GET /api/bots`, not Telegram's id of the bot",
    type: "integer",
    format: "int64",
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    examples: [1]
  }
})

const PageParameter = wholeNumber(1, Number.MAX_SAFE_INTEGER, "must be a whole number from 1").annotations({
  jsonSchema: {
    description: "The page, from 1. One past the end has an empty list and the right total",
    type: "integer",
    minimum: 1,
    default: 1
  }
})

const MAX_LIMIT = 1000

/** The text of the rows on one page. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024

const LimitParameter = wholeNumber(1, MAX_LIMIT, `must be a whole number from 1 to ${MAX_LIMIT}`).annotations({
  jsonSchema: {
    description: `How many rows a page has at most. A page also ends before its rows are more than ${MAX_PAGE_BYTES / 1024 / 1024} MiB of text, but never before the first: where rows are that wide, go on by \`next_cursor\`, which leaves none out`,
    type: "integer",
    minimum: 1,
    maximum: MAX_LIMIT,
    default: 100
  }
})

const CursorParameter = parameter("must be next_cursor of an answer, as it is").annotations({
  jsonSchema: {
    description:
      "Where the page begins: `next_cursor` of an answer for the same bot and the same filters; instead of `page`. A page costs the same however far down the list it lies, and rows that come or go meanwhile make no other row come twice or be left out. `limit` may change on the way",
    type: "string",
    minLength: 1
  }
})

/** `page` or `cursor`, and `limit`, of every list. */
export const Paging = {
  page: Schema.optionalWith(PageParameter, { exact: true }),
  cursor: Schema.optionalWith(CursorParameter, { exact: true }),
  limit: Schema.optionalWith(LimitParameter, { default: () => 100, exact: true })
}

export interface Paged {
  readonly page?: number
  readonly cursor?: string
  readonly limit: number
}

/** The list's own rule, for the parameters of a route. */
export const pageOrCursor = ({ cursor, page }: Omit<Paged, "limit">) =>
  cursor === undefined || page === undefined
    ? undefined
    : { path: ["cursor"], message: "is given together with page; give one of them" }

/** What a page of every list has beside its rows. */
export const PageFields = {
  total: Schema.NonNegativeInt.annotations({ description: "How many there are on all pages together" }),
  page: Schema.Int.pipe(
    Schema.greaterThanOrEqualTo(1),
    Schema.annotations({
      description:
        "The page's number. By cursor: the number of the page, with this `limit`, that its first row would be on, by the rows of the pages that led here"
    })
  ),
  limit: Schema.Int.pipe(
    Schema.between(1, MAX_LIMIT),
    Schema.annotations({ description: "How many rows a page has at most, as asked" })
  ),
  next_cursor: Schema.NullOr(Schema.String).annotations({
    description: "`cursor` of the next page; null on the last one. Every answer has it, by `page` too",
    examples: ["uUzH6Wf9rcjV0w1uYyD0WlsiMjAyNi0wMS0zMSAyMDo1OTo1OSIsNDk5OTcsMTAwXQ"]
  })
}

/** Rows on the pages before; page × limit may be past what a double counts exactly. */
export const rowsBefore = ({ limit, page = 1 }: Omit<Paged, "cursor">): bigint => BigInt(page - 1) * BigInt(limit)

/** The number of the page that begins after so many rows. */
export const pageAfter = (rows: bigint, limit: number): number => Number(rows / BigInt(limit)) + 1
