import { spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Config from "./Config.js"

const GOOD = {
  DATABASE_URL: "mysql+pymysql://bot:p%40ss%3Aw%2Frd@db.example.com:3307/bots?charset=utf8mb4",
  SECRET_KEY: "kCw1oYtZ3b8H5s0mQ9xV2nL7pR4dF6gJ",
  BOT_TOKEN: "7214036581:AAEexampleexampleexample_example1234"
}

/** The settings, or a line for each variable that is wrong. */
const settings = (changes: Record<string, string | undefined> = {}) => {
  const entries = Object.entries({ ...GOOD, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined
  )
  return Config.AppConfig.pipe(
    Effect.provide(Config.layer),
    Effect.mapError(Config.explain),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(entries)))
  )
}

const lines = (changes: Record<string, string | undefined>) =>
  Effect.match(settings(changes), { onFailure: (found) => found, onSuccess: (): ReadonlyArray<string> => [] })

describe("the configuration", () => {
  it.effect("has the contract's defaults", () =>
    Effect.gen(function* () {
      const { database, initDataMaxAge, jwtTtl, queryTimeout, ...rest } = yield* settings()
      assert.deepInclude(database, {
        host: "db.example.com",
        port: 3307,
        database: "bots",
        username: "bot",
        tls: "off"
      })
      assert.strictEqual(Redacted.value(database.password), "p@ss:w/rd")
      assert.strictEqual(Duration.toHours(initDataMaxAge), 24)
      assert.strictEqual(Duration.toHours(jwtTtl), 24)
      assert.strictEqual(Duration.toSeconds(queryTimeout), 10)
      assert.deepInclude(rest, {
        host: "0.0.0.0",
        port: 8000,
        poolSize: 10,
        migrateOnStart: true,
        logLevel: LogLevel.Info
      })
      assert.deepStrictEqual(rest.allowedOrigins, [])
      assert.deepStrictEqual(rest.trustedProxies, [])
    })
  )

  it.effect("takes an empty variable for one that is not there", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* settings({ PORT: "", ALLOWED_ORIGINS: " ", LOG_LEVEL: "" })).port, 8000)
      assert.deepStrictEqual(yield* lines({ SECRET_KEY: "", BOT_TOKEN: " ", DATABASE_URL: undefined }), [
        "DATABASE_URL is missing",
        "SECRET_KEY is missing",
        "BOT_TOKEN is missing"
      ])
    })
  )

  it.effect("reads durations in seconds and in words", () =>
    Effect.gen(function* () {
      const maxAge = (INIT_DATA_MAX_AGE: string) =>
        Effect.map(settings({ INIT_DATA_MAX_AGE }), ({ initDataMaxAge }) => Duration.toSeconds(initDataMaxAge))
      assert.strictEqual(yield* maxAge("90"), 90)
      assert.strictEqual(yield* maxAge(" 90 seconds "), 90)
      assert.strictEqual(yield* maxAge("1 hour"), 3600)
      assert.strictEqual(yield* maxAge("24hours"), 86_400)
      assert.strictEqual(yield* maxAge("24 HOURS"), 86_400)
      assert.strictEqual(yield* maxAge("1.5 minutes"), 90)
      assert.strictEqual(yield* maxAge("30 days"), 30 * 86_400)
      const wrong = [
        "soon",
        "-1",
        "0",
        "0 days",
        "5 fortnights",
        "1e9 seconds",
        "1.5 nanos",
        "9".repeat(400),
        "4000 days"
      ]
      for (const text of wrong) {
        assert.match(
          (yield* lines({ INIT_DATA_MAX_AGE: text })).join(),
          /^INIT_DATA_MAX_AGE must be seconds, or text/,
          text
        )
        assert.lengthOf(yield* lines({ JWT_TTL: text, QUERY_TIMEOUT: text }), 2, text)
      }
      // A timer of more than 24 days would fire at once.
      assert.lengthOf(yield* lines({ QUERY_TIMEOUT: "25 days" }), 1)
    })
  )

  it.effect("reads the other texts", () =>
    Effect.gen(function* () {
      for (const text of ["true", "TRUE", "1"])
        assert.isTrue((yield* settings({ MIGRATE_ON_START: text })).migrateOnStart)
      for (const text of ["false", "False", "0"])
        assert.isFalse((yield* settings({ MIGRATE_ON_START: text })).migrateOnStart)
      assert.strictEqual((yield* settings({ LOG_LEVEL: "Warn" })).logLevel, LogLevel.Warning)
      assert.strictEqual((yield* settings({ LOG_FORMAT: "pretty" })).logFormat, "pretty")
      assert.deepStrictEqual((yield* settings({ TRUSTED_PROXIES: "10.0.0.0/8, ::1,127.0.0.1" })).trustedProxies, [
        "10.0.0.0/8",
        "::1",
        "127.0.0.1"
      ])
      for (const host of ["127.0.0.1", "::", "localhost"])
        assert.strictEqual((yield* settings({ HOST: host })).host, host)
    })
  )

  it.effect("reads origins as browsers write them", () =>
    Effect.gen(function* () {
      const { allowedOrigins } = yield* settings({
        ALLOWED_ORIGINS:
          "https://app.example.com/, HTTPS://App.Example.com:443 ,http://localhost:5173,https://\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444"
      })
      assert.deepStrictEqual(allowedOrigins, [
        "https://app.example.com",
        "https://app.example.com",
        "http://localhost:5173",
        "https://xn--e1afmkfd.xn--p1ai"
      ])
    })
  )

  it.effect("names every wrong variable, one line each, and prints no secret", () =>
    Effect.gen(function* () {
      const found = yield* lines({
        DATABASE_URL: "postgres://user:hunter2hunter2@host/db",
        SECRET_KEY: "too short a secret",
        BOT_TOKEN: "7214036581",
        PORT: "80000",
        DATABASE_POOL_SIZE: "0",
        MIGRATE_ON_START: "maybe",
        ALLOWED_ORIGINS: "https://app.example.com, *",
        TRUSTED_PROXIES: "10.0.0.0/33",
        LOG_LEVEL: "loud",
        LOG_FORMAT: "xml",
        QUERY_TIMEOUT: "never"
      })
      assert.deepStrictEqual(
        found.map((line) => line.split(" ")[0]),
        [
          "DATABASE_URL",
          "DATABASE_POOL_SIZE",
          "QUERY_TIMEOUT",
          "MIGRATE_ON_START",
          "SECRET_KEY",
          "BOT_TOKEN",
          "ALLOWED_ORIGINS",
          "TRUSTED_PROXIES",
          "PORT",
          "LOG_LEVEL",
          "LOG_FORMAT"
        ]
      )
      assert.notMatch(found.join("\n"), /hunter2|too short a secret/)
    })
  )

  it.effect.each([
    "*",
    "null",
    "app.example.com",
    "https://*.example.com",
    "https://app.example.com/path",
    "https://app.example.com?x",
    "https://user@app.example.com",
    "https://a.com https://b.com",
    "ftp://x"
  ])("refuses the origin %s", (origin) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* lines({ ALLOWED_ORIGINS: `https://app.example.com,${origin}` }), [
        "ALLOWED_ORIGINS must be origins such as https://app.example.com, separated by commas; entry 2 is none"
      ])
    })
  )

  it.effect.each(["10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0/8", "10.0.0.0/8/8", "proxy", "*", "fe80::1%eth0"])(
    "refuses the proxy %s",
    (proxy) =>
      Effect.gen(function* () {
        assert.match((yield* lines({ TRUSTED_PROXIES: proxy })).join(), /^TRUSTED_PROXIES must be .*entry 1 is none$/)
      })
  )

  it.effect.each([
    ["SECRET_KEY", "0123456789abcdef0123456789abcde"],
    ["BOT_TOKEN", "AAEexampleexampleexample_example1234"],
    ["BOT_TOKEN", "7214036581:short"],
    ["BOT_TOKEN", "7214036581:AAEexample example example_example"],
    ["HOST", "0.0.0.0:8000"],
    ["HOST", "http://localhost"],
    ["PORT", "65536"],
    ["PORT", "8e3"],
    ["DATABASE_POOL_SIZE", "-1"],
    ["LOG_LEVEL", "constructor"],
    ["LOG_FORMAT", "text"],
    ["MIGRATE_ON_START", "2"]
  ])("refuses %s=%s, without repeating it", ([name = "", value = ""]) =>
    Effect.gen(function* () {
      const found = yield* lines({ [name]: value })
      assert.lengthOf(found, 1)
      assert.match(found[0] ?? "", new RegExp(`^${name} must `))
      if (value.length > 4) assert.notInclude(found[0], value)
    })
  )

  it.effect("takes a secret by its bytes", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* lines({ SECRET_KEY: "0123456789abcdefghijklmnopqrstuv" }), 0)
      assert.lengthOf(
        yield* lines({
          SECRET_KEY:
            "\u043e\u0447\u0435\u043d\u044c-\u0434\u043b\u0438\u043d\u043d\u044b\u0439-\u043a\u043b\u044e\u0447"
        }),
        0
      )
    })
  )

  it.effect.each(["changeme".repeat(4), "0123456789abcdef".repeat(2), "x".repeat(64), `${"abc".repeat(11)}ab`])(
    "refuses a secret that is one short text over and over: %s",
    (SECRET_KEY) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* lines({ SECRET_KEY }), [
          "SECRET_KEY must not be one short text over and over; make one with: openssl rand -base64 48"
        ])
      })
  )

  it("stops a start with a line for each, and no stack", () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, ["--import", "tsx", "src/main.ts"], {
      cwd: new URL("..", import.meta.url),
      env: {
        PATH: process.env.PATH,
        ENV_FILE: "",
        SECRET_KEY: "short",
        DATABASE_URL: GOOD.DATABASE_URL,
        ALLOWED_ORIGINS: "*"
      },
      encoding: "utf8"
    })
    assert.strictEqual(status, 1)
    assert.strictEqual(stdout, "")
    const printed = stderr.trimEnd().split("\n")
    assert.deepStrictEqual(printed, [
      "SECRET_KEY must be at least 32 bytes; make one with: openssl rand -base64 48",
      "BOT_TOKEN is missing",
      "ALLOWED_ORIGINS must be origins such as https://app.example.com, separated by commas; entry 1 is none"
    ])
  })
})
