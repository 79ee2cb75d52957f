import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as TestClock from "effect/TestClock"
import { ServiceUnavailable, TooManyRequests, Unauthorized } from "../Domain/Errors.js"
import { MAX_ATTEMPTS, MAX_FAILED } from "../Domain/LoginLimits.js"
import { logIn } from "../testing/Login.js"
import { initDataOf, type Settings, TestService, testService } from "../testing/Service.js"
import { LoginLimit } from "./LoginLimit.js"

const attempt = <E>(address: string, outcome: Effect.Effect<void, E>) =>
  Effect.flatMap(LoginLimit, (limit) =>
    Effect.flip(Effect.zipRight(limit.attempt(address)(outcome), Effect.fail("in")))
  )
const succeed = (address: string) => attempt(address, Effect.void)
const fail = (address: string) => attempt(address, new Unauthorized({ message: "wrong" }))
const isLimited = (result: unknown) => result instanceof TooManyRequests

describe("the limit on logins", () => {
  it.effect("refuses after 10 that failed, until the minute is over", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_FAILED; i++) assert.isFalse(isLimited(yield* fail("10.0.0.1")))
      yield* TestClock.adjust("18500 millis")
      const refused = yield* succeed("10.0.0.1")
      assert.strictEqual(refused instanceof TooManyRequests && refused.retry_after, 42)
      assert.isFalse(isLimited(yield* succeed("10.0.0.2")))
      yield* TestClock.adjust("41499 millis")
      assert.isTrue(isLimited(yield* succeed("10.0.0.1")))
      yield* TestClock.adjust("1 millis")
      assert.isFalse(isLimited(yield* succeed("10.0.0.1")))
    }).pipe(Effect.provide(LoginLimit.Default))
  )

  it.effect("refuses after 60 in all, and does not count what it refused", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_ATTEMPTS; i++) assert.isFalse(isLimited(yield* succeed("10.0.0.1")))
      for (let i = 0; i < MAX_ATTEMPTS; i++) assert.isTrue(isLimited(yield* fail("10.0.0.1")))
      yield* TestClock.adjust("1 minutes")
      for (let i = 0; i < MAX_ATTEMPTS; i++) assert.isFalse(isLimited(yield* succeed("10.0.0.1")))
    }).pipe(Effect.provide(LoginLimit.Default))
  )

  it.effect("a database that is away fails nobody", () =>
    Effect.gen(function* () {
      const outage = new ServiceUnavailable({ message: "down" })
      for (let i = 0; i < MAX_FAILED; i++) yield* attempt("10.0.0.1", outage)
      assert.isFalse(isLimited(yield* succeed("10.0.0.1")))
    }).pipe(Effect.provide(LoginLimit.Default))
  )

  it.effect("a clock set back does not make the minute longer", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_000_000)
      for (let i = 0; i < MAX_FAILED; i++) yield* fail("10.0.0.1")
      yield* TestClock.setTime(900_000_000)
      assert.isFalse(isLimited(yield* succeed("10.0.0.1")))
    }).pipe(Effect.provide(LoginLimit.Default))
  )

  it.effect("takes an IPv6 customer's addresses for one, however they are written", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_FAILED; i++) yield* fail(`2001:db8:0:2::${i.toString(16)}`)
      for (const same of ["2001:db8:0:2:ffff:ffff:ffff:ffff", "2001:0DB8:0000:0002::1", "2001:db8::2:0:0:0:1"]) {
        assert.isTrue(isLimited(yield* succeed(same)), same)
      }
      for (const other of ["2001:db8:0:3::1", "2001:db8::1", "::1"]) {
        assert.isFalse(isLimited(yield* succeed(other)), other)
      }
    }).pipe(Effect.provide(LoginLimit.Default))
  )
})

const runService = (settings: Partial<Settings>) => {
  const runtime = ManagedRuntime.make(testService({ settings }))
  beforeAll(async () => void (await runtime.runPromise(TestService)))
  afterAll(() => runtime.dispose())
  return async (initData: string, forwarded: string) =>
    logIn(await runtime.runPromise(TestService), initData, { "X-Forwarded-For": forwarded })
}

const assertLimited = ({ headers, json, status }: Awaited<ReturnType<typeof logIn>>) => {
  assert.strictEqual(status, 429)
  assert.strictEqual(json._tag, "TooManyRequests")
  const seconds = Number(headers.get("retry-after"))
  assert.isTrue(seconds >= 1 && seconds <= 60, String(seconds))
  assert.strictEqual(json.retry_after, seconds)
}

describe("over HTTP, without proxies", () => {
  const login = runService({})

  it("refuses the 11th attempt, whatever address it claims", async () => {
    for (let i = 0; i < MAX_FAILED; i++) {
      assert.strictEqual(
        (await login(i % 2 === 0 ? "hash=no" : `${initDataOf(1)}x`, `1.2.3.${i}`)).status,
        i % 2 === 0 ? 400 : 401
      )
    }
    assertLimited(await login(initDataOf(1), "8.8.8.8"))
  })
})

describe("over HTTP, behind a proxy", () => {
  const login = runService({ trustedProxies: ["127.0.0.1", "10.0.0.0/8"] })

  it("counts by the address that the proxy saw", async () => {
    for (let i = 0; i < MAX_FAILED; i++) {
      // The leftmost address is the client's own claim.
      assert.strictEqual((await login("hash=no", `1.2.3.${i}, 9.9.9.9, 10.1.1.${i}`)).status, 400)
    }
    assertLimited(await login(initDataOf(1), "9.9.9.9"))
    assert.strictEqual((await login(initDataOf(1), "9.9.9.8")).status, 200)
  })

  it("refuses the 61st login", async () => {
    for (let i = 0; i < MAX_ATTEMPTS; i++) assert.strictEqual((await login(initDataOf(1), "7.7.7.7")).status, 200)
    assertLimited(await login(initDataOf(1), "7.7.7.7"))
  })
})
