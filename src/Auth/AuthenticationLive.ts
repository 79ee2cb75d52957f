import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Admin } from "../Domain/CurrentAdmin.js"
import { CurrentRequest } from "../Domain/CurrentRequest.js"
import { Authentication } from "./Authentication.js"
import { Credentials, type Refusal } from "./Credentials.js"

/**
 * The platform tries each of the three schemes in turn until one agrees, and answers with the last one's error; the contract
 * judges one credential. So each scheme gives the verdict on the one that the request presents. A refusal is kept while
 * the request lives, so that it is worked out once.
 */
export const AuthenticationLive = Layer.effect(
  Authentication,
  Effect.gen(function* () {
    const { judge } = yield* Credentials
    const refusals = new WeakMap<HttpServerRequest.HttpServerRequest, Refusal>()

    const remember = (admin: Admin) =>
      Effect.map(CurrentRequest, (current) => {
        if (current !== undefined) current.admin = admin
        return admin
      })

    const currentAdmin = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const refusal = refusals.get(request)
      if (refusal !== undefined) return Effect.fail(refusal)
      return judge(request).pipe(
        Effect.tapError((refusal) => Effect.sync(() => refusals.set(request, refusal))),
        Effect.flatMap(remember)
      )
    })

    return Authentication.of({ bearer: () => currentAdmin, initData: () => currentAdmin, tma: () => currentAdmin })
  })
).pipe(Layer.provide(Credentials.Default))
