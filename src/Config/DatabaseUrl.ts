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

const OURS = new Set(["ssl-mode", "ssl_mode"])

const MODES = "ssl-mode=REQUIRED to encrypt, ssl-mode=VERIFY_IDENTITY to check the server's certificate too"

/** What other drivers call their settings of TLS: `useSSL`, `requireSSL`, `sslaccept`, `encrypt`, `trustServerCertificate`, ... */
const ABOUT_TLS = /ssl|tls|encrypt|cert|^(ca|key|pfx)$/i

/**
 * Other drivers' parameters are passed over, save those about TLS: whoever wrote one believes that the connection is
 * encrypted, and would not be told that it is not.
 */
const tlsOf = (parameters: URLSearchParams): Either.Either<DatabaseAddress["tls"], string> => {
  const foreign = [...parameters.keys()].find((name) => ABOUT_TLS.test(name) && !OURS.has(name))
  if (foreign !== undefined) return Either.left(`must not have ${foreign}, which is not known here: write ${MODES}`)
  const [mode = "disabled", ...more] = [...OURS].flatMap((name) => parameters.getAll(name))
  const tls = tlsModes.get(mode.toLowerCase())
  return tls === undefined || more.length > 0
    ? Either.left(`must have one ssl-mode: ${MODES}, or ssl-mode=DISABLED`)
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
