import * as HttpApi from "@effect/platform/HttpApi"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Api } from "../Api.js"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { filledBotTables } from "../testing/Bots.js"
import { clientAs, getAs, getWith, logIn, query, request, statusOf } from "../testing/Client.js"
import { initDataOf, type TestResponse, testService } from "../testing/Service.js"

const MINE = String(BOT)
const FOREIGN = "9"
const STRANGER = 424242

/** Every route that wants credentials, with good parameters for a bot. */
const PROTECTED: Record<string, (bot: string) => string> = {
  "/api/bots": () => "/api/bots",
  "/api/analytics": (bot) => `/api/analytics?bot_id=${bot}&start_date=2026-01-01&end_date=2026-01-02`,
  "/api/bots/:bot_id/summary": (bot) => `/api/bots/${bot}/summary`,
  "/api/users": (bot) => `/api/users?bot_id=${bot}`,
  "/api/payments": (bot) => `/api/payments?bot_id=${bot}`,
  "/api/subscriptions": (bot) => `/api/subscriptions?bot_id=${bot}`
}
const PUBLIC = ["/api/auth/telegram", "/healthz", "/readyz", "/metrics"]
const ABOUT_A_BOT = Object.keys(PROTECTED).filter((path) => path !== "/api/bots")
const pathOf = (template: string, bot = MINE) => PROTECTED[template]?.(bot) ?? template

/** A token of the owner's. */
class Token extends Context.Tag("app/testing/Token")<Token, string>() {}

const loggedIn = Layer.effect(
  Token,
  Effect.map(logIn(initDataOf(OWNER)), ({ json }): string => json.token)
).pipe(Layer.provideMerge(testService({ prepare: filledBotTables(DATA) })))

it("this table knows every route of the Api", () => {
  const paths: Array<string> = []
  HttpApi.reflect(Api, { onGroup: () => {}, onEndpoint: ({ endpoint }) => void paths.push(endpoint.path) })
  assert.sameMembers(paths, [...Object.keys(PROTECTED), ...PUBLIC])
})

