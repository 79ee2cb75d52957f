import type { KeyObject } from "node:crypto"
import * as Context from "effect/Context"
import { telegramProductionKey } from "./InitData.js"

/** The key that Telegram signs initData with for third parties: its production key, except where a test signs for it. */
export class TelegramKey extends Context.Reference<TelegramKey>()("app/Auth/TelegramKey", {
  defaultValue: (): KeyObject => telegramProductionKey
}) {}
