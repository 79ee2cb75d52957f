import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { type DatabaseAddress, databaseUrl } from "./Config/DatabaseUrl.js"
import * as Values from "./Config/Values.js"

export type { DatabaseAddress } from "./Config/DatabaseUrl.js"

/** `auto`: where the server and the account let its log be read; `on`: the same, and not ready until it is. */
export type FactsMode = "auto" | "on" | "off"

/** The service's whole configuration, read once at the start (section 8 of the contract). */
export class AppConfig extends Context.Tag("app/AppConfig")<
  AppConfig,
  {
    readonly database: DatabaseAddress
    readonly poolSize: number
    readonly queryTimeout: Duration.Duration
    readonly migrateOnStart: boolean
    /** Whether figures are kept up to date in tables of our own, by following the server's binary log. */
    readonly facts: FactsMode
    /** The server itself where `database` is a proxy, or an account that may read the log where that one's may not. */
    readonly logDatabase: DatabaseAddress
    readonly secretKey: Redacted.Redacted
    /** Signs nothing any more, but its tokens are still good: so that the key can be changed with nobody thrown out. */
    readonly previousSecretKey: Option.Option<Redacted.Redacted>
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

/** Effect puts the variable's name in front of the errors by itself. */
const variable = <A>(
  name: string,
  parse: (text: string) => Either.Either<A, string>,
  empty: Either.Either<A, ConfigError.ConfigError>
) =>
  // An empty variable, as a line of .env that nobody filled in leaves it, is one that is not there.
  Config.mapOrFail(Config.string(name), (text) =>
    text.trim() === "" ? empty : Either.mapLeft(parse(text.trim()), (reason) => ConfigError.InvalidData([], reason))
  )

const required = <A>(name: string, parse: (text: string) => Either.Either<A, string>) =>
  variable(name, parse, Either.left(ConfigError.MissingData([], "is empty")))

const optional = <A>(name: string, fallback: A, parse: (text: string) => Either.Either<A, string>) =>
  Config.withDefault(variable(name, parse, Either.right(fallback)), fallback)

// Timers of longer than 24 days would fire at once.
const queryTimeout = Values.duration("100 millis", "1 hour")
const age = Values.duration("1 second", "3650 days")

/** What `npm run migrate` and `npm run facts` need of it. */
export const databaseAddress: Config.Config<DatabaseAddress> = required("DATABASE_URL", databaseUrl)

/** Of interest to `npm run migrate` too. */
export const factsMode: Config.Config<FactsMode> = optional("FACTS", "auto", Values.factsMode)

const logAddress: Config.Config<Option.Option<DatabaseAddress>> = optional("DATABASE_LOG_URL", Option.none(), (text) =>
  Either.map(databaseUrl(text), Option.some)
)

/** How the server's binary log is reached: of interest to `npm run facts` too. */
export const logDatabaseAddress: Config.Config<DatabaseAddress> = Config.map(
  Config.all([databaseAddress, logAddress]),
  ([database, log]) => Option.getOrElse(log, () => database)
)

const appConfig = Config.all({
  database: databaseAddress,
  poolSize: optional("DATABASE_POOL_SIZE", 10, Values.integer(1, 1000)),
  queryTimeout: optional("QUERY_TIMEOUT", Duration.seconds(10), queryTimeout),
  migrateOnStart: optional("MIGRATE_ON_START", true, Values.boolean),
  facts: factsMode,
  log: logAddress,
  secretKey: required("SECRET_KEY", Values.secretKey),
  previousSecretKey: optional("SECRET_KEY_PREVIOUS", Option.none(), (text) =>
    Either.map(Values.secretKey(text), Option.some)
  ),
  botToken: required("BOT_TOKEN", Values.botToken),
  allowedOrigins: optional("ALLOWED_ORIGINS", [], Values.origins),
  trustedProxies: optional("TRUSTED_PROXIES", [], Values.networks),
  host: optional("HOST", "0.0.0.0", Values.host),
  port: optional("PORT", 8000, Values.integer(0, 65535)),
  initDataMaxAge: optional("INIT_DATA_MAX_AGE", Duration.hours(24), age),
  jwtTtl: optional("JWT_TTL", Duration.hours(24), age),
  logLevel: optional("LOG_LEVEL", LogLevel.Info, Values.logLevel),
  logFormat: optional("LOG_FORMAT", process.stdout.isTTY ? "pretty" : "json", Values.logFormat)
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

export const layer: Layer.Layer<AppConfig, ConfigError.ConfigError> = Layer.effect(
  AppConfig,
  Config.map(appConfig, ({ log, ...others }) => ({
    ...others,
    logDatabase: Option.getOrElse(log, () => others.database)
  }))
)
