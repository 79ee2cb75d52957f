import * as Effect from "effect/Effect"
import { ClientAddress } from "../../Auth/Login/ClientAddress.js"
import { type Middleware, withRequest } from "./Middleware.js"

/** Warns of a proxy that TRUSTED_PROXIES does not name, as soon as anything comes through it. */
export const unnamedProxies = Effect.map(
  ClientAddress,
  ({ warnOfUnnamed }): Middleware =>
    (app) =>
      withRequest((request) => Effect.zipRight(warnOfUnnamed(request), app))
)
