import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { ServiceUnavailable } from "../Domain/Errors.js"
import type { BotTables } from "./BotTables.js"

/** Whether the service may answer from the database yet. */
export type State =
  | { readonly _tag: "Waiting"; readonly reason: string }
  | { readonly _tag: "Ready"; readonly tables: BotTables }

/** Found out in the background, from the start on (src/Startup/Startup.ts). */
export class Readiness extends Context.Tag("app/Database/Readiness")<
  Readiness,
  {
    readonly state: Effect.Effect<State>
    /** The bots' tables as they are, or 503 while the service isn't ready. */
    readonly tables: Effect.Effect<BotTables, ServiceUnavailable>
  }
>() {}

const notReady = new ServiceUnavailable({
  message: "The service is not ready: it waits for the database. Try again soon."
})

/** The service, as this state has it at each moment. */
export const fromState = (state: Effect.Effect<State>): typeof Readiness.Service => ({
  state,
  tables: Effect.flatMap(state, (current) => (current._tag === "Ready" ? Effect.succeed(current.tables) : notReady))
})

/** Fails where the database does not answer at this moment. */
export const ping = Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.asVoid(sql`SELECT 1`))
