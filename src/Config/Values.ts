/**
 * What the variables' texts mean. A text that is wrong gives what it must be, for a person; never the text itself: it may
 * be a secret that was put behind the wrong name.
 */
import { isIP } from "node:net"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

type Parsed<A> = Either.Either<A, string>

export const integer =
  (minimum: number, maximum: number) =>
  (text: string): Parsed<number> => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= minimum && value <= maximum
      ? Either.right(value)
      : Either.left(`must be a whole number from ${minimum} to ${maximum}`)
  }

/** A number of seconds, or a number and a unit. */
export const duration =
  (minimum: Duration.DurationInput, maximum: Duration.DurationInput) =>
  (text: string): Parsed<Duration.Duration> => {
    const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? []
    const decoded = Duration.decodeUnknown(`${amount} ${unit.toLowerCase() || "seconds"}`)
    return Either.fromOption(
      Option.filter(decoded, Duration.between({ minimum, maximum })),
      () =>
        `must be seconds, or text such as "24 hours", from ${Duration.format(minimum)} to ${Duration.format(maximum)}`
    )
  }

export const boolean = (text: string): Parsed<boolean> => {
  const value = text.toLowerCase()
  return value === "true" || value === "1"
    ? Either.right(true)
    : value === "false" || value === "0"
      ? Either.right(false)
      : Either.left("must be true or false")
}

/** `true` and `false` mean `auto` and `off`, as they did before there were three. */
export const factsMode = (text: string): Parsed<"auto" | "on" | "off"> => {
  const value = text.toLowerCase()
  if (value === "auto" || value === "on" || value === "off") return Either.right(value)
  return Either.mapBoth(boolean(text), {
    onLeft: () => "must be auto, on or off",
    onRight: (wanted) => (wanted ? "auto" : "off")
  })
}

/** Entries separated by commas; the wrong one is named by its place. */
const listOf =
  (expected: string, parse: (entry: string) => Option.Option<string>) =>
  (text: string): Parsed<ReadonlyArray<string>> => {
    const entries = text
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "")
      .map(parse)
    const wrong = entries.findIndex(Option.isNone)
    return wrong < 0
      ? Either.right(entries.flatMap((entry) => Option.toArray(entry)))
      : Either.left(`must be ${expected}, separated by commas; entry ${wrong + 1} is none`)
  }

/** An origin as browsers write it in `Origin`. No wildcard: each origin is let in by its own name. */
const origin = (entry: string): Option.Option<string> => {
  if (!/^https?:\/\/[^/?#@*\s]+\/?$/i.test(entry) || !URL.canParse(entry)) return Option.none()
  return Option.some(new URL(entry).origin)
}

export const origins = listOf("origins such as https://app.example.com", origin)

const network = (entry: string): Option.Option<string> => {
  const [address = "", prefix, ...rest] = entry.split("/")
  const bits = isIP(address) === 6 ? 128 : 32
  const isNetwork =
    isIP(address) !== 0 &&
    !address.includes("%") &&
    rest.length === 0 &&
    (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  return isNetwork ? Option.some(entry) : Option.none()
}

export const networks = listOf("addresses or networks such as 10.0.0.0/8", network)

export const host = (text: string): Parsed<string> =>
  isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text)
    ? Either.right(text)
    : Either.left("must be an address such as 0.0.0.0 or ::, or a host's name, without a port")

const SECRET_BYTES = 32

const MAKE_ONE = "make one with: openssl rand -base64 48"

/** Whether it is one text over and over, and that text is shorter than a secret may be. */
const isRepeated = (bytes: Buffer): boolean => {
  const longest = Math.min(SECRET_BYTES - 1, Math.floor(bytes.length / 2))
  for (let period = 1; period <= longest; period++) {
    if (bytes.subarray(period).equals(bytes.subarray(0, -period))) return true
  }
  return false
}

export const secretKey = (text: string): Parsed<Redacted.Redacted> => {
  const bytes = Buffer.from(text)
  if (bytes.length < SECRET_BYTES) return Either.left(`must be at least ${SECRET_BYTES} bytes; ${MAKE_ONE}`)
  return isRepeated(bytes)
    ? Either.left(`must not be one short text over and over; ${MAKE_ONE}`)
    : Either.right(Redacted.make(text))
}

export const botToken = (text: string): Parsed<Redacted.Redacted> =>
  /^\d{1,20}:[\w-]{16,}$/.test(text)
    ? Either.right(Redacted.make(text))
    : Either.left("must be the token that BotFather gave, <digits>:<letters>")

const logLevels = new Map([
  ["trace", LogLevel.Trace],
  ["debug", LogLevel.Debug],
  ["info", LogLevel.Info],
  ["warn", LogLevel.Warning],
  ["warning", LogLevel.Warning],
  ["error", LogLevel.Error],
  ["fatal", LogLevel.Fatal],
  ["none", LogLevel.None]
])

export const logLevel = (text: string): Parsed<LogLevel.LogLevel> =>
  Either.fromNullable(
    logLevels.get(text.toLowerCase()),
    () => `must be one of ${Array.from(logLevels.keys()).join(", ")}`
  )

export const logFormat = (text: string): Parsed<"pretty" | "json"> => {
  const format = text.toLowerCase()
  return format === "pretty" || format === "json" ? Either.right(format) : Either.left("must be pretty or json")
}
