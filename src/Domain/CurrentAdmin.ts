import { Context } from "effect"
import type { TelegramId } from "./Ids.js"

/**
 * The admin who makes the request, whichever of the three credentials said so.
 *
 * @effect-leakable-service
 */
export class CurrentAdmin extends Context.Tag("app/CurrentAdmin")<CurrentAdmin, { readonly userId: TelegramId }>() {}
