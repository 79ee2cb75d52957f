import * as Effect from "effect/Effect"
import type { RequestInfo } from "../../Domain/CurrentRequest.js"
import { isClientGone } from "./Errors.js"
import { type Middleware, withRequest } from "./Middleware.js"

/** A client that went away before its response: nginx's number for it. It is never sent. */
const CLIENT_CLOSED_REQUEST = 499

/** Is told of each request once it has its response, with the status. */
export type Observer = (request: RequestInfo, status: number) => Effect.Effect<void>

export const whenEnded =
  (...observers: ReadonlyArray<Observer>): Middleware =>
  (app) =>
    withRequest((_, current) => {
      const tell = (status: number) =>
        Effect.forEach(observers, (observe) => observe(current, status), { discard: true })
      return Effect.matchCauseEffect(app, {
        onFailure: (cause) =>
          isClientGone(cause)
            ? Effect.zipRight(tell(CLIENT_CLOSED_REQUEST), Effect.failCause(cause))
            : Effect.failCause(cause),
        onSuccess: (response) => Effect.as(tell(response.status), response)
      })
    })
