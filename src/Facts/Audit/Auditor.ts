import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as BotTables from "../../Database/BotTables.js"
import { isDenied } from "../../Database/Failure.js"
import { lease } from "../../Database/Lease.js"
import type { BotId } from "../../Domain/Ids.js"
import { orUnworkable } from "../Keep/Setbacks.js"
import type { Followed } from "../Setup/Followed.js"
import { FactsState } from "../State.js"
import { type Audit, auditRows, KINDS, type Kind, NEVER } from "../Store/Audits.js"
import { keptRows } from "../Store/Kept.js"
import { onOwnConnection } from "../Store/Session.js"
import { type Compared, comparisons, explain, isDifferent, WAITING_AT_MOST } from "./Comparison.js"

/** How much time an audit takes. */
export class AuditPace extends Context.Reference<AuditPace>()("app/Facts/AuditPace", {
  defaultValue: () => ({
    /** A bot is looked at no more often than that. */
    every: Duration.minutes(1),
    /** So long the users of one turn should take. */
    slice: Duration.millis(200),
    /** After each turn it rests so many times as long as that took, some 3 % of the time are left to it; and so long at least. */
    rests: 30,
    rest: Duration.seconds(1)
  })
}) {}

/** Who audits. Two at once cost work, and no truth. */
const AUDIT_LEASE = "audit"

const USERS_AT_FIRST = 100
const USERS_AT_LEAST = 10
const USERS_AT_MOST = 5000

/** A bot, and when each half of its audit goes on. */
interface Course {
  audit: Audit
  readonly due: Record<Kind, number>
}

export interface AuditorOptions {
  readonly followed: Followed
  /** Waits until there is something to audit. */
  readonly ready: Effect.Effect<unknown>
}

/**
 * Finds what the log did not tell (`sql_log_bin=0`, a cascade that is not logged, a log that lost its end in a crash, a
 * fault of ours), bot by bot, at low cost: the sums of all rows show what is missing or too many, and every user worked out
 * anew, some at a time in the order of their ids, what was rewritten in place. Facts that differ are discarded at once:
 * answers come from the rows, and the keeper builds them anew. Each turn is on a connection of its own, so that nobody's
 * figures wait for it, and nobody goes without a connection while it rests.
 *
 * How long can such a change stay unseen? Let A be the seconds that the sums of all bots take, and B those of all users. The
 * two halves share the time, and a turn is followed by 30 times its length: so no longer than 60 s + 62 × A where rows
 * came or went, and 60 s + 62 × B where they were rewritten, with no less than 2 s for each turn.
 */
