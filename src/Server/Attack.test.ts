import { assert, describe, layer } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { type Attack, attack, bytesOf } from "../testing/HostileRequests.js"
import { type RawAnswer, sendRaw } from "../testing/RawHttp.js"
import { initDataOf, testService } from "../testing/Service.js"
import { steps, withBotOf } from "../testing/Steps.js"

/**
 * Thousands of made-up hostile requests. Nothing they say may break the service, or make it talk of its inside. The same
 * seed makes the same requests: `ATTACK_SEED=<number> npx vitest run src/Server/Attack.test.ts`.
 */
const SEED = Number(process.env.ATTACK_SEED ?? 20260131)
const REQUESTS = Number(process.env.ATTACK_REQUESTS ?? 5000)
const AT_A_TIME = 8

const OWNER = 777000123
const ServiceLive = testService({ settings: { trustedProxies: ["127.0.0.1"] } }).pipe(withBotOf(OWNER))

const credentials = (token: string) => ({
  owner: `X-Telegram-Init-Data: ${initDataOf(OWNER)}`,
  token: `Authorization: Bearer ${token}`,
  nobody: "X-Nobody: 1"
})

const INSIDE =
  /SELECT |INSERT |mysql|sqlMessage|ER_[A-Z]{3}|node_modules|\.[tj]s:\d|\bat \w+ \(|ParseError|HttpApiDecodeError|readonly |stack/i

const judge = (attack: Attack, { headers, json, status, text }: RawAnswer): string | undefined => {
  if (!(status >= 200 && status < 500)) return `status ${status}`
  if (headers["x-request-id"] === undefined) return "no X-Request-Id"
  if (!/^Origin(, Accept-Encoding)?$/.test(headers.vary ?? "")) return "no Vary"
  if (status < 400) return undefined
  if (attack.method === "HEAD") return text === "" ? undefined : "a body on HEAD"
  if (headers["content-type"] !== "application/json") return `content type ${headers["content-type"]}`
  if (headers["content-encoding"] !== undefined) return undefined
  if (typeof json?._tag !== "string" || typeof json?.message !== "string" || json.message === "")
    return "no tag or message"
  if (INSIDE.test(text)) return "talks of its inside"
  return text.length > 8000 ? `a body of ${text.length} characters` : undefined
}

layer(ServiceLive, { excludeTestServices: true })((it) => {
  describe("hostile requests", () => {
    it.effect(
      "never get a 5xx, and always an answer in the contract's form",
      () =>
        steps(async (service) => {
          const login = await service.request("/api/auth/telegram", {
            method: "POST",
            body: JSON.stringify({ init_data: initDataOf(OWNER) }),
            headers: { "Content-Type": "application/json" }
          })
          const token: string = login.json.token
          const attacks = fc.sample(attack, { seed: SEED, numRuns: REQUESTS })
          const statuses = new Map<number, number>()
          const failures: Array<string> = []
          const queue = attacks.entries()
          const work = async () => {
            for (const [i, attack] of queue) {
              const bytes = bytesOf(attack, credentials(token))
              const verdict = await sendRaw(service.url, bytes, attack.method === "HEAD").then(
                (answer) => {
                  statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
                  const problem = judge(attack, answer)
                  return problem === undefined ? undefined : `${problem}: ${answer.text.slice(0, 300)}`
                },
                (error: unknown) => String(error)
              )
              if (verdict !== undefined) failures.push(`#${i} ${verdict}\n  ${JSON.stringify(bytes.slice(0, 600))}`)
            }
          }
          await Promise.all(Array.from({ length: AT_A_TIME }, work))
          assert.deepEqual(failures.slice(0, 5), [], `${failures.length} of ${REQUESTS}, with ATTACK_SEED=${SEED}`)
          // The attack means something only if it gets past the first guard.
          for (const status of [200, 400, 401, 403, 404, 405, 413, 415]) {
            assert.isAbove(statuses.get(status) ?? 0, 0, `no ${status} among ${JSON.stringify([...statuses])}`)
          }
          assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
        }),
      120_000
    )
  })
})
