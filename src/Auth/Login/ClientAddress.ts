import { BlockList, isIP } from "node:net"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { LRUCache } from "lru-cache"
import { AppConfig } from "../../Config.js"

/** So many addresses are remembered, with whether they are a proxy's. */
const MAX_REMEMBERED = 1_000

/** So many proxies at most are said to have no name. */
const MAX_TOLD = 3

type ClientRequest = Pick<HttpServerRequest.HttpServerRequest, "headers" | "remoteAddress">

const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4")

/** One spelling for one address: no zone, no IPv4 in the clothes of IPv6, and no port, which some proxies write. */
const plain = (text: string): string => {
  const address = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, "$1")
    .replace(/^([\d.]+):\d+$/, "$1")
  return address.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "")
}

/** Who is at the other end of the connection. */
const peerOf = ({ remoteAddress }: ClientRequest): string => plain(Option.getOrElse(remoteAddress, () => ""))

/** Addresses and networks (`10.0.0.1`, `10.0.0.0/8`). */
const blockListOf = (entries: ReadonlyArray<string>): BlockList => {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/")
    if (prefix === undefined) list.addAddress(address, family(address))
    else list.addSubnet(address, Number(prefix), family(address))
  }
  return list
}

/**
 * Who a request comes from. `X-Forwarded-For` is believed only from addresses in `TRUSTED_PROXIES`: read from the right,
 * the first address that is no proxy of ours is the client.
 */
export class ClientAddress extends Effect.Service<ClientAddress>()("app/Auth/ClientAddress", {
  effect: Effect.gen(function* () {
    const { trustedProxies } = yield* AppConfig
    const trusted = blockListOf(trustedProxies)
    // The proxies are few, and the list takes its time to look an address up.
    const known = new LRUCache<string, boolean>({ max: MAX_REMEMBERED })
    const isTrusted = (address: string): boolean => {
      const before = known.get(address)
      if (before !== undefined) return before
      const verdict = isIP(address) !== 0 && trusted.check(address, family(address))
      known.set(address, verdict)
      return verdict
    }

    const of = (request: ClientRequest): string => {
      let client = peerOf(request)
      const forwarded = request.headers["x-forwarded-for"]
      if (forwarded === undefined || trustedProxies.length === 0) return client
      const hops = forwarded.split(",").map(plain)
      for (let hop = hops.pop(); hop !== undefined && isTrusted(client); hop = hops.pop()) {
        // Not an address: whoever wrote it, we know of nobody nearer to the client than the proxy before.
        if (isIP(hop) === 0) break
        client = hop
      }
      return client
    }

    const told = new Set<string>()

    /** Says once of a proxy that TRUSTED_PROXIES does not name it. Anybody may send the header: a few lines, and no more. */
    const warnOfUnnamed = (request: ClientRequest): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (request.headers["x-forwarded-for"] === undefined || told.size >= MAX_TOLD) return Effect.void
        const peer = peerOf(request)
        if (told.has(peer) || isTrusted(peer)) return Effect.void
        told.add(peer)
        return Effect.logWarning(
          `X-Forwarded-For came from ${peer}, which TRUSTED_PROXIES does not name: it is not believed, and all who come that way share one address's limits on logins. If that is your proxy: TRUSTED_PROXIES=${[...trustedProxies, peer].join(",")}`
        )
      })

    return { of, warnOfUnnamed } as const
  })
}) {}
