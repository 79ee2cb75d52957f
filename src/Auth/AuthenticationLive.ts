import { HttpServerRequest } from "@effect/platform"
import { Effect, type Exit, Layer } from "effect"
import type { TelegramId } from "../Domain/Ids.js"
import { identityOf } from "../Server/Handled.js"
import { noteAdmin } from "../Server/RequestRecord.js"
import { Authentication } from "./Authentication.js"
import { Credentials, type Refusal } from "./Credentials.js"

/**
 * The platform asks each of the three schemes in turn until one agrees, and answers with the last one's refusal. So each
 * gives the verdict on what the request presents, whichever it is; it is kept, so that it is worked out once.
 */
export const AuthenticationLive = Layer.effect(
  Authentication,
  Effect.gen(function* () {
    const credentials = yield* Credentials
    const verdicts = new WeakMap<object, Exit.Exit<TelegramId, Refusal>>()

    const currentAdmin = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const key = identityOf(request)
      const verdict = verdicts.get(key) ?? (yield* Effect.exit(credentials.judge(request)))
      verdicts.set(key, verdict)
      const userId = yield* verdict
      noteAdmin(request, userId)
      return { userId }
    })

    return Authentication.of({ bearer: () => currentAdmin, initData: () => currentAdmin, tma: () => currentAdmin })
  })
).pipe(Layer.provide(Credentials.Default))
