import { assert } from "@effect/vitest"
import type { TestResponse } from "./Service.js"

/** What section 7 of the contract asks of each error. */
export const assertError = (response: TestResponse, status: number, tag: string, context = "") => {
  assert.strictEqual(response.status, status, `${context} ${response.text}`)
  assert.strictEqual(response.json?._tag, tag, context)
  assert.isString(response.json?.message, context)
  assert.isNotEmpty(response.json?.message, context)
  assert.strictEqual(response.headers.get("content-type"), "application/json", context)
  assert.match(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/, context)
  assert.strictEqual(response.headers.get("vary"), "Origin", context)
  assert.strictEqual(response.headers.get("cache-control"), "no-store", context)
  assert.strictEqual(response.headers.get("x-content-type-options"), "nosniff", context)
}

/** The paths of the issues that a 400 names. */
export const issuesOf = (response: TestResponse): ReadonlyArray<string> =>
  (response.json?.issues ?? []).map(({ path }: { path: string }) => path)
