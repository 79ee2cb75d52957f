import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { rootCertificates } from "node:tls"
import { SqlError } from "@effect/sql/SqlError"
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { startServer } from "../../tools/database/DatabaseServer.js"
import { databaseUrl } from "../Config/DatabaseUrl.js"
import { makeClient } from "../testing/Database.js"
import { reasonOf } from "./Failure.js"

/**
 * A server whose certificate is of an authority of its own. MySQL makes both in its data folder; what is tried is our end of
 * the connection, which is the same for MariaDB.
 */
class Server extends Context.Tag("test/TlsServer")<Server, { readonly url: string; readonly ca: string }>() {}

const ServerLive = Layer.scoped(
  Server,
  Effect.gen(function* () {
    const server = yield* startServer({ kind: "mysql", name: `tls-${process.pid}`, keep: false, options: [] })
    const url = yield* server.createDatabase("bots")
    return { url, ca: join(server.dataFolder, "ca.pem") }
  })
).pipe(Layer.orDie)

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "bot-analytics-tls-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true }))
)

/** The cipher of a connection by this URL; empty where it is in clear. */
const cipher = (url: string) =>
  Effect.gen(function* () {
    const { sql } = yield* makeClient(yield* databaseUrl(url))
    const [row] = yield* sql<{ readonly Value: string }>`SHOW SESSION STATUS LIKE 'Ssl_cipher'`.unprepared
    return row?.Value
  })

const refusal = (url: string) =>
  Effect.map(Effect.flip(cipher(url)), (error) => (error instanceof SqlError ? reasonOf(error) : String(error)))

layer(ServerLive, { excludeTestServices: true, timeout: "90 seconds" })("TLS", (it) => {
  it.scoped("is off by default, and encrypts without a check where that is asked for", () =>
    Effect.gen(function* () {
      const { url } = yield* Server
      assert.strictEqual(yield* cipher(url), "")
      assert.isNotEmpty(yield* cipher(`${url}?ssl-mode=REQUIRED`))
    })
  )

  it.scoped("with an authority of one's own checks the certificate", () =>
    Effect.gen(function* () {
      const { ca, url } = yield* Server
      for (const parameters of [
        `ssl-ca=${encodeURIComponent(ca)}`,
        `ssl_ca=${ca}`,
        `ssl-mode=VERIFY_CA&ssl-ca=${ca}`,
        `ssl-mode=REQUIRED&ssl-ca=${ca}`
      ]) {
        assert.isNotEmpty(yield* cipher(`${url}?${parameters}`), parameters)
      }
    })
  )

  it.scoped("refuses a certificate of an unknown authority, and names what to set", () =>
    Effect.gen(function* () {
      const { url } = yield* Server
      const other = join(yield* folder, "other.pem")
      writeFileSync(other, rootCertificates[0] ?? "")
      for (const parameters of ["ssl-mode=VERIFY_CA", "ssl-mode=VERIFY_IDENTITY", `ssl-ca=${other}`]) {
        assert.match(
          yield* refusal(`${url}?${parameters}`),
          /: name the server's authority: ssl-ca=\/path in DATABASE_URL, or the variable NODE_EXTRA_CA_CERTS$/,
          parameters
        )
      }
    })
  )

  it.scoped("refuses a certificate of another host where that is to be checked", () =>
    Effect.gen(function* () {
      const { ca, url } = yield* Server
      assert.match(
        yield* refusal(`${url}?ssl-mode=VERIFY_IDENTITY&ssl-ca=${ca}`),
        /: ssl-mode=VERIFY_CA in DATABASE_URL checks the authority alone$/
      )
    })
  )

  it.scoped("takes the authority of NODE_EXTRA_CA_CERTS", () =>
    Effect.gen(function* () {
      const { ca, url } = yield* Server
      const print = (variables: Readonly<Record<string, string>>) =>
        spawnSync(process.execPath, ["--import", "tsx", "src/migrate.ts", "--print"], {
          env: { ...process.env, DATABASE_URL: `${url}?ssl-mode=VERIFY_CA`, ...variables },
          encoding: "utf8"
        })
      const known = print({ NODE_EXTRA_CA_CERTS: ca })
      assert.strictEqual(known.status, 0, known.stderr)
      assert.include(known.stdout, "CREATE TABLE IF NOT EXISTS bot_analytics_admins")
      const unknown = print({})
      assert.strictEqual(unknown.status, 1)
      assert.match(unknown.stderr, /self-signed certificate.*NODE_EXTRA_CA_CERTS\n$/)
    })
  )
})
