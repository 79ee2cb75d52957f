import { readFileSync } from "node:fs"
import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { DataFolderInUse } from "./Errors.js"
import { inHome, throwAwayFolder } from "./Paths.js"
import { alive, attempt, commandLine, signal } from "./Processes.js"

const numbersIn = (path: string): ReadonlyArray<number> =>
  (attempt(() => readFileSync(path, "utf8")) ?? "")
    .trim()
    .split(/\s+/)
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 1)

// A process id alone may long belong to somebody else's process: only one that names the home on its command line is ours.
const ours = (pid: number, home: string): boolean => {
  const line = commandLine(pid) ?? ""
  // The name of another home may begin with this one's.
  return line.includes(`${home}/`) || line.includes(`${home} `)
}

const waitUntilGone = (pid: number, home: string, seconds: number) =>
  Effect.sync(() => !ours(pid, home)).pipe(
    Effect.tap((gone) => (gone ? Effect.void : Effect.sleep("100 millis"))),
    Effect.repeat({ until: (gone) => gone }),
    Effect.timeoutTo({ duration: `${seconds} seconds`, onSuccess: () => true, onTimeout: () => false })
  )

const stopOrphan = (home: string) =>
  Effect.gen(function* () {
    for (const pid of numbersIn(inHome(home).serverPid)) {
      if (!ours(pid, home)) continue
      signal(pid, "SIGTERM")
      signal(pid, "SIGCONT")
      if (yield* waitUntilGone(pid, home, 10)) continue
      signal(pid, "SIGKILL")
      yield* waitUntilGone(pid, home, 10)
    }
  })

/** Makes a kept home free for a new server: stops one that a crash has left running, and refuses if its owner still lives. */
export const takeOver = (home: string): Effect.Effect<void, DataFolderInUse> =>
  Effect.gen(function* () {
    const { supervisorPid } = inHome(home)
    const [supervisor, parent] = numbersIn(supervisorPid)
    if (supervisor !== undefined && ours(supervisor, home)) {
      const inUse = new DataFolderInUse({
        message: `${home} is in use by process ${parent ?? supervisor}. Stop that process or choose another name.`
      })
      if (parent === undefined || alive(parent)) return yield* inUse
      // Its parent is gone, so it is on its way out.
      if (!(yield* waitUntilGone(supervisor, home, 15))) return yield* inUse
    }
    yield* stopOrphan(home)
    yield* Effect.promise(() => rm(supervisorPid, { force: true }))
  })

/** Removes throw-away folders whose supervisor was killed before it could. */
export const sweepThrowAways: Effect.Effect<void> = Effect.gen(function* () {
  const names = yield* Effect.promise(() => readdir(throwAwayFolder).catch(() => []))
  for (const name of names) {
    const home = join(throwAwayFolder, name)
    const supervised = numbersIn(inHome(home).supervisorPid).some((pid) => ours(pid, home))
    const age = yield* Effect.promise(() =>
      stat(home).then(
        (info) => Date.now() - info.mtimeMs,
        () => 0
      )
    )
    // A young folder may belong to a server that is just being prepared.
    if (supervised || age < 120_000) continue
    yield* stopOrphan(home)
    yield* Effect.promise(() => rm(home, { recursive: true, force: true }).catch(() => {}))
  }
})
