import { assert } from "@effect/vitest"
import { assertError, issuesOf } from "./Assertions.js"
import type { Parameters, serviceOverBots } from "./Bots.js"

/** A list's page as the API gives it: the rows under the list's own name. */
export interface ListRoute {
  readonly path: string
  /** The member that holds the rows. */
  readonly rows: string
  /** The member of a row that tells it from the others. */
  readonly key: string
}

type Get = ReturnType<typeof serviceOverBots>["get"]

export interface Page {
  readonly rows: ReadonlyArray<Record<string, unknown>>
  readonly page: number
  readonly next_cursor: string | null
}

/** One page, after a look at all that is beside its rows. */
export const pageOf = async (
  get: Get,
  { path, rows }: ListRoute,
  parameters: Parameters,
  userId: number,
  total: number
): Promise<Page> => {
  const answer = await get(path, parameters, userId)
  assert.strictEqual(answer.status, 200, answer.text)
  assert.sameMembers(Object.keys(answer.json), [rows, "total", "page", "limit", "next_cursor"])
  const { cursor, limit = 100, page = 1 } = parameters
  assert.deepStrictEqual([answer.json.total, answer.json.limit], [total, Number(limit)])
  if (cursor === undefined) assert.strictEqual(answer.json.page, Number(page))
  assert.isAtMost(answer.json[rows].length, Number(limit))
  return { rows: answer.json[rows], page: answer.json.page, next_cursor: answer.json.next_cursor }
}

/** Pages of this size hold the expected keys in their order, each once, and the page past the last one is empty. */
export const assertPages = async (
  get: Get,
  route: ListRoute,
  parameters: Parameters,
  userId: number,
  expected: ReadonlyArray<unknown>,
  limit: number
) => {
  const found: Array<unknown> = []
  const pages = Math.ceil(expected.length / limit)
  for (let page = 1; page <= pages + 1; page++) {
    const { next_cursor, rows } = await pageOf(get, route, { ...parameters, page, limit }, userId, expected.length)
    if (page > pages) assert.deepStrictEqual(rows, [])
    assert.strictEqual(next_cursor === null, page >= pages)
    found.push(...rows.map((row) => row[route.key]))
  }
  assert.deepStrictEqual(found, expected)
}

/** How a client goes through a list: from which page, and with which limit each time; the last one for all the rest. */
export interface Walk {
  readonly page: number
  readonly limits: ReadonlyArray<number>
}

/** What a client sees that starts at a page and goes on by cursor; `between` runs between the pages. */
export const walk = async (
  get: Get,
  route: ListRoute,
  parameters: Parameters,
  userId: number,
  { limits, page }: Walk,
  { between, total }: { readonly total: () => number; readonly between?: () => Promise<void> }
): Promise<ReadonlyArray<unknown>> => {
  const found: Array<unknown> = []
  let limit = limits[0] ?? 100
  let passed = (page - 1) * limit
  let answer = await pageOf(get, route, { ...parameters, page, limit }, userId, total())
  for (let step = 1; ; step++) {
    found.push(...answer.rows.map((row) => row[route.key]))
    if (answer.next_cursor === null) return found
    assert.lengthOf(answer.rows, limit, "only the last page is not full")
    assert.isBelow(step, 1000, "the walk has an end")
    passed += limit
    limit = limits[step] ?? limit
    await between?.()
    answer = await pageOf(get, route, { ...parameters, cursor: answer.next_cursor, limit }, userId, total())
    assert.strictEqual(answer.page, Math.floor(passed / limit) + 1)
  }
}

/** Going on by cursor, from a page and with limits of any size, shows every row from there on once, in the list's order. */
export const assertWalk = async (
  get: Get,
  route: ListRoute,
  parameters: Parameters,
  userId: number,
  expected: ReadonlyArray<unknown>,
  path: Walk
) => {
  const found = await walk(get, route, parameters, userId, path, { total: () => expected.length })
  assert.deepStrictEqual(found, expected.slice((path.page - 1) * (path.limits[0] ?? 100)))
}

/** Limits and pages that are refused, and the outermost that are not. */
export const assertBounds = async (get: Get, { path }: ListRoute, botId: number, userId: number) => {
  const status = async (parameters: Parameters) => (await get(path, { bot_id: botId, ...parameters }, userId)).status
  for (const limit of ["0", "1001", "-1", "1.5", "1e2", "", "ten"]) assert.strictEqual(await status({ limit }), 400)
  for (const page of ["0", "-1", "1.0", "0x1", "", "9007199254740992"]) assert.strictEqual(await status({ page }), 400)
  assert.strictEqual(await status({ limit: 1000, page: Number.MAX_SAFE_INTEGER }), 200)
  assert.strictEqual(await status({ limit: 1 }), 200)
}

/** The cursor is refused, whatever is right about it. */
export const assertNoCursor = async (get: Get, { path }: ListRoute, parameters: Parameters, userId: number) => {
  const answer = await get(path, parameters, userId)
  assertError(answer, 400, "InvalidRequest", String(parameters.cursor))
  assert.deepStrictEqual(issuesOf(answer), ["cursor"])
  assert.include(answer.json.message, answer.json.issues[0].message)
}
