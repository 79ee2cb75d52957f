import * as Headers from "@effect/platform/Headers"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { AppConfig } from "../Config.js"
import { settingsFor } from "../testing/Service.js"
import { ClientAddress } from "./ClientAddress.js"

const nowhere = { host: "", port: 0, database: "", username: "", password: Redacted.make(""), tls: "off" } as const

const addressOf = (remote: string | undefined, forwarded: string | undefined, trustedProxies: ReadonlyArray<string>) =>
  Effect.map(ClientAddress, ({ of }) =>
    of({
      headers: Headers.fromInput({ "x-forwarded-for": forwarded }),
      remoteAddress: Option.fromNullable(remote)
    })
  ).pipe(
    Effect.provide(
      Layer.provide(ClientAddress.Default, Layer.succeed(AppConfig, settingsFor(nowhere, { trustedProxies })))
    ),
    Effect.runSync
  )

it.each<readonly [remote: string | undefined, forwarded: string | undefined, proxies: string, client: string]>([
  // Nobody is trusted: the header is the client's own claim.
  ["5.5.5.5", undefined, "", "5.5.5.5"],
  ["5.5.5.5", "1.1.1.1", "", "5.5.5.5"],
  ["127.0.0.1", "1.1.1.1", "", "127.0.0.1"],
  ["5.5.5.5", "1.1.1.1", "10.0.0.0/8", "5.5.5.5"],
  [undefined, "1.1.1.1", "10.0.0.0/8", ""],
  // Read from the right, up to the first that is no proxy.
  ["10.0.0.1", "1.1.1.1", "10.0.0.0/8", "1.1.1.1"],
  ["10.0.0.1", "1.1.1.1, 2.2.2.2", "10.0.0.0/8", "2.2.2.2"],
  ["10.0.0.1", "1.1.1.1,2.2.2.2,10.9.9.9,  10.0.0.2", "10.0.0.0/8", "2.2.2.2"],
  ["10.0.0.1", "1.1.1.1, 10.0.0.2", "10.0.0.1", "10.0.0.2"],
  ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.0/8", "10.0.0.3"],
  // What is no address ends the way.
  ["10.0.0.1", undefined, "10.0.0.0/8", "10.0.0.1"],
  ["10.0.0.1", "", "10.0.0.0/8", "10.0.0.1"],
  ["10.0.0.1", "1.1.1.1, unknown", "10.0.0.0/8", "10.0.0.1"],
  ["10.0.0.1", "1.1.1.1, unknown, 10.0.0.2", "10.0.0.0/8", "10.0.0.2"],
  ["10.0.0.1", "1.1.1.1,", "10.0.0.0/8", "10.0.0.1"],
  // However an address is written.
  ["::ffff:10.0.0.1", "::ffff:1.1.1.1", "10.0.0.0/8", "1.1.1.1"],
  ["::ffff:10.0.0.1", "1.1.1.1", "::ffff:10.0.0.1", "1.1.1.1"],
  ["::1", "2001:db8::5", "::1", "2001:db8::5"],
  ["fe80::1%eth0", "2001:db8::5", "fe80::/10", "2001:db8::5"],
  ["10.0.0.1", "1.1.1.1:4567", "10.0.0.0/8", "1.1.1.1"],
  ["10.0.0.1", "[2001:db8::5]:4567", "10.0.0.0/8", "2001:db8::5"]
])("%s, X-Forwarded-For %s, TRUSTED_PROXIES %s: %s", (remote, forwarded, proxies, client) => {
  assert.strictEqual(addressOf(remote, forwarded, proxies === "" ? [] : [proxies]), client)
})
