import * as HttpApi from "@effect/platform/HttpApi"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import { Api } from "../Api.js"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { logIn } from "../testing/Login.js"
import { type Answer, initDataOf, TestService, testService } from "../testing/Service.js"

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

const runtime = ManagedRuntime.make(
  testService({
    prepare: async ({ connection }) => {
      await createBotTables(connection)
      await loadRows(connection, DATA)
    }
  })
)
let service: typeof TestService.Service
let token: string

beforeAll(async () => {
  service = await runtime.runPromise(TestService)
  token = (await logIn(service, initDataOf(OWNER))).json.token
})
afterAll(() => runtime.dispose())

const withHeaders = (path: string, headers: Record<string, string>) => service.request(path, { headers })

it("this table knows every route of the Api", () => {
  const paths: Array<string> = []
  HttpApi.reflect(Api, { onGroup: () => {}, onEndpoint: ({ endpoint }) => void paths.push(endpoint.path) })
  assert.sameMembers(paths, [...Object.keys(PROTECTED), ...PUBLIC])
})

describe.each(Object.keys(PROTECTED))("%s", (template) => {
  it("refuses without credentials, and names the schemes", async () => {
    const answer = await service.request(pathOf(template))
    assert.strictEqual(answer.status, 401)
    assert.strictEqual(answer.json._tag, "Unauthorized")
    assert.match(answer.headers.get("www-authenticate") ?? "", /Bearer.*tma/)
  })

  it("takes each of the three schemes, their names in any case", async () => {
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
      const answer = await withHeaders(pathOf(template), headers)
      assert.strictEqual(answer.status, 200, `${JSON.stringify(headers)}: ${answer.text}`)
    }
  })

  it("judges one credential: Authorization where it is there", async () => {
    const initData = initDataOf(OWNER)
    for (const Authorization of ["Basic Zm9vOmJhcg==", "Bearer", "Bearer nonsense", "tma hash=00", initData, ""]) {
      const answer = await withHeaders(pathOf(template), { Authorization, "X-Telegram-Init-Data": initData })
      assert.strictEqual(answer.status, 401, Authorization)
    }
    const forged = await withHeaders(pathOf(template), {
      Authorization: `Bearer ${token}`,
      "X-Telegram-Init-Data": "hash=forged"
    })
    assert.strictEqual(forged.status, 200)
  })
})

describe.each(ABOUT_A_BOT)("%s", (template) => {
  it("refuses in order: credentials, parameters, access", async () => {
    const bad = pathOf(template, "zero")
    assert.strictEqual((await service.request(bad)).status, 401)
    assert.strictEqual((await service.get(bad, STRANGER)).status, 400)
    assert.strictEqual((await service.get(pathOf(template), STRANGER)).status, 403)
  })

  it("tells a stranger the same of a foreign bot and of none", async () => {
    const shape = async (bot: string) => {
      const { headers, status, text } = await service.get(pathOf(template, bot), STRANGER)
      const told = [...headers].filter(([name]) => name !== "date" && name !== "x-request-id")
      return JSON.stringify({ status, text, told })
    }
    const foreign = await shape(MINE)
    assert.include(foreign, "Access denied to this bot")
    for (const bot of [FOREIGN, "999999", String(2 ** 31 - 1), String(2 ** 31), String(2 ** 53 - 1)]) {
      assert.strictEqual(await shape(bot), foreign, bot)
    }
  })

  it("refuses the owner of other bots", async () => {
    assert.strictEqual((await service.get(pathOf(template, FOREIGN), OWNER)).status, 403)
  })
})

it("a bot changes hands with its row", async () => {
  const { connection } = service.database
  const statusFor = async (userId: number) => (await service.get(pathOf("/api/users"), userId)).status
  await connection.query("UPDATE bots SET admin_id = ? WHERE uid = ?", [STRANGER, BOT])
  assert.strictEqual(await statusFor(OWNER), 403)
  assert.strictEqual(await statusFor(STRANGER), 200)
  assert.deepStrictEqual(
    (await service.get("/api/bots", STRANGER)).json.map(({ uid }: { readonly uid: number }) => uid),
    [BOT]
  )
  await connection.query("UPDATE bots SET admin_id = ? WHERE uid = ?", [OWNER, BOT])
  assert.strictEqual(await statusFor(OWNER), 200)
})

it("a header full of blanks costs no more than another", async () => {
  const started = performance.now()
  for (let i = 0; i < 10; i++) {
    const { status } = await withHeaders("/api/bots", { Authorization: `tma x${" ".repeat(15_000)}y` })
    assert.strictEqual(status, 401)
  }
  // One pattern over the header took 4 seconds.
  assert.isBelow(performance.now() - started, 2000)
})

describe("a token whose account is gone", () => {
  const bearer = (path: string) => withHeaders(path, { Authorization: `Bearer ${token}` })
  const account = () => service.database.connection.query("SELECT * FROM admins WHERE user_id = ?", [OWNER])

  it.each(Object.keys(PROTECTED))("%s refuses in the very next request, before all else", async (template) => {
    const { connection } = service.database
    const asked = [
      pathOf(template),
      ...(template === "/api/bots" ? [] : ["zero", FOREIGN].map((bot) => pathOf(template, bot)))
    ]
    const statuses = async (get: (path: string) => Promise<Answer>) =>
      Promise.all(asked.map(async (path) => (await get(path)).status))
    const withAccount = [200, 400, 403].slice(0, asked.length)
    assert.deepStrictEqual(await statuses(bearer), withAccount)
    const [[row]] = (await account()) as unknown as [[object]]
    await connection.query("DELETE FROM admins WHERE user_id = ?", [OWNER])
    try {
      for (const path of asked) {
        const answer = await bearer(path)
        assert.strictEqual(answer.status, 401, path)
        assert.strictEqual(answer.json._tag, "Unauthorized")
        assert.include(answer.json.message, "does not exist any more")
        assert.isNotNull(answer.headers.get("www-authenticate"))
      }
      // initData needs no account.
      assert.deepStrictEqual(await statuses((path) => service.get(path, OWNER)), withAccount)
    } finally {
      await connection.query("INSERT INTO admins SET ?", [row])
    }
    assert.deepStrictEqual(await statuses(bearer), withAccount)
  })
})
