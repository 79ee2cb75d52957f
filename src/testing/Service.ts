import { randomBytes } from "node:crypto"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import mysql from "mysql2/promise"
import { inject } from "vitest"
import { AppConfig, type DatabaseAddress } from "../Config.js"
import { Readiness } from "../Database/Readiness.js"
import { HttpLive } from "../Http.js"
import * as Listening from "../Server/Listening/Listening.js"
import { DatabaseLive } from "../Startup/DatabaseLive.js"
import * as Telemetry from "../Telemetry.js"
import { signInitData } from "./SignInitData.js"

/** What every test service is configured with, unless the test says otherwise. */
export const BOT_TOKEN = "7214036581:AAE-a-token-for-tests-only-000000000"
export const SECRET_KEY = "a secret for tests only, 0123456789"

export type Settings = typeof AppConfig.Service

const addressOf = (url: URL, database: string): DatabaseAddress => ({
  host: url.hostname,
  port: Number(url.port || 3306),
  database,
  username: decodeURIComponent(url.username),
  password: Redacted.make(decodeURIComponent(url.password)),
  tls: "off"
})

export const settingsFor = (database: DatabaseAddress, changes: Partial<Settings> = {}): Settings => ({
  database,
  poolSize: 4,
  queryTimeout: Duration.seconds(10),
  migrateOnStart: true,
  facts: "auto",
  logDatabase: database,
  secretKey: Redacted.make(SECRET_KEY),
  previousSecretKey: Option.none(),
  botToken: Redacted.make(BOT_TOKEN),
  allowedOrigins: ["https://app.example.com"],
  trustedProxies: [],
  host: "127.0.0.1",
  port: 0,
  initDataMaxAge: Duration.hours(24),
  jwtTtl: Duration.hours(24),
  logLevel: LogLevel.None,
  logFormat: "json",
  ...changes
})

/** An empty database of its own on the tests' server, dropped at the end. Times are UTC, texts utf8mb4. */
export interface TestDatabase {
  readonly address: DatabaseAddress
  /** The same account that the service uses. DATETIMEs come as text. */
  readonly connection: mysql.Connection
}

export const makeDatabase: Effect.Effect<TestDatabase, never, Scope.Scope> = Effect.gen(function* () {
  const url = new URL(inject("databaseUrl"))
  const name = `bot_analytics_test_${randomBytes(6).toString("hex")}`
  const address = addressOf(url, name)
  const connection = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const connection = await mysql.createConnection({
        host: address.host,
        port: address.port,
        user: address.username,
        password: Redacted.value(address.password),
        timezone: "Z",
        dateStrings: true,
        multipleStatements: true
      })
      await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4; USE ${name}; SET time_zone = '+00:00'`)
      return connection
    }),
    (connection) =>
      Effect.promise(async () => {
        await connection.query(`DROP DATABASE IF EXISTS ${name}`)
        await connection.end()
      })
  )
  return { address, connection }
})

/** What came over HTTP, whatever the status. */
export interface TestResponse {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The decoded body, or undefined where it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
  readonly json: any
}

/** A running service over a database of its own, spoken to over real HTTP. */
export class TestService extends Context.Tag("app/testing/TestService")<
  TestService,
  {
    readonly url: string
    readonly database: TestDatabase
    readonly settings: Settings
    readonly request: (path: string, init?: RequestInit) => Promise<TestResponse>
    /** GET as the Telegram user with this id, by `X-Telegram-Init-Data`. */
    readonly get: (path: string, userId: number) => Promise<TestResponse>
  }
>() {}

/** A valid initData of this Telegram user, of now. */
export const initDataOf = (userId: number, fields: Record<string, string> = {}): string =>
  signInitData(BOT_TOKEN, {
    auth_date: String(Math.floor(Date.now() / 1000)),
    query_id: "AAHdF6IQAAAAAN0XohDhrOrc",
    user: JSON.stringify({ id: userId, first_name: "Test", username: `user_${userId}`, language_code: "en" }),
    ...fields
  })

export const fetchJson = async (url: string, init?: RequestInit): Promise<TestResponse> => {
  const response = await fetch(url, init)
  const text = await response.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return { status: response.status, headers: response.headers, text, json }
}

export interface ServiceOptions {
  readonly settings?: Partial<Settings>
  /** Runs on the empty database before the service starts: makes the bots' tables as some other software would have. */
  readonly prepare?: (database: TestDatabase) => Promise<void>
  /** More layers under the service, such as another Telegram key or a logger to look into. */
  readonly under?: Layer.Layer<never>
}

const untilReady = Effect.flatMap(Readiness, ({ tables }) => tables).pipe(
  Effect.retry(Schedule.intersect(Schedule.spaced("100 millis"), Schedule.recurs(300))),
  Effect.orDie
)

/** Starts the service on a free port, whatever its database does, and gives what speaks to it. */
export const startService = (settings: Settings, under: Layer.Layer<never> = Layer.empty) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(
      HttpLive.pipe(
        Layer.provideMerge(Listening.layer({ host: settings.host, port: settings.port })),
        Layer.provideMerge(DatabaseLive),
        Layer.provide(Layer.succeed(AppConfig, settings)),
        Layer.provide(under),
        Layer.provide(Logger.minimumLogLevel(settings.logLevel)),
        // As in src/main.ts, where nobody asked for spans; a collector under it turns them on again.
        Layer.provide(Telemetry.off)
      )
    )
    const url = HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address)
    const request = (path: string, init?: RequestInit) => fetchJson(url + path, init)
    return {
      url,
      settings,
      request,
      get: (path: string, userId: number) => request(path, { headers: { "X-Telegram-Init-Data": initDataOf(userId) } }),
      untilReady: Effect.provide(untilReady, context)
    }
  })

/** Starts the service over a database of its own and waits until it is ready. */
export const testService = (options: ServiceOptions = {}): Layer.Layer<TestService> =>
  Layer.scoped(
    TestService,
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const prepare = options.prepare
      if (prepare) yield* Effect.promise(() => prepare(database))
      const service = yield* startService(settingsFor(database.address, options.settings), options.under)
      yield* service.untilReady
      return { ...service, database }
    })
  ).pipe(Layer.orDie)
