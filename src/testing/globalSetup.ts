import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { TestProject } from "vitest/node"
import { startServer } from "../../tools/database/DatabaseServer.js"
import { launcherGone } from "../../tools/database/Launcher.js"
import { watchFile } from "./GeneralLog.js"

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
  const folder = await mkdtemp(join(tmpdir(), "bot-analytics-test-"))
  const statements = join(folder, "statements.log")
  const server = await Effect.runPromise(
    Scope.extend(
      startServer({
        kind,
        name: `test-${process.pid}`,
        keep: false,
        options: ["--general-log=ON", `--general-log-file=${statements}`]
      }),
      scope
    )
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
  return async () => {
    await Effect.runPromise(Effect.zipRight(Fiber.interrupt(watch), stop))
    const { harmful, read } = await watchFile(statements)
    await rm(folder, { recursive: true })
    if (harmful.length === 0)
      return void process.stdout.write(`${read} statements of ours on the bots' tables: none harmful\n`)
    process.exitCode = 1
    throw new Error(`Statements of ours that bots may suffer from:\n${harmful.join("\n")}`)
  }
}
