import { assert, describeWrapped, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { ServiceUnavailable, TooManyRequests, Unauthorized } from "../Domain/Errors.js"
import { MAX_ATTEMPTS, MAX_FAILED } from "../Domain/LoginLimits.js"
import { logIn, statusOf } from "../testing/Client.js"
import { initDataOf, type TestResponse, testService } from "../testing/Service.js"
import { LoginLimit } from "./LoginLimit.js"

const attempt = <E>(address: string, outcome: Effect.Effect<void, E>) =>
  Effect.flatMap(LoginLimit, (limit) =>
    Effect.flip(Effect.zipRight(limit.attempt(address)(outcome), Effect.fail("in")))
  )
const succeed = (address: string) => attempt(address, Effect.void)
const fail = (address: string) => attempt(address, new Unauthorized({ message: "wrong" }))
const isLimited = (result: unknown) => result instanceof TooManyRequests

describeWrapped("the limit on logins", (it) => {
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

const login = (initData: string, forwarded: string) => logIn(initData, { "X-Forwarded-For": forwarded })

const assertLimited = ({ headers, json, status }: TestResponse) => {
  assert.strictEqual(status, 429)
  assert.strictEqual(json._tag, "TooManyRequests")
  const seconds = Number(headers.get("retry-after"))
  assert.isTrue(seconds >= 1 && seconds <= 60, String(seconds))
  assert.strictEqual(json.retry_after, seconds)
}

layer(testService(), { excludeTestServices: true })("over HTTP, without proxies", (it) => {
  it.effect("refuses the 11th attempt, whatever address it claims", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_FAILED; i++) {
        assert.strictEqual(
          yield* statusOf(login(i % 2 === 0 ? "hash=no" : `${initDataOf(1)}x`, `1.2.3.${i}`)),
          i % 2 === 0 ? 400 : 401
        )
      }
      assertLimited(yield* login(initDataOf(1), "8.8.8.8"))
    })
  )
})

const behindProxies = testService({ settings: { trustedProxies: ["127.0.0.1", "10.0.0.0/8"] } })

layer(behindProxies, { excludeTestServices: true })("over HTTP, behind a proxy", (it) => {
  it.effect("counts by the address that the proxy saw", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_FAILED; i++) {
        // The leftmost address is the client's own claim.
        assert.strictEqual(yield* statusOf(login("hash=no", `1.2.3.${i}, 9.9.9.9, 10.1.1.${i}`)), 400)
      }
      assertLimited(yield* login(initDataOf(1), "9.9.9.9"))
      assert.strictEqual(yield* statusOf(login(initDataOf(1), "9.9.9.8")), 200)
    })
  )

  it.effect("refuses the 61st login", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_ATTEMPTS; i++) assert.strictEqual(yield* statusOf(login(initDataOf(1), "7.7.7.7")), 200)
      assertLimited(yield* login(initDataOf(1), "7.7.7.7"))
    })
  )
})