export const auditor = ({ followed, ready }: AuditorOptions) =>
  Effect.gen(function* () {
    const { audits, wake } = yield* FactsState
    const pace = yield* AuditPace
    const kept = yield* keptRows
    const saved = yield* auditRows
    const compare = yield* comparisons
    const { take } = yield* lease(AUDIT_LEASE)
    const every = Duration.toMillis(pace.every)

    /** As they are now: a definition that changes later is a doubt. */
    const tables = Effect.zipRight(ready, BotTables.read)

    const courses = new Map<BotId, Course>()
    let readAt = Number.NEGATIVE_INFINITY
    let atOnce = USERS_AT_FIRST
    const restAfter = (took: number) => Math.max(Duration.toMillis(pace.rest), took * pace.rests)
    /** How long it rested for each half: the one that has cost less is next. */
    const spent: Record<Kind, number> = { totals: 0, users: 0 }

    const publish = Effect.sync(() => {
      const all = [...courses.values()].map(({ audit }) => audit)
      const times = all.flatMap(({ auditedAt }) => (auditedAt === null ? [] : [auditedAt]))
      audits.never = all.length - times.length
      audits.oldestAt = times.length === 0 ? undefined : Math.min(...times)
      for (const kind of KINDS) audits.found[kind] = all.reduce((sum, { found }) => sum + found[kind], 0)
    })

    /** Which bots there are, and what others have done. */
    const read = (now: number) =>
      Effect.gen(function* () {
        const [rows, known] = yield* Effect.all([kept.all, saved.all])
        const before = new Map(courses)
        courses.clear()
        for (const { botId } of rows) {
          const audit = known.get(botId) ?? NEVER
          const due = before.get(botId)?.due ?? { totals: now, users: now }
          // Its facts may have been audited before this start, or by another process.
          if (audit.passedTo === null) due.users = Math.max(due.users, (audit.auditedAt ?? 0) + every)
          courses.set(botId, { audit, due })
        }
        readAt = now
        yield* publish
      })

    const first = (kind: Kind) =>
      [...courses].reduce<readonly [BotId, Course] | undefined>(
        (best, one) => (best === undefined || one[1].due[kind] < best[1].due[kind] ? one : best),
        undefined
      )

    const firstDue = (kind: Kind): number => first(kind)?.[1].due[kind] ?? Number.POSITIVE_INFINITY

    /** Whose turn it is, and for which half. */
    const next = (now: number) => {
      const [one, other]: readonly [Kind, Kind] =
        spent.totals <= spent.users ? ["totals", "users"] : ["users", "totals"]
      for (const kind of [one, other]) {
        const found = first(kind)
        if (found !== undefined && found[1].due[kind] <= now) return { botId: found[0], course: found[1], kind }
        // Who has nothing to do saves nothing up.
        if (kind === one) spent[one] = Math.max(spent[one], spent[other])
      }
      return undefined
    }

    const record = (botId: BotId, course: Course, changes: Partial<Audit>) => {
      course.audit = { ...course.audit, ...changes }
      return Effect.zipRight(saved.save(botId, course.audit), publish)
    }

    /** Answers come from the rows from now on. Who has written the facts meanwhile may have mended them: another time. */
    const tell = (botId: BotId, kind: Kind, course: Course, found: Compared) =>
      Effect.gen(function* () {
        yield* kept.discard(found.kept)
        yield* wake
        const what = explain(found)
        yield* Effect.logWarning(
          `Figures of bot ${botId} were not what its rows say, and the log showed no such change: ${what}. They come from the rows until they are built anew`
        )
        const counted = { ...course.audit.found, [kind]: course.audit.found[kind] + 1 }
        const last = { at: yield* Clock.currentTimeMillis, what }
        yield* record(botId, course, { passedTo: null, found: counted, last })
      }).pipe(Effect.catchTag("Fenced", () => Effect.void))

    const adapt = (took: number) => {
      const fitting = Math.round((atOnce * Duration.toMillis(pace.slice)) / Math.max(1, took))
      atOnce = Math.max(USERS_AT_LEAST, Math.min(fitting, 2 * atOnce, USERS_AT_MOST))
    }

    const auditTotals = (botId: BotId, course: Course) =>
      Effect.gen(function* () {
        const found = yield* compare.totals(botId, followed, yield* tables)
        if (found !== undefined && isDifferent(found)) yield* tell(botId, "totals", course, found)
      })

    const auditUsers = (botId: BotId, course: Course) =>
      Effect.gen(function* () {
        const began = yield* Clock.currentTimeMillis
        const found = yield* compare.users(botId, followed, yield* tables, course.audit.passedTo, atOnce)
        const now = yield* Clock.currentTimeMillis
        if (found === undefined) return
        if (isDifferent(found)) return yield* tell(botId, "users", course, found)
        const { passedTo } = found
        if (passedTo !== null) {
          course.due.users = now
          adapt(now - began)
        }
        yield* record(botId, course, passedTo === null ? { passedTo, auditedAt: now } : { passedTo })
      })

    const work = (began: number) =>
      Effect.gen(function* () {
        if (began - readAt >= every) yield* read(began)
        const { pendingUsers } = yield* followed.follower.figures
        const found = pendingUsers > WAITING_AT_MOST ? undefined : next(began)
        if (found === undefined) return
        const { botId, course, kind } = found
        // Before it is tried: what fails, or what another process does, is not tried again at once.
        course.due[kind] = began + every
        if (Option.isNone(yield* take)) return
        course.audit = yield* saved.one(botId)
        yield* Effect.ensuring(
          orUnworkable(botId, kind === "totals" ? auditTotals(botId, course) : auditUsers(botId, course)),
          Effect.map(Clock.currentTimeMillis, (now) => {
            spent[kind] += restAfter(now - began)
          })
        )
      }).pipe(
        // Without the log nothing can be said. Who may not write, and whose rows can't be worked out, is told by the keeper.
        Effect.catchAll((error) =>
          error._tag === "NotFollowing" || error._tag === "Unworkable" || isDenied(error)
            ? Effect.void
            : Effect.fail(error)
        )
      )

    const isDue = (now: number): boolean => now - readAt >= every || KINDS.some((kind) => firstDue(kind) <= now)

    /** Works for a moment, where it is time to, and rests. */
    return Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      if (isDue(began)) yield* onOwnConnection(work(began))
      yield* Effect.sleep(restAfter((yield* Clock.currentTimeMillis) - began))
    })
  })
