import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { TestProject } from "vitest/node"
import { startServer } from "../../tools/database/DatabaseServer.js"
import { launcherGone } from "../../tools/database/Launcher.js"

declare module "vitest" {
  interface ProvidedContext {
    /** A database on the server that the tests run on: mysql://user:password@host:port/name. */
    readonly databaseUrl: string
  }
}

/**
 * One real server for the whole run: the one of `DATABASE_URL`, else a private one that is thrown away afterwards, of the
 * kind that `TEST_DATABASE` names (`mysql`, or `mariadb`).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DATABASE_URL
  if (given) {
    project.provide("databaseUrl", given)
    return async () => {}
  }
  const kind = process.env.TEST_DATABASE === "mariadb" ? "mariadb" : "mysql"
  const scope = Effect.runSync(Scope.make())
  const server = await Effect.runPromise(
    Scope.extend(startServer({ kind, name: `test-${process.pid}`, keep: false }), scope)
  )
  project.provide("databaseUrl", await Effect.runPromise(server.createDatabase("bot_analytics_test")))
  const stop = Scope.close(scope, Exit.void)
  // npm passes no signal on when it is killed: nobody waits for the tests any more, and vitest would run on to their end.
  const watch = Effect.runFork(
    launcherGone("vitest").pipe(
      Effect.catchAll(({ message }) =>
        Effect.zipRight(
          stop,
          Effect.sync(() => {
            process.stderr.write(`${message}\n`)
            process.exit(1)
          })
        )
      )
    )
  )
  return () => Effect.runPromise(Effect.zipRight(Fiber.interrupt(watch), stop))
}
