import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { commandLine, parentOf } from "../database/Processes.js"

/** npm, or whatever started the demo, has ended. */
export class LauncherGone extends Data.TaggedError("LauncherGone")<{ readonly message: string }> {}

const SCRIPT = "tools/demo/main.ts"

interface Link {
  readonly child: number
  readonly parent: number
}

/**
 * The way up to who asked for the demo. A process that names our script on its command line only wraps us (`sh -c`, tsx);
 * the first that does not is npm or a shell. npm passes no signal on when it is killed, and neither do the wrappers.
 */
const linksUp = (child: number): ReadonlyArray<Link> => {
  const parent = parentOf(child)
  // The first process of a container ends with all the others.
  if (parent === undefined || parent <= 1) return []
  const wrapper = commandLine(parent)?.includes(SCRIPT) === true
  return [{ child, parent }, ...(wrapper ? linksUp(parent) : [])]
}

/** Fails when a process between us and who asked for us has ended: its children have another parent then. */
export const launcherGone: Effect.Effect<never, LauncherGone> = Effect.suspend(() => {
  const links = linksUp(process.pid)
  const gone = Effect.sync(() => links.some(({ child, parent }) => parentOf(child) !== parent))
  return gone.pipe(
    Effect.repeat({ schedule: Schedule.spaced("500 millis"), until: (isGone) => isGone }),
    Effect.zipRight(new LauncherGone({ message: "The process that started the demo has ended: it stops." }))
  )
})
