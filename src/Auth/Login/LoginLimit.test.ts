import { assert, describeWrapped, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as TestClock from "effect/TestClock"
import { InitDataExpired, ServiceUnavailable, TooManyRequests, Unauthorized } from "../../Domain/Errors.js"
import { MAX_ATTEMPTS, MAX_FAILED } from "../../Domain/LoginLimits.js"
import { capturedLog } from "../../testing/CapturedLog.js"
import { getWith, logIn, statusOf } from "../../testing/Client.js"
import { initDataOf, type TestResponse, testService } from "../../testing/Service.js"
import { LoginLimit } from "./LoginLimit.js"

const attempt = <E>(address: string, outcome: Effect.Effect<void, E>) =>
  Effect.flatMap(LoginLimit, (limit) =>
    Effect.flip(Effect.zipRight(limit.attempt(address)(outcome), Effect.fail("in")))
  )
const succeed = (address: string) => attempt(address, Effect.void)
const fail = (address: string) => attempt(address, new Unauthorized({ message: "wrong" }))
const late = (address: string) => attempt(address, new InitDataExpired({ message: "expired" }))
const isLimited = (result: unknown) => result instanceof TooManyRequests

describeWrapped("the limit on logins", (it) => {
  it.effect("refuses after 10 that failed, until the minute is over", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_FAILED; i++) assert.isFalse(isLimited(yield* fail("10.0.0.1")))
      yield* TestClock.adjust("18500 millis")
      const refused = yield* fail("10.0.0.1")
      assert.strictEqual(refused instanceof TooManyRequests && refused.retry_after, 42)
      assert.isFalse(isLimited(yield* fail("10.0.0.2")))
      yield* TestClock.adjust("41499 millis")
      assert.isTrue(isLimited(yield* fail("10.0.0.1")))
      yield* TestClock.adjust("1 millis")
      assert.isFalse(isLimited(yield* fail("10.0.0.1")))
    }).pipe(Effect.provide(LoginLimit.Default))
  )

  it.effect("refuses nobody whom Telegram has signed for, however many failed at the same address", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 10 * MAX_FAILED; i++) yield* fail("10.0.0.1")
      // The failures that counted are of the 60 in all.
      for (let i = 0; i < MAX_ATTEMPTS - MAX_FAILED; i++) assert.strictEqual(yield* succeed("10.0.0.1"), "in")
      assert.isTrue(isLimited(yield* succeed("10.0.0.1")))
    }).pipe(Effect.provide(LoginLimit.Default))
  )

  it.effect("tells whose initData is too old that it is, though others failed", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_FAILED; i++) yield* fail("10.0.0.1")
      assert.isTrue(isLimited(yield* fail("10.0.0.1")))
      assert.isTrue((yield* late("10.0.0.1")) instanceof InitDataExpired)
      // His own attempts count as anybody's where nobody else failed.
      for (let i = 0; i < MAX_FAILED; i++) yield* late("10.0.0.2")
      assert.isTrue(isLimited(yield* fail("10.0.0.2")))
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
      assert.isFalse(isLimited(yield* fail("10.0.0.1")))
    }).pipe(Effect.provide(LoginLimit.Default))
  )

  it.effect("a clock set back does not make the minute longer", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_000_000)
      for (let i = 0; i < MAX_FAILED; i++) yield* fail("10.0.0.1")
      yield* TestClock.setTime(900_000_000)
      assert.isFalse(isLimited(yield* fail("10.0.0.1")))
    }).pipe(Effect.provide(LoginLimit.Default))
  )

  it.effect("takes an IPv6 customer's addresses for one, however they are written", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_FAILED; i++) yield* fail(`2001:db8:0:2::${i.toString(16)}`)
      for (const same of ["2001:db8:0:2:ffff:ffff:ffff:ffff", "2001:0DB8:0000:0002::1", "2001:db8::2:0:0:0:1"]) {
        assert.isTrue(isLimited(yield* fail(same)), same)
      }
      for (const other of ["2001:db8:0:3::1", "2001:db8::1", "::1"]) {
        assert.isFalse(isLimited(yield* fail(other)), other)
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

const log = capturedLog()

layer(testService({ settings: { logLevel: LogLevel.Info }, under: log.layer }), { excludeTestServices: true })(
  "over HTTP, without proxies",
  (it) => {
    it.effect("refuses the 11th attempt, whatever address it claims", () =>
      Effect.gen(function* () {
        for (let i = 0; i < MAX_FAILED; i++) {
          assert.strictEqual(
            yield* statusOf(login(i % 2 === 0 ? "hash=no" : `${initDataOf(1)}x`, `1.2.3.${i}`)),
            i % 2 === 0 ? 400 : 401
          )
        }
        assertLimited(yield* login(`${initDataOf(1)}x`, "8.8.8.8"))
        assertLimited(yield* login("hash=no", "8.8.8.9"))
        // Whoever comes by the same proxy and is who he says, gets in.
        assert.strictEqual(yield* statusOf(login(initDataOf(1), "8.8.8.8")), 200)
      })
    )

    it.effect("says once that the proxy has no name in TRUSTED_PROXIES", () =>
      Effect.gen(function* () {
        for (let i = 0; i < 3; i++) yield* statusOf(login(initDataOf(2), `8.8.4.${i}`))
        yield* getWith({ "X-Forwarded-For": "8.8.8.8" }, "/healthz")
        const said = log.lines.filter(({ message }) => message.includes("X-Forwarded-For"))
        assert.deepStrictEqual(
          said.map(({ level, message }) => `${level} ${message}`),
          [
            "WARN X-Forwarded-For came from 127.0.0.1, which TRUSTED_PROXIES does not name: it is not believed, and all who come that way share one address's limits on logins. If that is your proxy: TRUSTED_PROXIES=127.0.0.1"
          ]
        )
      })
    )
  }
)

const behindProxies = testService({ settings: { trustedProxies: ["127.0.0.1", "10.0.0.0/8"] } })

layer(behindProxies, { excludeTestServices: true })("over HTTP, behind a proxy", (it) => {
  it.effect("counts by the address that the proxy saw", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_FAILED; i++) {
        // The leftmost address is the client's own claim.
        assert.strictEqual(yield* statusOf(login("hash=no", `1.2.3.${i}, 9.9.9.9, 10.1.1.${i}`)), 400)
      }
      assertLimited(yield* login("hash=no", "9.9.9.9"))
      assert.strictEqual(yield* statusOf(login("hash=no", "9.9.9.8")), 400)
      for (const client of ["9.9.9.9", "9.9.9.8"]) {
        assert.strictEqual(yield* statusOf(login(initDataOf(1), client)), 200)
      }
    })
  )

  it.effect("refuses the 61st login", () =>
    Effect.gen(function* () {
      for (let i = 0; i < MAX_ATTEMPTS; i++) assert.strictEqual(yield* statusOf(login(initDataOf(1), "7.7.7.7")), 200)
      assertLimited(yield* login(initDataOf(1), "7.7.7.7"))
    })
  )
})
