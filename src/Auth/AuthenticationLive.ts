import { HttpServerRequest } from "@effect/platform"
import { Effect, Layer } from "effect"
import type { Admin } from "../Domain/CurrentAdmin.js"
import { own } from "../Server/NodeRequest.js"
import type { RequestRecord } from "../Server/RequestRecord.js"
import { Authentication } from "./Authentication.js"
import { Credentials, type Refusal } from "./Credentials.js"

/**
 * The platform asks each of the three schemes in turn until one agrees, and answers with the last one's refusal. So each
 * gives the verdict on what the request presents, whichever it is; a refusal is kept, so that it is worked out once.
 */
export const AuthenticationLive = Layer.effect(
  Authentication,
  Effect.gen(function* () {
    const credentials = yield* Credentials
    const refusals = new WeakMap<RequestRecord, Refusal>()

    const currentAdmin = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const { record } = own(request)
      const refusal = refusals.get(record)
      if (refusal !== undefined) return Effect.fail(refusal)
      return Effect.mapBoth(credentials.judge(request), {
        onFailure: (refusal) => {
          refusals.set(record, refusal)
          return refusal
        },
        onSuccess: (admin): Admin => {
          record.admin = admin
          return admin
        }
      })
    })

    return Authentication.of({ bearer: () => currentAdmin, initData: () => currentAdmin, tma: () => currentAdmin })
  })
).pipe(Layer.provide(Credentials.Default))
