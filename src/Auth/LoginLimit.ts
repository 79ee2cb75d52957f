import { Clock, Effect } from "effect"
import { TooManyRequests } from "../Domain/Errors.js"

/** Attempts to log in from one address in a minute: all of them, and those that failed. */
export const MAX_ATTEMPTS = 60
export const MAX_FAILED = 10
const WINDOW_MILLIS = 60_000

/** So many addresses are remembered; past that, the one that was quiet longest is forgotten. */
const MAX_ADDRESSES = 50_000

interface Count {
  readonly since: number
  attempts: number
  failed: number
}

/** An IPv6 customer has a /64 at least, and could otherwise come from a new address each time. */
const networkOf = (address: string): string => {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "")
  if (!plain.includes(":")) return plain
  const [head = "", tail] = plain.split("%")[0]?.split("::") ?? []
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0")
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(":")
}

/** Counts attempts to log in by address, in the memory of this process. */
export class LoginLimit extends Effect.Service<LoginLimit>()("app/Auth/LoginLimit", {
  sync: () => {
    // A Map keeps the order in which keys were set: re-set at each use, its first key is the longest unused.
    const counts = new Map<string, Count>()

    const countOf = (address: string, now: number): Count => {
      const key = networkOf(address)
      const known = counts.get(key)
      counts.delete(key)
      const count =
        known !== undefined && now - known.since < WINDOW_MILLIS ? known : { since: now, attempts: 0, failed: 0 }
      counts.set(key, count)
      for (const oldest of counts.keys()) {
        if (counts.size <= MAX_ADDRESSES) break
        counts.delete(oldest)
      }
      return count
    }

    /** Lets the attempt run, unless its address had its share; one that fails counts as failed. */
    const attempt =
      (address: string) =>
      <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | TooManyRequests, R> =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const count = countOf(address, now)
          if (count.attempts >= MAX_ATTEMPTS || count.failed >= MAX_FAILED) {
            const seconds = Math.max(1, Math.ceil((count.since + WINDOW_MILLIS - now) / 1000))
            return yield* new TooManyRequests({
              message: `Too many attempts to log in from this address; try again in ${seconds} s`,
              retry_after: seconds
            })
          }
          count.attempts++
          return yield* Effect.tapError(self, () => Effect.sync(() => count.failed++))
        })

    return { attempt } as const
  }
}) {}
