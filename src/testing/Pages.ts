import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assertError, issuesOf } from "./Assertions.js"
import { getAs, type Parameters, statusOf } from "./Client.js"

/** A list's page as the API gives it: the rows under the list's own name. */
export interface ListRoute {
  readonly path: string
  /** The member that holds the rows. */
  readonly rows: string
  /** The member of a row that tells it from the others. */
  readonly key: string
}

export interface Page {
  readonly rows: ReadonlyArray<Record<string, unknown>>
  readonly page: number
  readonly next_cursor: string | null
}

/** One page, after a look at all that is beside its rows. */
export const pageOf = Effect.fnUntraced(function* (
  { path, rows }: ListRoute,
  parameters: Parameters,
  userId: number,
  total: number
) {
  const { json, status, text } = yield* getAs(userId, path, parameters)
  assert.strictEqual(status, 200, text)
  assert.sameMembers(Object.keys(json), [rows, "total", "page", "limit", "next_cursor"])
  const { cursor, limit = 100, page = 1 } = parameters
  assert.deepStrictEqual([json.total, json.limit], [total, Number(limit)])
  if (cursor === undefined) assert.strictEqual(json.page, Number(page))
  assert.isAtMost(json[rows].length, Number(limit))
  const found: Page = { rows: json[rows], page: json.page, next_cursor: json.next_cursor }
  return found
})

/** Pages of this size hold the expected keys in their order, each once, and the page past the last one is empty. */
export const assertPages = Effect.fnUntraced(function* (
  route: ListRoute,
  parameters: Parameters,
  userId: number,
  expected: ReadonlyArray<unknown>,
  limit: number
) {
  const found: Array<unknown> = []
  const pages = Math.ceil(expected.length / limit)
  for (let page = 1; page <= pages + 1; page++) {
    const { next_cursor, rows } = yield* pageOf(route, { ...parameters, page, limit }, userId, expected.length)
    if (page > pages) assert.deepStrictEqual(rows, [])
    assert.strictEqual(next_cursor === null, page >= pages)
    found.push(...rows.map((row) => row[route.key]))
  }
  assert.deepStrictEqual(found, expected)
})

/** How a client goes through a list: from which page, and with which limit each time; the last one for all the rest. */
export interface Walk {
  readonly page: number
  readonly limits: ReadonlyArray<number>
}

/** Going on by cursor, from a page and with limits of any size, shows every row from there on once, in the list's order. */
export const assertWalk = Effect.fnUntraced(function* (
  route: ListRoute,
  parameters: Parameters,
  userId: number,
  expected: ReadonlyArray<unknown>,
  { limits, page }: Walk
) {
  const found: Array<unknown> = []
  let limit = limits[0] ?? 100
  let passed = (page - 1) * limit
  let current = yield* pageOf(route, { ...parameters, page, limit }, userId, expected.length)
  for (let step = 1; ; step++) {
    found.push(...current.rows.map((row) => row[route.key]))
    if (current.next_cursor === null) break
    assert.lengthOf(current.rows, limit, "only the last page is not full")
    assert.isBelow(step, 1000, "the walk has an end")
    passed += limit
    limit = limits[step] ?? limit
    const next = { ...parameters, cursor: current.next_cursor, limit }
    current = yield* pageOf(route, next, userId, expected.length)
    assert.strictEqual(current.page, Math.floor(passed / limit) + 1)
  }
  assert.deepStrictEqual(found, expected.slice((page - 1) * (limits[0] ?? 100)))
})

/** Limits and pages that are refused, and the outermost that are not. */
export const assertBounds = Effect.fnUntraced(function* ({ path }: ListRoute, botId: number, userId: number) {
  const statusFor = (parameters: Parameters) => statusOf(getAs(userId, path, { bot_id: botId, ...parameters }))
  for (const limit of ["0", "1001", "-1", "1.5", "1e2", "", "ten"]) {
    assert.strictEqual(yield* statusFor({ limit }), 400)
  }
  for (const page of ["0", "-1", "1.0", "0x1", "", "9007199254740992"]) {
    assert.strictEqual(yield* statusFor({ page }), 400)
  }
  assert.strictEqual(yield* statusFor({ limit: 1000, page: Number.MAX_SAFE_INTEGER }), 200)
  assert.strictEqual(yield* statusFor({ limit: 1 }), 200)
})

/** The cursor is refused, whatever is right about it. */
export const assertNoCursor = Effect.fnUntraced(function* (
  { path }: ListRoute,
  parameters: Parameters,
  userId: number
) {
  const response = yield* getAs(userId, path, parameters)
  assertError(response, 400, "InvalidRequest", String(parameters.cursor))
  assert.deepStrictEqual(issuesOf(response), ["cursor"])
  assert.include(response.json.message, response.json.issues[0].message)
})
