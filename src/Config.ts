import { isIP } from "node:net"
import { Config, ConfigError, Context, Duration, Either, Layer, LogLevel, Option, Redacted } from "effect"

/** Where the bots' database is. The password is the only secret in it. */
export interface DatabaseAddress {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly username: string
  readonly password: Redacted.Redacted
  readonly tls: "off" | "encrypt" | "verify"
}

/** The service's whole configuration, read once at the start (section 8 of the contract). */
export class AppConfig extends Context.Tag("app/AppConfig")<
  AppConfig,
  {
    readonly database: DatabaseAddress
    readonly poolSize: number
    readonly queryTimeout: Duration.Duration
    readonly migrateOnStart: boolean
    readonly secretKey: Redacted.Redacted
    readonly botToken: Redacted.Redacted
    readonly allowedOrigins: ReadonlyArray<string>
    readonly trustedProxies: ReadonlyArray<string>
    readonly host: string
    readonly port: number
    readonly initDataMaxAge: Duration.Duration
    readonly jwtTtl: Duration.Duration
    readonly logLevel: LogLevel.LogLevel
    readonly logFormat: "pretty" | "json"
  }
>() {}

const withReason = <A>(name: string, self: Config.Config<string>, parse: (text: string) => Either.Either<A, string>) =>
  Config.mapOrFail(self, (text) =>
    Either.mapLeft(parse(text.trim()), (reason) => ConfigError.InvalidData([name], reason))
  )

const variable = <A>(name: string, parse: (text: string) => Either.Either<A, string>) =>
  withReason(name, Config.string(name), parse)

const optional = <A>(name: string, fallback: A, parse: (text: string) => Either.Either<A, string>) =>
  withReason(name, Config.withDefault(Config.string(name), ""), (text) =>
    text === "" ? Either.right(fallback) : parse(text)
  )

const integer =
  (minimum: number, maximum: number) =>
  (text: string): Either.Either<number, string> => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= minimum && value <= maximum
      ? Either.right(value)
      : Either.left(`must be a whole number from ${minimum} to ${maximum}`)
  }

const duration =
  (minimum: Duration.Duration) =>
  (text: string): Either.Either<Duration.Duration, string> => {
    const words = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text)
    const unit = words?.[2]?.toLowerCase() || "seconds"
    const decoded = Duration.decodeUnknown(`${words?.[1]} ${unit}`)
    return Option.isSome(decoded) && Duration.greaterThanOrEqualTo(decoded.value, minimum)
      ? Either.right(decoded.value)
      : Either.left(`must be seconds, or text such as "24 hours", and at least ${Duration.format(minimum)}`)
  }

const boolean = (text: string): Either.Either<boolean, string> => {
  const value = text.toLowerCase()
  return value === "true" || value === "1"
    ? Either.right(true)
    : value === "false" || value === "0"
      ? Either.right(false)
      : Either.left("must be true or false")
}

const list = (text: string) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")

const origins = (text: string): Either.Either<ReadonlyArray<string>, string> => {
  const values = list(text).map((item) => item.replace(/\/$/, ""))
  const wrong = values.find((value) => !URL.canParse(value) || new URL(value).origin !== value)
  return wrong === undefined
    ? Either.right(values)
    : Either.left(`must be origins such as https://app.example.com, separated by commas; "${wrong}" is none`)
}

