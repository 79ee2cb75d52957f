import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { afterAll, afterEach } from "vitest"
import { failuresLogged } from "./ServiceProcess.js"

/** What a file of faults starts ends with it, and what a test starts with the test, however they went. */
export interface Stage {
  readonly forAll: <A, E>(resource: Effect.Effect<A, E, Scope.Scope>) => Promise<A>
  readonly forTest: <A, E>(resource: Effect.Effect<A, E, Scope.Scope>) => Promise<A>
}

const open = () => Effect.runSync(Scope.make())
const close = (scope: Scope.CloseableScope) => Effect.runPromise(Scope.close(scope, Exit.void))

export const makeStage = (): Stage => {
  const all = open()
  let test = open()
  afterEach(async ({ task }) => {
    await close(test)
    test = open()
    if (task.result?.state !== "fail") return
    for (const line of failuresLogged()) process.stderr.write(`${JSON.stringify(line)}\n`)
  }, 30_000)
  afterAll(() => close(all), 30_000)
  return {
    forAll: (resource) => Effect.runPromise(Scope.extend(resource, all)),
    forTest: (resource) => Effect.runPromise(Scope.extend(resource, test))
  }
}
