import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { databaseUrl } from "./DatabaseUrl.js"

describe("DATABASE_URL", () => {
  it.each<readonly [url: string, expected: object, password: string]>([
    ["mysql://u:p@h:3307/n", { host: "h", port: 3307, database: "n", username: "u", tls: "off" }, "p"],
    ["mysql+pymysql://u:p@h/n", { host: "h", port: 3306 }, "p"],
    ["mysql+aiomysql://u:p@h/n", { host: "h" }, "p"],
    ["mariadb://u:p@h/n", { host: "h" }, "p"],
    ["MySQL://u:p@h/n", { host: "h" }, "p"],
    ["mysql://u@h/n", { username: "u" }, ""],
    ["mysql://u%40x:%3A%2F%3F%23%25@h/n%2D1", { username: "u@x", database: "n-1" }, ":/?#%"],
    ["mysql://u:p@ss:word@h/n", { host: "h", username: "u" }, "p@ss:word"],
    ["mysql://u:p@[::1]:3306/n", { host: "::1" }, "p"],
    ["mysql://u:p@h/n?ssl-mode=REQUIRED&charset=utf8mb4", { tls: "encrypt", database: "n" }, "p"],
    ["mysql://u:p@h/n?ssl-mode=VERIFY_CA", { tls: "verify_ca" }, "p"],
    ["mysql://u:p@h/n?charset=utf8mb4&pool_recycle=3600&connectTimeout=5", { tls: "off" }, "p"],
    ["mysql://u:p@h/n?ssl_mode=verify_identity", { tls: "verify_identity" }, "p"]
  ])("reads %s", (text, expected, password) => {
    const database = Either.getOrThrow(databaseUrl(text))
    assert.deepInclude(database, expected)
    assert.strictEqual(Redacted.value(database.password), password)
    assert.notInclude(JSON.stringify(database), password === "p" || password === "" ? "\n" : password)
  })

  it.each([
    "mysql://",
    "mysql://host/db",
    "mysql://:hunter2@host/db",
    "mysql://user:hunter2@host",
    "mysql://user:hunter2@host/",
    "mysql://user:hunter2@host/db/more",
    "mysql://user:hunter2@/db",
    "mysql://user:hunter2%zz@host/db",
    "mysql://user:hunter2@host:0/db",
    "mysql://user:hunter2@host:65536/db",
    "mysql://user:hunter2@host:x/db",
    "mysql://user:hunter2/x@host/db",
    "mysql://user:hunter2#x@host/db",
    "postgres://user:hunter2@host/db",
    "user:hunter2@host/db",
    "hunter2",
    "mysql://user:hunter2@host/db?ssl-mode=PREFERRED",
    "mysql://user:hunter2@host/db?ssl-mode=constructor",
    "mysql://user:hunter2@host/db?ssl_ca=/not/there.pem",
    "mysql://user:hunter2@host/db?ssl-ca=package.json",
    "mysql://user:hunter2@host/db?ssl-ca=",
    "mysql://user:hunter2@host/db?unix_socket=/run/mysqld.sock",
    "mysql://user:hunter2@host/db?ssl-mode=REQUIRED&ssl_mode=DISABLED"
  ])("refuses %s", (text) => {
    const reason = Either.getOrThrow(Either.flip(databaseUrl(text)))
    assert.match(reason, /^must /)
    assert.notInclude(reason, "hunter2")
  })

  it.each(["mysql://root:hunter2#ss@h/n", "mysql://root:p@h/n#hunter2", "mysql+pymysql://root:#hunter2@h:3306/n"])(
    "says what to write for the # of %s",
    (url) => {
      assert.strictEqual(
        Either.getOrThrow(Either.flip(databaseUrl(url))),
        "must look like mysql://user:password@host:3306/name, with %23 for a #, as in a password"
      )
    }
  )

  it("names a parameter that is not known", () => {
    assert.strictEqual(
      Either.getOrThrow(Either.flip(databaseUrl("mysql://u:p@h/n?foo=1"))),
      "must not have foo, which is not known here: take it out"
    )
  })

  it.each([
    "useSSL",
    "requireSSL",
    "sslMode",
    "sslaccept",
    "ssl",
    "tls",
    "encrypt",
    "trustServerCertificate",
    "sslcert",
    "ca"
  ])("names %s, another driver's word for TLS, and what to write in its place", (name) => {
    const reason = Either.getOrThrow(Either.flip(databaseUrl(`mysql://u:hunter2@h/n?${name}=true&charset=utf8mb4`)))
    assert.match(reason, new RegExp(`^must not have ${name}, .*ssl-mode=REQUIRED .*ssl-mode=VERIFY_IDENTITY`))
    assert.notInclude(reason, "hunter2")
  })
})
