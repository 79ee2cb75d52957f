import * as fc from "effect/FastCheck"
import { Api } from "../Api.js"
import { routesOf } from "../Server/Routes.js"

const routes = routesOf(Api).all

/** Made-up requests that mean no good, for every part of a request, mixed with parts that are right. */

const nasty = [
  "",
  "0",
  "1",
  "2",
  "2147483648",
  "-1",
  "1.5",
  "1e9",
  "0x1F",
  "9007199254740993",
  "99999999999999999999999",
  "null",
  "undefined",
  "NaN",
  "true",
  "[]",
  "{}",
  "' OR '1'='1",
  "1; DROP TABLE users; --",
  "1 UNION SELECT secret FROM bot_analytics_admins",
  "\\' OR 1=1 #",
  "%27%20OR%201=1",
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "$\u007bjndi:ldap://x/y}",
  "{{7*7}}",
  "<script>alert(1)</script>",
  "%00",
  "%0d%0aSet-Cookie:x=1",
  "%zz",
  "%",
  "%E0%A4%A",
  "%F0%9F%A6%8A",
  "%ED%A0%80",
  "a".repeat(3000),
  "__proto__",
  "constructor",
  "toString",
  "2026-01-01",
  "2026-02-30",
  "0000-00-00",
  "9999-12-31",
  "-000001-01-01",
  "2026-01-01T00:00:00Z",
  "UTC",
  "Europe/Moscow",
  "Etc/GMT+14",
  "RUB",
  "Active",
  "\u00e9\u00ff"
]

const names = [
  "bot_id",
  "start_date",
  "end_date",
  "tz",
  "page",
  "limit",
  "status",
  "currency",
  "__proto__",
  "bot_id[]",
  "%62ot_id",
  ""
]

const bytes = (min: number, maxLength: number) =>
  fc.array(fc.integer({ min, max: 255 }), { maxLength }).map((codes) => String.fromCharCode(...codes))

/** Text of one byte a character, as it may stand in a head without ending it. */
const text = (maxLength: number) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...nasty) },
    { weight: 3, arbitrary: bytes(32, maxLength) },
    { weight: 1, arbitrary: bytes(1, maxLength) }
  )
const inTarget = (value: string) => value.replace(/[\s#]/g, (c) => encodeURIComponent(c))
const inHeader = (value: string) => value.replace(/[\r\n]/g, " ")

const pathOf = fc
  .tuple(
    fc.constantFrom(
      ...routes.map(({ template }) => template),
      "/",
      "/api",
      "//api/bots",
      "/.git/config",
      "/api/bots/1"
    ),
    text(20),
    fc.oneof(
      { weight: 9, arbitrary: fc.constant("") },
      { weight: 1, arbitrary: fc.constantFrom("/", "/..", "%2f", ";x", "%00") }
    )
  )
  .map(([template, id, tail]) => template.replace("{bot_id}", inTarget(id === "" ? "1" : id)) + tail)

const queryOf = fc
  .array(fc.tuple(fc.constantFrom(...names), text(30)), { maxLength: 6 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${inTarget(value)}`).join("&"))

/** What all routes about the bot 1 take. */
const validRange = "bot_id=1&start_date=2026-01-01&end_date=2026-01-31"

const credentialsOf = fc.oneof(
  fc.constantFrom("owner", "token", "owner", "token", "nobody"),
  fc
    .tuple(
      fc.constantFrom(
        "Authorization: ",
        "Authorization: Bearer ",
        "Authorization: tma ",
        "X-Telegram-Init-Data: ",
        "Authorization: Basic "
      ),
      fc.oneof(
        text(60),
        fc.constantFrom(
          "a.b.c",
          "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
          "hash=&user={}",
          "auth_date=1&hash=0&user=%7B%7D"
        )
      )
    )
    .map(([name, value]) => `${name}${inHeader(value)}`)
)

const headerOf = fc
  .tuple(
    fc.constantFrom(
      "Origin",
      "Cookie",
      "Accept",
      "X-Forwarded-For",
      "X-Request-Id",
      "Range",
      "If-None-Match",
      "Content-Encoding",
      "Accept-Encoding",
      "TE",
      "Upgrade",
      "Expect",
      "Forwarded",
      "X-Http-Method-Override",
      "Access-Control-Request-Method"
    ),
    fc.oneof(text(40), fc.constantFrom("gzip", "br", "*", "*;q=0", "identity;q=0, *;q=x", 'W/"x", *'))
  )
  .map(([name, value]) => `${name}: ${inHeader(value)}`)

const jsonBody = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.oneof(text(200), fc.json({ maxDepth: 2 })).map((init_data) => JSON.stringify({ init_data })),
  fc.constantFrom(
    "",
    "{",
    '{"init_data":',
    "[".repeat(5000),
    `{"init_data":"${"x".repeat(5000)}"}`,
    `{"a":"${"b".repeat(70_000)}"}`
  ),
  text(100)
)
const bodyOf = fc.option(
  fc.tuple(
    jsonBody,
    fc.constantFrom(
      "application/json",
      "application/json",
      "application/json",
      "text/plain",
      "multipart/form-data",
      "",
      "application/json; charset=x",
      "\u00ff"
    )
  )
)

export const attack = fc.record({
  method: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("GET", "POST") },
    {
      weight: 1,
      arbitrary: fc.constantFrom("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "G\u00c9T")
    }
  ),
  path: pathOf,
  query: fc.oneof(
    queryOf,
    queryOf.map((more) => `${validRange}&${more}`),
    fc.constantFrom(validRange, validRange.replace("bot_id=1", "bot_id=2"))
  ),
  credentials: credentialsOf,
  headers: fc.array(headerOf, { maxLength: 4 }),
  body: bodyOf
})
export type Attack = typeof attack extends fc.Arbitrary<infer A> ? A : never

/** The request as it goes over the wire. `known` are headers for the credentials that have a name. */
export const bytesOf = (
  { body, credentials, headers, method, path, query }: Attack,
  known: Readonly<Record<string, string>>
): string => {
  const [payload, type] = body ?? ["", ""]
  const latin1 = Buffer.from(payload).toString("latin1")
  return [
    `${method} ${path}${query === "" ? "" : `?${query}`} HTTP/1.1`,
    "Host: 127.0.0.1",
    known[credentials] ?? credentials,
    ...headers,
    ...(body === null ? [] : [`Content-Type: ${type}`, `Content-Length: ${latin1.length}`]),
    "",
    latin1
  ].join("\r\n")
}
