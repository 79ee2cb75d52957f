import { assert } from "@effect/vitest"
import type { Answer } from "./Service.js"

/** What section 7 of the contract asks of each error. */
export const assertError = (answer: Answer, status: number, tag: string, context = "") => {
  assert.strictEqual(answer.status, status, `${context} ${answer.text}`)
  assert.strictEqual(answer.json?._tag, tag, context)
  assert.isString(answer.json?.message, context)
  assert.isNotEmpty(answer.json?.message, context)
  assert.strictEqual(answer.headers.get("content-type"), "application/json", context)
  assert.match(answer.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/, context)
  assert.strictEqual(answer.headers.get("vary"), "Origin", context)
  assert.strictEqual(answer.headers.get("cache-control"), "no-store", context)
  assert.strictEqual(answer.headers.get("x-content-type-options"), "nosniff", context)
}

/** The paths of the issues that a 400 names. */
export const issuesOf = (answer: Answer): ReadonlyArray<string> =>
  (answer.json?.issues ?? []).map(({ path }: { path: string }) => path)
