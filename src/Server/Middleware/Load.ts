import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Counter, Gauge } from "prom-client"
import { AppConfig } from "../../Config.js"
import * as Permits from "../../Database/Permits.js"
import { Pool } from "../../Database/Pool.js"
import { ServiceUnavailable } from "../../Domain/Errors.js"
import { Metrics } from "../../Telemetry/Metrics.js"
import { isProbe } from "../Routes.js"
import { type Middleware, withRequest } from "./Middleware.js"

/**
 * Nearly every request is statements and little else, one at a time: half as many may be in progress as statements may wait
 * for the database. So there is always room in that line for what probes ask of it, and the service itself.
 */
const REQUESTS_PER_CONNECTION = Permits.WAITING_PER_CONNECTION / 2

/** Requests that wait for their permit hold little, but not nothing: so many do at most, as many as clients may be connected. */
const MAX_WAITING = 2_000

/** Of the time in which the database must answer, what may be spent in the line: the rest is for the statements. */
const SHARE_FOR_WAITING = 1 / 2

/** In a line that does not end, each waits so long: enough for its permit where it is nearly free. */
const STANDING_MILLIS = 100

const overloaded = new ServiceUnavailable({
  message: "The service is overloaded: too many requests are in progress. Try again in a few seconds."
})

/**
 * The permits of requests in progress, and the line of those that wait for one. Probes need none. `whenFree` lets a request go
 * on while there is room in the line, `withPermit` takes a permit for it.
 *
 * A dashboard that opens asks much at once, and so do many of them in the same second: that is no overload where the
 * database is done with it in time. So the line is bounded by time: it may stand as long as a request may wait. A line that
 * has not come to its end by then is more work than the database can do. From then on whoever comes is refused nearly at
 * once, until there is no line any more: slow for some is better than slow for all. (The same idea: "Controlled Delay",
 * RFC 8289, and "Fail at Scale", queue.acm.org/detail.cfm?id=2839461.)
 */
export const load = Effect.gen(function* () {
  const pool = yield* Pool
  const { registry } = yield* Metrics
  const { queryTimeout } = yield* AppConfig
  const limit = pool.figures().size * REQUESTS_PER_CONNECTION
  const permits = Permits.make(limit, MAX_WAITING)
  const mayStand = Duration.toMillis(queryTimeout) * SHARE_FOR_WAITING
  let standsSince: number | undefined
  let refused = 0

  new Gauge({
    name: "http_requests_in_progress",
    help: "Requests in progress, without probes, the bound past which more wait in line, and those that do",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      const { inUse, waiting } = permits.figures()
      this.set({ state: "in_progress" }, inUse)
      this.set({ state: "limit" }, limit)
      this.set({ state: "waiting" }, waiting)
    }
  })
  new Counter({
    name: "http_requests_refused_total",
    help: "Requests answered 503 because too many were in progress for too long",
    registers: [registry],
    collect() {
      this.reset()
      this.inc(refused)
    }
  })

  const refuse = Effect.suspend(() => {
    refused++
    return overloaded
  })

  /** Milliseconds for whoever comes into the line now. */
  const patience = (): number => {
    const now = performance.now()
    standsSince ??= now
    return Math.max(standsSince + mayStand - now, STANDING_MILLIS)
  }

  const turn = Effect.async<void, ServiceUnavailable>((resume) => {
    let isMine = false
    const millis = patience()
    const leave = permits.wait(() => {
      clearTimeout(timer)
      isMine = true
      resume(Effect.void)
    })
    if (leave === undefined) return resume(refuse)
    const timer = setTimeout(() => {
      leave()
      resume(refuse)
    }, millis)
    // The interruption may come between the turn and the fiber that waited for it.
    return Effect.sync(() => {
      clearTimeout(timer)
      if (isMine) permits.release()
      else leave()
    })
  })

  const release = Effect.sync(permits.release)

  const whenFree: Middleware = (app) =>
    withRequest((_, { route }) => (isProbe(route) || permits.figures().waiting < MAX_WAITING ? app : refuse))

  const withPermit: Middleware = (app) => {
    const released = Effect.ensuring(app, release)
    const afterTurn = Effect.zipRight(Effect.interruptible(turn), released)
    return withRequest((_, { route }) => {
      if (isProbe(route)) return app
      if (!permits.tryTake()) return afterTurn
      // There was one for who has just come: the line has ended. That all in it were refused would not say so.
      standsSince = undefined
      return released
    })
  }

  return { whenFree, withPermit } as const
})
