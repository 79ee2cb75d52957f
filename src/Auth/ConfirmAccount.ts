import type * as HttpApp from "@effect/platform/HttpApp"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { CurrentRequest } from "../Domain/CurrentRequest.js"
import type { ServiceUnavailable, Unauthorized } from "../Domain/Errors.js"
import { AdminsRepo } from "./AdminsRepo.js"

/** What is told only to an admin whose account is there. */
const comesAfter = Predicate.or(Predicate.isTagged("InvalidRequest"), Predicate.isTagged("AccessDenied"))

/**
 * A token is no credential once its account is gone. That is told before what is wrong with the parameters and with the
 * right to the bot (contract, section 10). The account is looked for together with the data (src/Domain/CurrentAdmin.ts), so
 * that nobody knows of it yet when a request fails before.
 */
export const confirmAccount = Effect.map(
  AdminsRepo,
  ({ confirm }) =>
    <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E | Unauthorized | ServiceUnavailable, R> =>
      Effect.tapError(app, (error) =>
        Effect.flatMap(CurrentRequest, (current) =>
          current?.admin !== undefined && comesAfter(error) ? confirm(current.admin) : Effect.void
        )
      )
)
