import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { toCollector } from "../Telemetry.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { startCollector, type TestCollector, textOf } from "../testing/Collector.js"
import { logIn, postLogin } from "../testing/Login.js"
import { rawRequest, sendRaw } from "../testing/RawHttp.js"
import { BOT_TOKEN, initDataOf, SECRET_KEY, TestService, testService } from "../testing/Service.js"
import { withBotOf, withRows } from "../testing/Steps.js"

/**
 * Logs in and fails to in every way, reads what only its owner may, breaks the database meanwhile, all at TRACE level;
 * then searches all that came out: log, terminal, spans, metrics, and the answers that are errors.
 */
const OWNER = 777000123
const SUB_URL = "https://sub.example.org/HCu1VkmMdfLoyXcSdloqCE"
const KEY = "vless://1db81157-fc2e-4edd-a87e-0b49fb4820c0@nl5.example.org:443"
const COLLECTOR_KEY = "a-key-for-the-collector"
const MARKER = "q5ecretquery"

const log = capturedLog()

/** Whatever reaches the terminal past the logger. */
const printed: Array<string> = []
const streams = [process.stdout, process.stderr] as const
const originals = streams.map((stream) => stream.write)
const restore = () => {
  streams.forEach((stream, i) => {
    const original = originals[i]
    if (original !== undefined) stream.write = original
  })
}

/** Keeps what is printed until the scope closes. */
const watchTerminal = Effect.acquireRelease(
  Effect.sync(() => {
    streams.forEach((stream, i) => {
      stream.write = ((...parameters: Parameters<typeof stream.write>) => {
        printed.push(String(parameters[0]))
        return originals[i]?.apply(stream, parameters) ?? true
      }) as typeof stream.write
    })
  }),
  () => Effect.sync(restore)
)

/** The service, which sends to this collector. */
const serviceSendingTo = ({ endpoint }: TestCollector) =>
  testService({
    settings: {
      logLevel: LogLevel.All,
      trustedProxies: ["127.0.0.1"],
      initDataMaxAge: Duration.hours(1),
      queryTimeout: Duration.millis(700)
    },
    under: Layer.provideMerge(
      toCollector({
        endpoint,
        headers: { authorization: Redacted.make(COLLECTOR_KEY) },
        serviceName: "x",
        protocol: "http/json"
      }),
      log.layer
    )
  }).pipe(
    withBotOf(OWNER),
    withRows(
      "INSERT INTO subscriptions (sub_uid, sub_url, user_id, bot_id, status, `keys`) VALUES ('s', ?, 1, 1, 'Active', ?)",
      [SUB_URL, JSON.stringify([KEY])]
    )
  )

