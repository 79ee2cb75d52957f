import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { DatabaseAddress } from "../../Config.js"
import { LEASES } from "../../Database/Lease.js"
import { connectionOptions } from "../../Database/Session.js"
import * as Follower from "../../Follower/Follower.js"
import type { Anchor } from "../../Follower/Place.js"
import * as Server from "../../Follower/Server.js"
import { keptRows } from "../Store/Kept.js"

/** The log as it is followed for facts, and for how long what was found out of its server holds. */
export interface Followed {
  readonly follower: typeof Follower.Follower.Service
  /** The expression that tells which server answers, in a statement. */
  readonly serverExpression: string
  /** The server that is followed now has been looked at, and its log tells all. */
  readonly vouch: (session: number) => void
  /** The session that has not been looked at yet. */
  readonly unvouched: Effect.Effect<number | undefined>
  /** Why facts are of no use at this moment, whatever they have taken in. */
  readonly hindrance: Effect.Effect<string | undefined>
  /** Why facts that have taken in the log up to there are not to be used: none where they are good. */
  readonly distrust: (anchor: Anchor) => Effect.Effect<Option.Option<string>>
}

/** How the log is reached: the account may have no right to the bots' database. */
export const logConnection = (log: DatabaseAddress) => {
  const { database: _, ...options } = connectionOptions(log, Duration.seconds(5))
  return options
}

/** Follows the log from the oldest kept facts on, for the length of the scope. */
export const follow = (log: DatabaseAddress, database: string) =>
  Effect.gen(function* () {
    const { anchors } = yield* keptRows
    const found = yield* Server.variables(["server_uuid", "server_uid"])
    const name = found.has("server_uuid") ? "server_uuid" : found.has("server_uid") ? "server_uid" : undefined
    const follower = yield* Follower.make({
      connection: logConnection(log),
      database,
      own: { table: LEASES, botColumn: "name", tokenColumn: "token" },
      kept: anchors
    })
    let vouched: number | undefined

    const hindrance = Effect.map(follower.state, (state) => {
      if (state._tag === "Lost") return `the log is not followed: ${state.reason}`
      if (state._tag === "CatchingUp") return "the log is being caught up with"
      return state.session === vouched ? undefined : "the server is being looked at"
    })

    return {
      follower,
      serverExpression: name === undefined ? "'unknown'" : `@@${name}`,
      vouch: (session) => {
        vouched = session
      },
      unvouched: Effect.map(follower.state, (state) =>
        state._tag === "Following" && state.session !== vouched ? state.session : undefined
      ),
      hindrance,
      distrust: (anchor) =>
        Effect.map(hindrance, (why) => (why === undefined ? follower.distrust(anchor) : Option.some(why)))
    } satisfies Followed
  })
