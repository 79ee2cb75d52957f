import { assert } from "@effect/vitest"
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

/** One page's rows, after a look at all that is beside them. */
export const pageOf = async (
  get: Get,
  { path, rows }: ListRoute,
  parameters: Parameters,
  userId: number,
  total: number
): Promise<ReadonlyArray<Record<string, unknown>>> => {
  const answer = await get(path, parameters, userId)
  assert.strictEqual(answer.status, 200, answer.text)
  assert.sameMembers(Object.keys(answer.json), [rows, "total", "page", "limit"])
  const { limit = 100, page = 1 } = parameters
  assert.deepStrictEqual([answer.json.total, answer.json.page, answer.json.limit], [total, Number(page), Number(limit)])
  return answer.json[rows]
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
    const rows = await pageOf(get, route, { ...parameters, page, limit }, userId, expected.length)
    assert.isAtMost(rows.length, limit)
    if (page > pages) assert.deepStrictEqual(rows, [])
    found.push(...rows.map((row) => row[route.key]))
  }
  assert.deepStrictEqual(found, expected)
}

/** Limits and pages that are refused, and the outermost that are not. */
export const assertBounds = async (get: Get, { path }: ListRoute, botId: number, userId: number) => {
  const status = async (parameters: Parameters) => (await get(path, { bot_id: botId, ...parameters }, userId)).status
  for (const limit of ["0", "1001", "-1", "1.5", "1e2", "", "ten"]) assert.strictEqual(await status({ limit }), 400)
  for (const page of ["0", "-1", "1.0", "0x1", "", "9007199254740992"]) assert.strictEqual(await status({ page }), 400)
  assert.strictEqual(await status({ limit: 1000, page: Number.MAX_SAFE_INTEGER }), 200)
  assert.strictEqual(await status({ limit: 1 }), 200)
}
