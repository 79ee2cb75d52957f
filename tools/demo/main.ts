import { randomBytes } from "node:crypto"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { databaseUrl as parseUrl } from "../../src/Config/DatabaseUrl.js"
import { explain } from "../../src/Config.js"
import { signInitData } from "../../src/testing/SignInitData.js"
import { startServer } from "../database/DatabaseServer.js"
import { launcherGone } from "../database/Launcher.js"
import { DEMO_BOT_IDS, DEMO_OWNER } from "./DataSet.js"
import { DemoRefused } from "./Errors.js"
import { fill } from "./Fill.js"
import { portIsFree, startService } from "./Service.js"
import { welcome } from "./Welcome.js"

/**
 * The service over a private MySQL server with a realistic data set, for somebody who wants to see it run. With
 * `DATABASE_URL` in the environment, over that database, if it is named for a demo (`decide` has the rule).
 */
const settings = Config.all({
  databaseUrl: Config.option(Config.nonEmptyString("DATABASE_URL")),
  port: Config.withDefault(Config.port("PORT"), 8000),
  /** Names the folder of the private server's data: for a second demo beside the first. */
  name: Config.withDefault(Config.nonEmptyString("DEMO_NAME"), "demo"),
  /** Multiplies the volume of the data. */
  scale: Config.withDefault(Config.number("DEMO_SCALE"), 1)
})

const given = (url: string) =>
  Effect.map(
    Effect.mapError(parseUrl(url), (reason) => new DemoRefused({ message: `DATABASE_URL ${reason}` })),
    (address) => ({
      url,
      address,
      privateServer: false,
      place: `the database ${address.database} on ${address.host}:${address.port}`
    })
  )

const ownServer = (name: string) =>
  Effect.gen(function* () {
    const server = yield* startServer({ kind: "mysql", name, keep: true })
    return { ...(yield* given(server.url("bot_analytics_demo"))), privateServer: true, place: ".database/" }
  })

const logIn = (url: string, initData: string) =>
  Effect.promise(async () => {
    const response = await fetch(`${url}/api/auth/telegram`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ init_data: initData })
    })
    const { token } = (await response.json()) as { readonly token: string }
    return token
  })

const demo = Effect.gen(function* () {
  const { databaseUrl, name, port, scale } = yield* settings
  yield* portIsFree(port)
  const database = yield* Option.match(databaseUrl, { onNone: () => ownServer(name), onSome: given })
  yield* fill({ ...database, scale })
  const url = `http://localhost:${port}`
  const botToken = `${DEMO_BOT_IDS[0]}:${randomBytes(27).toString("base64url")}`
  const service = yield* startService(
    {
      // What is set there is for another database than the demo's.
      ENV_FILE: "",
      DATABASE_URL: database.url,
      SECRET_KEY: randomBytes(48).toString("base64"),
      BOT_TOKEN: botToken,
      HOST: "127.0.0.1",
      PORT: String(port),
      LOG_LEVEL: process.env.LOG_LEVEL ?? "warn",
      ALLOWED_ORIGINS: process.env.ALLOWED_ORIGINS ?? "http://localhost:3000,http://localhost:5173"
    },
    url
  )
  const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
  const initData = signInitData(botToken, {
    auth_date: String(Math.floor(now / 1000)),
    query_id: "AAHdF6IQAAAAAN0XohDhrOrc",
    user: JSON.stringify({ ...DEMO_OWNER, language_code: "ru" })
  })
  const token = yield* logIn(url, initData)
  yield* Effect.sync(() =>
    process.stdout.write(
      welcome({ url, initData, token, today: new Date(now).toISOString().slice(0, 10), place: database.place })
    )
  )
  return yield* service.ended
}).pipe(
  Effect.scoped,
  Effect.raceFirst(launcherGone("tools/demo/main.ts")),
  Effect.catchAll((error) =>
    Effect.sync(() => {
      const lines = error._tag === "ConfigError" ? explain(error) : [error.message]
      for (const line of lines) process.stderr.write(`${line}\n`)
      process.exitCode = 1
    })
  )
)

// A terminal that has gone takes no more words, and ends us as SIGTERM does: in order.
process.stdout.on("error", () => {})
process.stderr.on("error", () => {})
process.on("SIGHUP", () => process.kill(process.pid, "SIGTERM"))

NodeRuntime.runMain(demo, { disablePrettyLogger: true })
