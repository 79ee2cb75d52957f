import * as Context from "effect/Context"
import type { TelegramId } from "./Ids.js"

/** Who makes a request, as the credential says it. */
export interface Admin {
  readonly userId: TelegramId
  /**
   * A token is good only as long as its account is there. That is not known yet: it is asked together with the data,
   * in one statement (src/Access/BotAccess.ts).
   */
  readonly needsAccount: boolean
}

/**
 * The admin who makes the request, whichever of the three credentials said so.
 *
 * @effect-leakable-service
 */
export class CurrentAdmin extends Context.Tag("app/CurrentAdmin")<CurrentAdmin, Admin>() {}
