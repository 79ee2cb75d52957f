import { assert, describe, layer } from "@effect/vitest"
import { assertError, issuesOf } from "../../testing/Assertions.js"
import { type TestService, testService } from "../../testing/Service.js"
import { steps, withBotOf } from "../../testing/Steps.js"

const OWNER = 777000123
const ServiceLive = testService().pipe(withBotOf(OWNER))

layer(ServiceLive, { excludeTestServices: true })((it) => {
  describe("parameters", () => {
    const get = (service: typeof TestService.Service, path: string) => service.get(path, OWNER)
    it.effect("names every wrong parameter at once", () =>
      steps(async (service) => {
        const answer = await get(
          service,
          "/api/payments?bot_id=x&start_date=2026-02-30&end_date=2026-2-3&tz=%2B03:00&page=0&limit=1001"
        )
        assertError(answer, 400, "InvalidRequest")
        assert.deepEqual([...issuesOf(answer)].sort(), ["bot_id", "end_date", "limit", "page", "start_date", "tz"])
        const missing = await get(service, "/api/analytics")
        assert.deepEqual([...issuesOf(missing)].sort(), ["bot_id", "end_date", "start_date"])
        assert.isTrue(
          missing.json.issues.every(({ message }: { message: string }) => message === "is missing"),
          missing.text
        )
      })
    )

    const range = "start_date=2026-01-01&end_date=2026-01-02"
    const wrong: ReadonlyArray<readonly [string, string]> = [
      ["/api/users?bot_id=1&bot_id=1", "bot_id"],
      ["/api/users?bot_id=1&page=1&page=2", "page"],
      ["/api/users?bot_id=", "bot_id"],
      ["/api/users?bot_id", "bot_id"],
      ["/api/users?bot_id=1&page=", "page"],
      ["/api/users?bot_id=%20", "bot_id"],
      ["/api/subscriptions?bot_id=1&status=", "status"],
      ["/api/subscriptions?bot_id=1&status=%20%20", "status"],
      ["/api/subscriptions?bot_id=1&status=Active&status=Expired", "status"],
      ...[
        "0x10",
        "1e3",
        "%201",
        "1%20",
        "%2B1",
        "+1",
        "1.0",
        "-0",
        "-1",
        "0",
        "01",
        "9007199254740992",
        "1".repeat(400),
        "Infinity",
        "NaN",
        "1,2",
        "%EF%BC%91",
        "%00",
        "1%00",
        "%zz",
        "%",
        "true",
        "null",
        "1n",
        "1_0"
      ].map((value) => [`/api/users?bot_id=${value}`, "bot_id"] as const),
      ["/api/users?bot_id=1&page=0", "page"],
      ["/api/users?bot_id=1&page=-1", "page"],
      ["/api/users?bot_id=1&limit=0", "limit"],
      ["/api/users?bot_id=1&limit=1001", "limit"],
      ["/api/users?bot_id=1&limit=1e2", "limit"],
      ["/api/users?bot_id=1&limit=%E0%A4%A", "limit"],
      ...[
        "2026-02-30",
        "2026-2-3",
        "2026-13-01",
        "2026-00-10",
        "20260101",
        "2026-01-01T00:00:00Z",
        "tomorrow",
        "",
        "-2026-01-01",
        "2025-02-29"
      ].map((value) => [`/api/analytics?bot_id=1&start_date=${value}&end_date=2026-12-31`, "start_date"] as const),
      ...["%2B03:00", "+03:00", "Mars/Phobos", "", "UTC%2B3", "%00", "Europe/Moscow/x", "..", "-03"].map(
        (value) => [`/api/analytics?bot_id=1&${range}&tz=${value}`, "tz"] as const
      ),
      ["/api/analytics?bot_id=1&start_date=2026-02-01&end_date=2026-01-01", "end_date"],
      ["/api/payments?bot_id=1&start_date=2026-02-01&end_date=2026-01-01", "end_date"],
      ["/api/analytics?bot_id=1&start_date=2020-01-01&end_date=2026-01-01", "end_date"],
      ["/api/bots/x/summary", "bot_id"],
      ["/api/bots/0/summary", "bot_id"],
      ["/api/bots/%zz/summary", "bot_id"],
      ["/api/bots/%/summary", "bot_id"],
      ["/api/bots/1;x/summary", "bot_id"],
      ["/api/bots/1%2F2/summary", "bot_id"],
      ["/api/bots/1%3Fx/summary", "bot_id"],
      ["/api/bots/1%00/summary", "bot_id"],
      [`/api/bots/${"1".repeat(5000)}/summary`, "bot_id"],
      ["/api/bots/1/summary?currency=", "currency"],
      ["/api/bots/1/summary?currency=RUB&currency=USD", "currency"]
    ]

    it.effect("answers 400 and names the parameter", () =>
      steps(async (service) => {
        for (const [path, name] of wrong) {
          const answer = await get(service, path)
          assertError(answer, 400, "InvalidRequest", path.slice(0, 80))
          assert.deepEqual(issuesOf(answer), [name], path.slice(0, 80))
          assert.include(answer.json.message, answer.json.issues[0].message)
          assert.notMatch(answer.text, /actual |Expected |readonly|\\n/, path)
        }
      })
    )

    it.effect("names the zone that an offset of whole hours is", () =>
      steps(async (service) => {
        for (const [offset, zone] of [
          ["%2B03:00", "Etc/GMT-3"],
          ["+03:00", "Etc/GMT-3"],
          ["-0800", "Etc/GMT+8"],
          ["-3", "Etc/GMT+3"],
          ["%2B03:30", undefined],
          ["%2B15:00", undefined],
          ["Mars/Phobos", undefined]
        ] as const) {
          const { json } = await get(service, `/api/analytics?bot_id=1&${range}&tz=${offset}`)
          const said = /this offset is (.*)$/.exec(json.issues[0].message)?.[1]
          assert.strictEqual(said, zone, offset)
          if (zone === undefined) continue
          const answer = await get(service, `/api/analytics?bot_id=1&${range}&tz=${encodeURIComponent(zone)}`)
          assert.strictEqual(answer.status, 200)
        }
      })
    )

    it.effect("takes what is right, and ignores what it does not know", () =>
      steps(async (service) => {
        for (const path of [
          `/api/analytics?bot_id=1&${range}&tz=europe/moscow`,
          `/api/analytics?bot_id=1&${range}&tz=Europe/Kiev`,
          `/api/analytics?bot_id=1&${range}&tz=UTC`,
          "/api/analytics?bot_id=1&start_date=2024-02-29&end_date=2024-02-29",
          "/api/users?bot_id=1&page=9007199254740991&limit=1000",
          "/api/users?bot_id=1&limit=1",
          "/api/users?bot_id=1&unknown=x&unknown=y&%zz=1&__proto__=1&constructor=x&toString=1&&&=&=x",
          "/api/users?bot%5Fid=%31",
          "/api/users?bot_id=1&",
          "/api/bots/%31/summary",
          "/api/subscriptions?bot_id=1&status=no%20such"
        ]) {
          const answer = await get(service, path)
          assert.strictEqual(answer.status, 200, `${path} ${answer.text}`)
        }
      })
    )

    it.effect("refuses in order: credentials, parameters, access", () =>
      steps(async (service) => {
        for (const path of ["/api/users?bot_id=%zz", "/api/users", "/api/bots/%zz/summary", "/api/users?bot_id=2"]) {
          const answer = await service.request(path)
          assertError(answer, 401, "Unauthorized", path)
          assert.match(answer.headers.get("www-authenticate") ?? "", /Bearer.*tma/)
        }
        assertError(await get(service, "/api/users?bot_id=2&page=0"), 400, "InvalidRequest")
        for (const bot of ["2", "2147483648", "9007199254740991"]) {
          const answer = await get(service, `/api/users?bot_id=${bot}`)
          assertError(answer, 403, "AccessDenied", bot)
          assert.strictEqual(answer.json.message, "Access denied to this bot; bot_id is the `uid` of GET /api/bots")
          assert.deepEqual((await get(service, `/api/bots/${bot}/summary`)).json, answer.json)
        }
      })
    )
  })
})
