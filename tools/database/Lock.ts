import { mkdir, rm, stat, utimes, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import * as Effect from "effect/Effect"

const beat = 2_000
const staleAfter = 15_000

const tryCreate = async (path: string): Promise<boolean> => {
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(path, String(process.pid), { flag: "wx" })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    const age = await stat(path).then(
      (info) => Date.now() - info.mtimeMs,
      () => 0
    )
    if (age > staleAfter) await rm(path, { force: true })
    return false
  }
}

/**
 * Runs an effect while holding a lock file, so that processes do long work one after the other. A holder shows by touching the file
 * that it is alive, which, unlike a process id, also holds between containers and after a reboot. The lock only saves double work:
 * what it guards must be safe to be done twice.
 */
export const withLock =
  (path: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    let told = false
    const tell = Effect.sync(() => {
      if (!told) process.stderr.write("database: waiting for another process that prepares the same server\n")
      told = true
    })
    return Effect.acquireUseRelease(
      Effect.promise(() => tryCreate(path)).pipe(
        Effect.tap((created) => (created ? Effect.void : Effect.zipRight(tell, Effect.sleep("200 millis")))),
        Effect.repeat({ until: (created) => created }),
        Effect.map(() => setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), beat)),
        Effect.interruptible
      ),
      () => effect,
      (timer) =>
        Effect.promise(() => {
          clearInterval(timer)
          return rm(path, { force: true })
        })
    )
  }
