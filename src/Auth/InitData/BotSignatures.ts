import { createHash } from "node:crypto"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { LRUCache } from "lru-cache"
import type { BotTables } from "../../Database/BotTables.js"
import { Readiness } from "../../Database/Readiness.js"
import { Run } from "../../Database/Run.js"
import type { ServiceUnavailable } from "../../Domain/Errors.js"
import { idFor } from "../../Tables/Types.js"
import { type InitDataFields, isSignature, signingBot } from "./InitData.js"
import { TelegramKey } from "./TelegramKey.js"

interface BotRow {
  /** Null of a bot that has none yet, and text where the column is one. */
  readonly bot_id: number | string | null
}

type Bots = (tables: BotTables) => Statement<BotRow>

/** So many signed strings are remembered; an app sends the same one with every request. */
const MAX_REMEMBERED = 10_000

/**
 * Whether Telegram signed initData for a bot in `bots`.
 *
 * initData does not name its bot, and anybody can write one that costs a verification for each bot there is. So the bots
 * of the admin whom it names come first: nearly always one of them signed it, and they are few. Searches through all the
 * others wait in a line of their own, one at a time, and leave the rest of the service its thread pool.
 *
 * Only what was signed is remembered, by its digest, with the one bot that it is signed for; whether that bot is still
 * registered is asked each time.
 */
export class BotSignatures extends Effect.Service<BotSignatures>()("app/Auth/BotSignatures", {
  effect: Effect.gen(function* () {
    const publicKey = yield* TelegramKey
    const sql = yield* SqlClient.SqlClient
    const run = yield* Run
    const readiness = yield* Readiness
    const signers = new LRUCache<string, number>({ max: MAX_REMEMBERED })
    const ownBots = yield* Effect.makeSemaphore(1)
    const otherBots = yield* Effect.makeSemaphore(1)

    const idsOf = (bots: Bots) =>
      Effect.map(
        readiness.ask((tables) => run(bots(tables))),
        (rows) => rows.map(({ bot_id }) => Number(bot_id)).filter(Number.isSafeInteger)
      )

    const idOf = (tables: BotTables, column: "admin_id" | "bot_id", id: number) =>
      idFor(sql, tables.column("bots", column), id)

    const isRegistered = (botTelegramId: number) =>
      Effect.map(
        idsOf(
          (tables) =>
            sql<BotRow>`SELECT bot_id FROM bots WHERE bot_id = ${idOf(tables, "bot_id", botTelegramId)} LIMIT 1`
        ),
        (ids) => ids.length > 0
      )

    const signer = (data: InitDataFields, key: string) => {
      const among = (bots: Bots) =>
        Effect.suspend(() => {
          // Another request may have found it while this one waited.
          const known = signers.get(key)
          return known === undefined
            ? Effect.flatMap(idsOf(bots), (ids) => signingBot(data, ids, publicKey))
            : Effect.succeedSome(known)
        })
      const admin = (tables: BotTables) => idOf(tables, "admin_id", data.user.id)
      return among((tables) => sql<BotRow>`SELECT DISTINCT bot_id FROM bots WHERE admin_id = ${admin(tables)}`).pipe(
        ownBots.withPermits(1),
        Effect.flatMap((found) =>
          Option.isSome(found)
            ? Effect.succeed(found)
            : otherBots.withPermits(1)(
                among((tables) => sql<BotRow>`SELECT DISTINCT bot_id FROM bots WHERE admin_id <> ${admin(tables)}`)
              )
        )
      )
    }

    /** `raw` is the string that `data` was read from. */
    const isSigned = (raw: string, data: InitDataFields): Effect.Effect<boolean, ServiceUnavailable> =>
      Effect.gen(function* () {
        if (!isSignature(data.signature)) return false
        const key = createHash("sha256").update(raw).digest("base64")
        const known = signers.get(key)
        if (known !== undefined) return yield* isRegistered(known)
        const found = yield* signer(data, key)
        if (Option.isSome(found)) signers.set(key, found.value)
        return Option.isSome(found)
      })

    return { isSigned } as const
  })
}) {}
