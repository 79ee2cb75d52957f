/** Reads the `user` field of initData: WebAppUser in core.telegram.org/bots/webapps. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { TelegramId } from "../../Domain/Ids.js"
import { MalformedInitData } from "./InitDataErrors.js"

const isTelegramId = Schema.is(TelegramId)

/** The Telegram user who opened the Mini App. Names are `null` where they are missing or are not text. */
export interface InitDataUser {
  readonly id: TelegramId
  readonly isBot: boolean
  readonly username: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly languageCode: string | null
}

const parseJson = (json: string): Either.Either<unknown, MalformedInitData> =>
  Either.try({
    try: () => JSON.parse(json),
    catch: () => new MalformedInitData({ message: "init_data: user is not JSON" })
  })

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null)

/**
 * The user in a decoded `user` field. Fails with `MalformedInitData` unless it is a JSON object with a number `id` that
 * is whole and from 1 to 2^52 - 1. A number is judged by its value, as JSON means it (`1e3` is 1000), and of two equal
 * keys the last counts, as everywhere with `JSON.parse`: all of it is Telegram's own signed text. A bot is well formed
 * (`isBot`), and is refused after the signature, by `judge`.
 */
export const parseUser = (json: string): Either.Either<InitDataUser, MalformedInitData> =>
  Either.flatMap(parseJson(json), (user) => {
    if (!isObject(user)) return Either.left(new MalformedInitData({ message: "init_data: user is not a JSON object" }))
    const id = user.id
    if (!isTelegramId(id)) {
      return Either.left(
        new MalformedInitData({ message: "init_data: user has no id that is a positive integer of at most 52 bits" })
      )
    }
    return Either.right({
      id,
      isBot: user.is_bot === true,
      username: textOrNull(user.username),
      firstName: textOrNull(user.first_name),
      lastName: textOrNull(user.last_name),
      languageCode: textOrNull(user.language_code)
    })
  })
