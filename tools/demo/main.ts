import { randomBytes } from "node:crypto"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { signInitData } from "../../src/testing/SignInitData.js"
import { startServer } from "../database/DatabaseServer.js"
import { DEMO_BOT_IDS, DEMO_OWNER } from "./DataSet.js"
import { fill } from "./Fill.js"
import { startService } from "./Service.js"
import { welcome } from "./Welcome.js"

/**
 * The service over a private MySQL server with a realistic data set, for somebody who wants to see it run. With
 * `DATABASE_URL` in the environment, over that database; it is filled only where it has no bots.
 */
const database = Effect.gen(function* () {
  const given = process.env.DATABASE_URL
  if (given) return { url: given, ours: false }
  const server = yield* startServer({ kind: "mysql", name: "demo", keep: true })
  return { url: yield* server.createDatabase("bot_analytics"), ours: true }
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
  const { ours, url: databaseUrl } = yield* database
  const port = process.env.PORT ?? "8000"
  const url = `http://localhost:${port}`
  const botToken = `${DEMO_BOT_IDS[0]}:${randomBytes(27).toString("base64url")}`
  const service = yield* startService(
    {
      DATABASE_URL: databaseUrl,
      SECRET_KEY: randomBytes(48).toString("base64"),
      BOT_TOKEN: botToken,
      HOST: "127.0.0.1",
      PORT: port,
      LOG_LEVEL: process.env.LOG_LEVEL ?? "warn",
      ALLOWED_ORIGINS: process.env.ALLOWED_ORIGINS ?? "http://localhost:3000,http://localhost:5173"
    },
    url
  )
  yield* fill(databaseUrl, ours)
  const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
  const initData = signInitData(botToken, {
    auth_date: String(Math.floor(now / 1000)),
    query_id: "AAHdF6IQAAAAAN0XohDhrOrc",
    user: JSON.stringify({ ...DEMO_OWNER, language_code: "ru" })
  })
  const token = yield* logIn(url, initData)
  yield* Effect.sync(() =>
    process.stdout.write(welcome(url, initData, token, new Date(now).toISOString().slice(0, 10)))
  )
  return yield* service.ended
}).pipe(
  Effect.scoped,
  Effect.catchAll((error) =>
    Effect.sync(() => {
      process.stderr.write(`${error.message}\n`)
      process.exitCode = 1
    })
  )
)

NodeRuntime.runMain(demo, { disablePrettyLogger: true })