layer(loggedIn, { excludeTestServices: true })("access", (it) => {
  describe.each(Object.keys(PROTECTED))("%s", (template) => {
    it.effect("refuses without credentials, and names the schemes", () =>
      Effect.gen(function* () {
        const response = yield* request(pathOf(template))
        assert.strictEqual(response.status, 401)
        assert.strictEqual(response.json._tag, "Unauthorized")
        assert.match(response.headers.get("www-authenticate") ?? "", /Bearer.*tma/)
      })
    )

    it.effect("takes each of the three schemes, their names in any case", () =>
      Effect.gen(function* () {
        const token = yield* Token
        const initData = initDataOf(OWNER)
        const credentials: ReadonlyArray<Record<string, string>> = [
          { Authorization: `Bearer ${token}` },
          { Authorization: `bEARER    ${token}` },
          { Authorization: `BEARER\t ${token}` },
          { "X-Telegram-Init-Data": initData },
          { Authorization: `tma ${initData}` },
          { Authorization: `TMA   ${initData}` }
        ]
        for (const headers of credentials) {
          const response = yield* getWith(headers, pathOf(template))
          assert.strictEqual(response.status, 200, `${JSON.stringify(headers)}: ${response.text}`)
        }
      })
    )

    it.effect("judges one credential: Authorization where it is there", () =>
      Effect.gen(function* () {
        const token = yield* Token
        const initData = initDataOf(OWNER)
        for (const Authorization of ["Basic Zm9vOmJhcg==", "Bearer", "Bearer nonsense", "tma hash=00", initData, ""]) {
          const response = yield* getWith({ Authorization, "X-Telegram-Init-Data": initData }, pathOf(template))
          assert.strictEqual(response.status, 401, Authorization)
        }
        const forged = yield* getWith(
          { Authorization: `Bearer ${token}`, "X-Telegram-Init-Data": "hash=forged" },
          pathOf(template)
        )
        assert.strictEqual(forged.status, 200)
      })
    )
  })

  describe.each(ABOUT_A_BOT)("%s", (template) => {
    it.effect("refuses in order: credentials, parameters, access", () =>
      Effect.gen(function* () {
        const bad = pathOf(template, "zero")
        assert.strictEqual(yield* statusOf(request(bad)), 401)
        assert.strictEqual(yield* statusOf(getAs(STRANGER, bad)), 400)
        assert.strictEqual(yield* statusOf(getAs(STRANGER, pathOf(template))), 403)
      })
    )

    it.effect("tells a stranger the same of a foreign bot and of none", () =>
      Effect.gen(function* () {
        const shape = Effect.fnUntraced(function* (bot: string) {
          const { headers, status, text } = yield* getAs(STRANGER, pathOf(template, bot))
          const told = [...headers].filter(([name]) => name !== "date" && name !== "x-request-id")
          return JSON.stringify({ status, text, told })
        })
        const foreign = yield* shape(MINE)
        assert.include(foreign, "Access denied to this bot")
        for (const bot of [FOREIGN, "999999", String(2 ** 31 - 1), String(2 ** 31), String(2 ** 53 - 1)]) {
          assert.strictEqual(yield* shape(bot), foreign, bot)
        }
      })
    )

    it.effect("refuses the owner of other bots", () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* statusOf(getAs(OWNER, pathOf(template, FOREIGN))), 403)
      })
    )
  })

  it.effect("a bot changes hands with its row", () =>
    Effect.gen(function* () {
      const statusFor = (userId: number) => statusOf(getAs(userId, pathOf("/api/users")))
      yield* query("UPDATE bots SET admin_id = ? WHERE uid = ?", [STRANGER, BOT])
      assert.strictEqual(yield* statusFor(OWNER), 403)
      assert.strictEqual(yield* statusFor(STRANGER), 200)
      assert.deepStrictEqual(
        (yield* (yield* clientAs(STRANGER)).bots.listBots({})).map(({ uid }) => uid),
        [BOT]
      )
      yield* query("UPDATE bots SET admin_id = ? WHERE uid = ?", [OWNER, BOT])
      assert.strictEqual(yield* statusFor(OWNER), 200)
    })
  )

  it.effect("a header full of blanks costs no more than another", () =>
    Effect.gen(function* () {
      const started = performance.now()
      for (let i = 0; i < 10; i++) {
        const { status } = yield* getWith({ Authorization: `tma x${" ".repeat(15_000)}y` }, "/api/bots")
        assert.strictEqual(status, 401)
      }
      // One pattern over the header took 4 seconds.
      assert.isBelow(performance.now() - started, 2000)
    })
  )

  describe("a token whose account is gone", () => {
    it.effect.each(Object.keys(PROTECTED))("%s refuses in the very next request, before all else", (template) =>
      Effect.gen(function* () {
        const token = yield* Token
        const bearer = (path: string) => getWith({ Authorization: `Bearer ${token}` }, path)
        const asked = [
          pathOf(template),
          ...(template === "/api/bots" ? [] : ["zero", FOREIGN].map((bot) => pathOf(template, bot)))
        ]
        const statuses = <E, R>(get: (path: string) => Effect.Effect<TestResponse, E, R>) =>
          Effect.forEach(asked, (path) => statusOf(get(path)), { concurrency: "unbounded" })
        const withAccount = [200, 400, 403].slice(0, asked.length)
        assert.deepStrictEqual(yield* statuses(bearer), withAccount)
        const withoutAccount = Effect.gen(function* () {
          for (const path of asked) {
            const { headers, json, status } = yield* bearer(path)
            assert.strictEqual(status, 401, path)
            assert.strictEqual(json._tag, "Unauthorized")
            assert.include(json.message, "does not exist any more")
            assert.isNotNull(headers.get("www-authenticate"))
          }
          // initData needs no account.
          assert.deepStrictEqual(yield* statuses((path) => getAs(OWNER, path)), withAccount)
        })
        const deleted = Effect.tap(query("SELECT * FROM bot_analytics_admins WHERE user_id = ?", [OWNER]), () =>
          query("DELETE FROM bot_analytics_admins WHERE user_id = ?", [OWNER])
        )
        yield* Effect.acquireUseRelease(
          deleted,
          () => withoutAccount,
          ([row]) => query("INSERT INTO bot_analytics_admins SET ?", [row])
        )
        assert.deepStrictEqual(yield* statuses(bearer), withAccount)
      })
    )
  })
})