const useEverything = Effect.flatMap(TestService, (service) =>
  Effect.promise(async () => {
    const errors: Array<string> = []
    const outcomes = new Set<string>()
    const note = <A extends { readonly status: number; readonly text: string; readonly json: { _tag?: string } }>(
      answer: A
    ): A => {
      if (answer.status >= 400) errors.push(answer.text)
      outcomes.add(`${answer.status} ${answer.json?._tag ?? ""}`)
      return answer
    }
    let address = 0
    const from = () => ({ "X-Forwarded-For": `10.0.0.${address++}` })
    const login = async (initData: unknown, headers = from()) => note(await logIn(service, initData, headers))
    const post = async (body: string) => note(await postLogin(service, body, from()))

    const initData = initDataOf(OWNER)
    const forged = `${initData.slice(0, -4)}0000`
    const old = initDataOf(OWNER, { auth_date: String(Math.floor(Date.now() / 1000) - 7200) })
    const token: string = (await login(initData)).json.token
    assert.isNotEmpty(token)
    const forgedToken = `${token.slice(0, -4)}AAAA`

    await login(forged)
    await login(old)
    await login(`${initData}&hash=1`)
    await login({ nested: initData })
    await login("")
    await login(`${initData}&x=${"y".repeat(70_000)}`)
    await login(initData.replace("user=", "user=%7B"))
    for (const body of [`{"init_data":"${initData}`, JSON.stringify(initData), JSON.stringify({ token, x: MARKER })]) {
      await post(body)
    }
    note(await service.request("/api/auth/telegram", { method: "POST", body: initData, headers: from() }))
    const sameAddress = { "X-Forwarded-For": "10.1.0.1" }
    for (let i = 0; i < 12; i++) await login(forged, sameAddress)

    const authorizations = [
      ...[token, forgedToken, initData].map((credential) => `Bearer ${credential}`),
      ...[initData, forged, old].map((credential) => `tma ${credential}`),
      token,
      `Basic ${token}`
    ]
    const paths = [
      "/api/bots",
      `/api/subscriptions?bot_id=1&status=Active&note=${MARKER}`,
      `/api/subscriptions?bot_id=1&status=${MARKER}`,
      `/api/users?bot_id=${MARKER}`,
      `/api/bots/${MARKER}/summary`,
      `/nope/${MARKER}?token=${token}`
    ]
    let read = 0
    for (const path of paths) {
      for (const headers of [
        ...authorizations.map((Authorization) => ({ Authorization })),
        { "X-Telegram-Init-Data": initData, Cookie: `session=${MARKER}`, "User-Agent": MARKER, Referer: MARKER },
        { "X-Telegram-Init-Data": forged, traceparent: MARKER, b3: MARKER }
      ]) {
        const answer = note(await service.request(path, { headers }))
        if (answer.text.includes(KEY)) read++
      }
    }
    assert.isAbove(read, 0, "the keys were read by their owner")
    note(await sendRaw(service.url, `${rawRequest("GET", `/api/bots?${MARKER}`).trimEnd()}\r\nX-A : ${token}\r\n\r\n`))

    // Failures of the database while a secret is at hand: a table that is away, one that does not answer, a row of nonsense.
    const { connection } = service.database
    await connection.query("RENAME TABLE bot_analytics_admins TO admins_away")
    await login(initDataOf(OWNER))
    note(await service.request("/api/bots", { headers: { Authorization: `Bearer ${token}` } }))
    await connection.query("RENAME TABLE admins_away TO bot_analytics_admins; LOCK TABLES bot_analytics_admins WRITE")
    await login(initData)
    note(await service.request("/api/bots", { headers: { Authorization: `Bearer ${token}` } }))
    await connection.query("UNLOCK TABLES")
    await connection.query("UPDATE subscriptions SET user_id = 9223372036854775807")
    note(await service.get("/api/subscriptions?bot_id=1", OWNER))

    for (const expected of [
      "400 InvalidRequest",
      "401 Unauthorized",
      "401 InitDataExpired",
      "413 PayloadTooLarge",
      "415 UnsupportedMediaType",
      "429 TooManyRequests",
      "500 InternalError",
      "503 ServiceUnavailable"
    ]) {
      assert.isTrue(outcomes.has(expected), `${expected} among ${[...outcomes]}`)
    }
    const metrics = (await service.request("/metrics")).text
    return { errors, metrics, initData, forged, old, token, forgedToken }
  })
)

interface Found {
  readonly errors: ReadonlyArray<string>
  readonly metrics: string
  readonly initData: string
  readonly forged: string
  readonly old: string
  readonly token: string
  readonly forgedToken: string
}

const lookFor = ({ errors, forged, forgedToken, initData, metrics, old, token }: Found, collector: TestCollector) => {
  const output = {
    log: log.text(),
    terminal: printed.join(""),
    telemetry: textOf(collector),
    metrics,
    errors: errors.join("\n")
  }
  assert.include(output.telemetry, "/api/subscriptions")
  assert.include(output.log, "POST /api/auth/telegram 429")
  const hashOf = (raw: string) => new URLSearchParams(raw).get("hash") ?? ""
  const secrets = [
    ...[initData, forged, old].flatMap((raw) => [raw, encodeURIComponent(raw), hashOf(raw)]),
    ...[token, forgedToken, token.split(".")[1] ?? "", token.split(".")[2] ?? ""],
    ...[KEY, SUB_URL, BOT_TOKEN, SECRET_KEY, COLLECTOR_KEY, MARKER, "query_id=", "auth_date=", "9223372036854775807"]
  ]
  for (const [place, text] of Object.entries(output)) {
    for (const secret of secrets) {
      assert.isFalse(secret !== "" && text.includes(secret), `in ${place}: ${secret.slice(0, 12)}...`)
    }
  }
}

describe("no secret", () => {
  it.scopedLive("is in any log line, span, metric or error, whatever way a login or a request fails", () =>
    Effect.gen(function* () {
      const collector = yield* startCollector
      // The service ends with the first scope, and has sent all by then.
      const found = yield* Effect.scoped(
        Effect.zipRight(watchTerminal, Effect.provide(useEverything, serviceSendingTo(collector)))
      )
      lookFor(found, collector)
    })
  )
})
