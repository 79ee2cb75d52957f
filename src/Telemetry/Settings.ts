import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/**
 * Where traces and metrics go, by OpenTelemetry's own variables
 * (opentelemetry.io/docs/specs/otel/protocol/exporter). They are read apart from the service's configuration: without an
 * endpoint there is nothing to read.
 */
export interface TelemetrySettings {
  /** The collector's address, without a slash at the end; each signal has a path of its own under it. */
  readonly endpoint: string
  /** What the collector wants to be shown: often a key. */
  readonly headers: Readonly<Record<string, Redacted.Redacted>>
  readonly serviceName: string
  readonly protocol: "http/json" | "http/protobuf"
}

type Parsed<A> = Either.Either<A, string>

/** A wrong text is told by what it must be, and never repeated: it may hold a key. */
const optional = <A>(name: string, fallback: A, parse: (text: string) => Parsed<A>): Config.Config<A> =>
  Config.string(name).pipe(
    Config.mapOrFail((text) =>
      text.trim() === ""
        ? Either.right(fallback)
        : Either.mapLeft(parse(text.trim()), (reason) => ConfigError.InvalidData([], reason))
    ),
    Config.withDefault(fallback)
  )

const endpoint = (text: string): Parsed<Option.Option<string>> => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.username + url.password === "" &&
    url.search + url.hash === ""
  return isPlain
    ? Either.right(Option.some(url.href.replace(/\/+$/, "")))
    : Either.left(
        "must be a URL such as http://localhost:4318, without a query; a user or a key goes to OTEL_EXPORTER_OTLP_HEADERS"
      )
}

const decoded = Option.liftThrowable(decodeURIComponent)

const headers = (text: string): Parsed<TelemetrySettings["headers"]> => {
  const entries: Array<[string, Redacted.Redacted]> = []
  for (const part of text.split(",").filter((part) => part.trim() !== "")) {
    const [, name = "", encoded = ""] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(part) ?? []
    const value = Option.getOrElse(decoded(encoded), () => "")
    if (name === "" || !/^[\t\x20-\x7e]+$/.test(value)) {
      return Either.left(
        `must be name=value, separated by commas, values percent-encoded; entry ${entries.length + 1} is none`
      )
    }
    entries.push([name.toLowerCase(), Redacted.make(value)])
  }
  return Either.right(Object.fromEntries(entries))
}

const protocol = (text: string): Parsed<TelemetrySettings["protocol"]> =>
  text === "http/json" || text === "http/protobuf"
    ? Either.right(text)
    : Either.left("must be http/json or http/protobuf")

/** None where nobody asked for telemetry; the other variables are looked at all the same. */
export const telemetrySettings: Config.Config<Option.Option<TelemetrySettings>> = Config.all({
  endpoint: optional("OTEL_EXPORTER_OTLP_ENDPOINT", Option.none<string>(), endpoint),
  headers: optional("OTEL_EXPORTER_OTLP_HEADERS", {}, headers),
  serviceName: optional("OTEL_SERVICE_NAME", "bot-analytics-api", Either.right),
  protocol: optional("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", protocol)
}).pipe(Config.map(({ endpoint, ...rest }) => Option.map(endpoint, (endpoint) => ({ endpoint, ...rest }))))
