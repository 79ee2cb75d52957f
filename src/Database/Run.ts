import type { SqlError } from "@effect/sql/SqlError"
import type { Statement } from "@effect/sql/Statement"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { OwnConnection } from "./OwnConnection.js"
import { Pool } from "./Pool.js"

/**
 * Runs a statement: on the connection that the effect has to itself, inside a transaction or a snapshot, and else on
 * whichever connection of the pool is free.
 *
 * A statement of @effect/sql runs itself too, and makes a span each time. Where nobody asked for spans (src/Telemetry.ts)
 * that is as much work as the driver's own, so requests run their statements by this.
 */
export class Run extends Context.Tag("app/Database/Run")<
  Run,
  <A extends object>(statement: Statement<A>) => Effect.Effect<ReadonlyArray<A>, SqlError>
>() {}

export const layer = Layer.effect(
  Run,
  Effect.map(
    Pool,
    ({ shared }): typeof Run.Service =>
      <A extends object>(statement: Statement<A>) =>
        Effect.withFiberRuntime<ReadonlyArray<A>, SqlError>((fiber) => {
          if (fiber.getFiberRef(FiberRef.currentTracerEnabled)) return statement
          const own = Context.getOption(fiber.currentContext, OwnConnection)
          return Option.getOrElse(own, () => shared).execute(...statement.compile(), undefined)
        })
  )
)
