import { readFileSync } from "node:fs"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"

/** Where the bots' database is. The password is the only secret in it. */
export interface DatabaseAddress {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly username: string
  readonly password: Redacted.Redacted
  /** Encrypted or not; then whether the server's certificate is of a known authority, and whether it is this host's. */
  readonly tls: "off" | "encrypt" | "verify_ca" | "verify_identity"
  /** Certificates of authorities (PEM) that are known in place of those that come with Node.js. */
  readonly ca?: string | undefined
}

type Parsed<A> = Either.Either<A, string>

const EXPECTED = "must look like mysql://user:password@host:3306/name"

const tlsModes = new Map<string, DatabaseAddress["tls"]>([
  ["disabled", "off"],
  ["required", "encrypt"],
  ["verify_ca", "verify_ca"],
  ["verify_identity", "verify_identity"]
])

const MODES =
  "ssl-mode=REQUIRED to encrypt, ssl-mode=VERIFY_CA to check the server's certificate too, ssl-mode=VERIFY_IDENTITY its host's name as well, and ssl-ca=/path for an authority of your own"

/** As MySQL's own programs call them, and as Python's drivers do. */
const MODE = ["ssl-mode", "ssl_mode"]
const CA = ["ssl-ca", "ssl_ca"]

/** What other drivers call their settings of TLS: `useSSL`, `requireSSL`, `sslaccept`, `encrypt`, `trustServerCertificate`, ... */
const ABOUT_TLS = /ssl|tls|encrypt|cert|^(ca|key|pfx)$/i

/** Of the bots' own drivers, in whose URL they may stay: each connection of the service sets what these are about. */
const PASSED_OVER = new Set([
  ...["charset", "collation", "use_unicode", "autocommit", "local_infile", "allowpublickeyretrieval"],
  ...["connect_timeout", "connecttimeout", "read_timeout", "write_timeout", "timezone", "servertimezone"],
  ...[
    "pool_size",
    "pool_recycle",
    "pool_pre_ping",
    "pool_timeout",
    "max_overflow",
    "connection_limit",
    "connectionlimit"
  ]
])

/** A parameter that is not known may be a typing error, or matter to whoever wrote it: he is told. */
const onlyKnown = (parameters: URLSearchParams): Parsed<void> => {
  const name = [...parameters.keys()].find(
    (name) => !MODE.includes(name) && !CA.includes(name) && !PASSED_OVER.has(name.toLowerCase())
  )
  if (name === undefined) return Either.void
  return Either.left(
    ABOUT_TLS.test(name)
      ? `must not have ${name}, which is not known here: write ${MODES}`
      : `must not have ${name}, which is not known here: take it out`
  )
}

const certificates = (path: string): Parsed<string> =>
  Either.filterOrLeft(
    Either.try({
      try: () => readFileSync(path, "utf8"),
      catch: () => "must have an ssl-ca that is a file which can be read"
    }),
    (text) => text.includes("BEGIN CERTIFICATE"),
    () => "must have an ssl-ca that is a file of certificates (PEM)"
  )

/** As with MySQL's own programs, who names an authority wants the certificate checked. */
const tlsOf = (parameters: URLSearchParams): Parsed<Pick<DatabaseAddress, "tls" | "ca">> =>
  Either.gen(function* () {
    yield* onlyKnown(parameters)
    const [path, ...otherPaths] = CA.flatMap((name) => parameters.getAll(name))
    const [mode = path === undefined ? "disabled" : "verify_ca", ...otherModes] = MODE.flatMap((name) =>
      parameters.getAll(name)
    )
    const tls = tlsModes.get(mode.toLowerCase())
    if (tls === undefined || otherModes.length > 0 || otherPaths.length > 0) {
      return yield* Either.left(`must have one ssl-mode: ${MODES}, or ssl-mode=DISABLED`)
    }
    if (path === undefined) return { tls }
    if (tls === "off") return yield* Either.left("must not have ssl-ca with ssl-mode=DISABLED: nothing is checked then")
    return { tls: tls === "encrypt" ? "verify_ca" : tls, ca: yield* certificates(path) }
  })

const decode = (part: string): Parsed<string> =>
  Either.try({
    try: () => decodeURIComponent(part),
    catch: () => `${EXPECTED}, with %XX for special characters`
  })

/** `mysql://user:password@host:port/name`, and `mysql+pymysql://`, which the Python bots' own configuration has. */
export const databaseUrl = (text: string): Parsed<DatabaseAddress> =>
  Either.gen(function* () {
    const plain = text.replace(/^(mysql|mariadb)(\+\w+)?:/i, "mysql:")
    // What follows a "#" is no part of an address: most likely it is a password that has one.
    if (text.includes("#")) return yield* Either.left(`${EXPECTED}, with %23 for a #, as in a password`)
    if (!URL.canParse(plain)) return yield* Either.left(EXPECTED)
    const url = new URL(plain)
    if (url.protocol !== "mysql:" || url.hostname === "" || url.port === "0") return yield* Either.left(EXPECTED)
    if (url.username === "") return yield* Either.left(`${EXPECTED}; the user is missing`)
    const name = url.pathname.slice(1)
    if (name === "") return yield* Either.left(`${EXPECTED}; the database's name is missing`)
    if (name.includes("/")) return yield* Either.left(`${EXPECTED}, with %XX for special characters`)
    return {
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? 3306 : Number(url.port),
      database: yield* decode(name),
      username: yield* decode(url.username),
      password: Redacted.make(yield* decode(url.password)),
      ...(yield* tlsOf(url.searchParams))
    }
  })
