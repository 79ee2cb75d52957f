import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { LRUCache } from "lru-cache"
import type { RateLimit } from "../../Domain/CurrentRequest.js"
import { TooManyRequests } from "../../Domain/Errors.js"
import { MAX_ATTEMPTS, MAX_FAILED } from "../../Domain/LoginLimits.js"

const WINDOW_MILLIS = 60_000

/** So many addresses are remembered, so that an attacker with many of them does not fill the memory. */
const MAX_ADDRESSES = 50_000

interface Count {
  readonly since: number
  attempts: number
  failed: number
}

const secondsLeft = ({ since }: Count, now: number): number =>
  Math.max(1, Math.ceil((since + WINDOW_MILLIS - now) / 1000))

/** What is left to an address: of the limit that it would meet first. */
const leftOf = (count: Count, now: number): RateLimit => {
  const failures = MAX_FAILED - count.failed
  const attempts = MAX_ATTEMPTS - count.attempts
  return {
    ...(failures < attempts
      ? { limit: MAX_FAILED, remaining: Math.max(0, failures) }
      : { limit: MAX_ATTEMPTS, remaining: Math.max(0, attempts) }),
    reset: secondsLeft(count, now)
  }
}

/** An IPv6 customer has a /64 at least, and could otherwise come from a new address each time. */
const networkOf = (address: string): string => {
  if (!address.includes(":")) return address
  const [head = "", tail] = address.split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0")
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(":")
}

/** The database was away: that says nothing of the credentials. */
const isOutage = Predicate.isTagged("ServiceUnavailable")

/** Signed by Telegram, and too old: who has it needs to know that the Mini App has to be opened again. */
const isExpired = Predicate.isTagged("InitDataExpired")

/** Counts attempts to log in by address, in the memory of this process. */
export class LoginLimit extends Effect.Service<LoginLimit>()("app/Auth/LoginLimit", {
  sync: () => {
    const counts = new LRUCache<string, Count>({ max: MAX_ADDRESSES })

    const countOf = (address: string, now: number): Count => {
      const key = networkOf(address)
      const known = counts.get(key)
      // A clock that was set back must not make the minute longer.
      if (known !== undefined && now >= known.since && now < known.since + WINDOW_MILLIS) return known
      const count = { since: now, attempts: 0, failed: 0 }
      counts.set(key, count)
      return count
    }

    const refusal = (count: Count, now: number, limit: number) => {
      const seconds = secondsLeft(count, now)
      return new TooManyRequests({
        message: `Too many attempts to log in from this address; try again in ${seconds} s`,
        limit,
        retry_after: seconds
      })
    }

    /**
     * Refuses the attempt once its address had its share. Many may come from one address: so it is judged even where others
     * have failed, and whom Telegram has signed for is let in. Who guesses is told no more than that he is refused.
     */
    const attempt =
      (address: string) =>
      <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | TooManyRequests, R> =>
        Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<A, E | TooManyRequests, R> => {
          const count = countOf(address, now)
          if (count.attempts >= MAX_ATTEMPTS) return refusal(count, now, MAX_ATTEMPTS)
          // Before it is judged: many may come at once.
          count.attempts++
          return Effect.mapError(self, (error) => {
            const isRefused = count.failed >= MAX_FAILED
            // What is refused takes nobody's share.
            if (isOutage(error) || isRefused) count.attempts--
            else count.failed++
            return isRefused && !isOutage(error) && !isExpired(error) ? refusal(count, now, MAX_FAILED) : error
          })
        })

    const left = (address: string): Effect.Effect<RateLimit> =>
      Effect.map(Clock.currentTimeMillis, (now) => leftOf(countOf(address, now), now))

    return { attempt, left } as const
  }
}) {}