const proxies = (text: string): Either.Either<ReadonlyArray<string>, string> => {
  const values = list(text)
  const isNetwork = (value: string) => {
    const [address = "", prefix, ...rest] = value.split("/")
    const bits = isIP(address) === 6 ? 128 : 32
    return (
      isIP(address) !== 0 &&
      rest.length === 0 &&
      (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
    )
  }
  const wrong = values.find((value) => !isNetwork(value))
  return wrong === undefined
    ? Either.right(values)
    : Either.left(`must be addresses or networks such as 10.0.0.0/8, separated by commas; "${wrong}" is none`)
}

const tlsModes: Record<string, DatabaseAddress["tls"]> = {
  disabled: "off",
  required: "encrypt",
  verify_ca: "verify",
  verify_identity: "verify"
}

const databaseUrl = (text: string): Either.Either<DatabaseAddress, string> => {
  const expected = "must look like mysql://user:password@host:3306/name"
  // mysql+pymysql:// is what the Python bots' own configuration has; the driver's name says nothing to us.
  const plain = text.replace(/^(mysql|mariadb)(\+\w+)?:/i, "mysql:")
  if (!URL.canParse(plain)) return Either.left(expected)
  const url = new URL(plain)
  const mode = (url.searchParams.get("ssl-mode") ?? url.searchParams.get("ssl_mode") ?? "disabled").toLowerCase()
  const tls = tlsModes[mode]
  return Either.gen(function* () {
    const decode = (part: string) =>
      Either.try({ try: () => decodeURIComponent(part), catch: () => `${expected}, with %XX for special characters` })
    if (url.protocol !== "mysql:" || url.hostname === "" || url.username === "") return yield* Either.left(expected)
    const database = yield* decode(url.pathname.slice(1))
    if (database === "") return yield* Either.left(`${expected}; the database's name is missing`)
    if (tls === undefined) return yield* Either.left("ssl-mode must be DISABLED, REQUIRED or VERIFY_IDENTITY")
    return {
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? 3306 : Number(url.port),
      database,
      username: yield* decode(url.username),
      password: Redacted.make(yield* decode(url.password)),
      tls
    }
  })
}

const secretKey = (text: string): Either.Either<Redacted.Redacted, string> =>
  Buffer.byteLength(text) < 32
    ? Either.left("must be at least 32 bytes; make one with: openssl rand -base64 48")
    : new Set(text).size < 8
      ? Either.left("repeats too few characters to be a secret; make one with: openssl rand -base64 48")
      : Either.right(Redacted.make(text))

const botToken = (text: string): Either.Either<Redacted.Redacted, string> =>
  /^\d{1,20}:[\w-]{16,}$/.test(text)
    ? Either.right(Redacted.make(text))
    : Either.left("must be the token that BotFather gave, <digits>:<letters>")

const logLevels: Record<string, LogLevel.LogLevel> = {
  trace: LogLevel.Trace,
  debug: LogLevel.Debug,
  info: LogLevel.Info,
  warn: LogLevel.Warning,
  warning: LogLevel.Warning,
  error: LogLevel.Error,
  fatal: LogLevel.Fatal,
  none: LogLevel.None
}

const logLevel = (value: string): Either.Either<LogLevel.LogLevel, string> =>
  Either.fromNullable(logLevels[value.toLowerCase()], () => `must be one of ${Object.keys(logLevels).join(", ")}`)

const logFormat = (value: string): Either.Either<"pretty" | "json", string> =>
  value === "pretty" || value === "json" ? Either.right(value) : Either.left("must be pretty or json")

const text = (value: string): Either.Either<string, string> => Either.right(value)

const appConfig = Config.all({
  database: variable("DATABASE_URL", databaseUrl),
  poolSize: optional("DATABASE_POOL_SIZE", 10, integer(1, 1000)),
  queryTimeout: optional("QUERY_TIMEOUT", Duration.seconds(10), duration(Duration.millis(100))),
  migrateOnStart: optional("MIGRATE_ON_START", true, boolean),
  secretKey: variable("SECRET_KEY", secretKey),
  botToken: variable("BOT_TOKEN", botToken),
  allowedOrigins: optional<ReadonlyArray<string>>("ALLOWED_ORIGINS", [], origins),
  trustedProxies: optional<ReadonlyArray<string>>("TRUSTED_PROXIES", [], proxies),
  host: optional("HOST", "0.0.0.0", text),
  port: optional("PORT", 8000, integer(0, 65535)),
  initDataMaxAge: optional("INIT_DATA_MAX_AGE", Duration.hours(24), duration(Duration.seconds(1))),
  jwtTtl: optional("JWT_TTL", Duration.hours(24), duration(Duration.seconds(1))),
  logLevel: optional("LOG_LEVEL", LogLevel.Info, logLevel),
  logFormat: optional("LOG_FORMAT", process.stdout.isTTY ? "pretty" : "json", logFormat)
})

/** One line for each wrong variable: its name and what is wrong, never its value. */
export const explain = (error: ConfigError.ConfigError): ReadonlyArray<string> => {
  switch (error._op) {
    case "And":
    case "Or":
      return [...explain(error.left), ...explain(error.right)]
    case "MissingData":
      return [`${error.path.join(".")} is missing`]
    default:
      return [`${error.path.join(".")} ${error.message}`]
  }
}

export const layer: Layer.Layer<AppConfig, ConfigError.ConfigError> = Layer.effect(AppConfig, appConfig)
