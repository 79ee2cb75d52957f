import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"

/** Where the bots' database is. The password is the only secret in it. */
export interface DatabaseAddress {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly username: string
  readonly password: Redacted.Redacted
  readonly tls: "off" | "encrypt" | "verify"
}

const EXPECTED = "must look like mysql://user:password@host:3306/name"

const tlsModes = new Map<string, DatabaseAddress["tls"]>([
  ["disabled", "off"],
  ["required", "encrypt"],
  ["verify_ca", "verify"],
  ["verify_identity", "verify"]
])

const TLS_PARAMETERS = ["ssl-mode", "ssl_mode"]

/** Other drivers' parameters are theirs, save those about TLS: passed over, they would leave the connection in the clear. */
const tlsOf = (parameters: URLSearchParams): Either.Either<DatabaseAddress["tls"], string> => {
  const others = [...parameters.keys()].some((name) => /^(ssl|tls)/i.test(name) && !TLS_PARAMETERS.includes(name))
  const mode = TLS_PARAMETERS.map((name) => parameters.get(name)).find((value) => value !== null) ?? "disabled"
  const tls = tlsModes.get(mode.toLowerCase())
  return tls === undefined || others
    ? Either.left("must set up TLS by ssl-mode alone: DISABLED, REQUIRED or VERIFY_IDENTITY")
    : Either.right(tls)
}

const decode = (part: string): Either.Either<string, string> =>
  Either.try({
    try: () => decodeURIComponent(part),
    catch: () => `${EXPECTED}, with %XX for special characters`
  })

/** `mysql://user:password@host:port/name`, and `mysql+pymysql://`, which the Python bots' own configuration has. */
export const databaseUrl = (text: string): Either.Either<DatabaseAddress, string> =>
  Either.gen(function* () {
    const plain = text.replace(/^(mysql|mariadb)(\+\w+)?:/i, "mysql:")
    if (!URL.canParse(plain)) return yield* Either.left(EXPECTED)
    const url = new URL(plain)
    if (url.protocol !== "mysql:" || url.hostname === "" || url.port === "0") return yield* Either.left(EXPECTED)
    if (url.username === "") return yield* Either.left(`${EXPECTED}; the user is missing`)
    const name = url.pathname.slice(1)
    if (name === "") return yield* Either.left(`${EXPECTED}; the database's name is missing`)
    // What follows a "#" is no part of an address: most likely a password that has one.
    if (name.includes("/") || url.hash !== "") {
      return yield* Either.left(`${EXPECTED}, with %XX for special characters`)
    }
    return {
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? 3306 : Number(url.port),
      database: yield* decode(name),
      username: yield* decode(url.username),
      password: Redacted.make(yield* decode(url.password)),
      tls: yield* tlsOf(url.searchParams)
    }
  })
