import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { commandLine, parentOf } from "./Processes.js"

/** npm, or whatever started this program, has ended. */
export class LauncherGone extends Data.TaggedError("LauncherGone")<{ readonly message: string }> {}

interface Link {
  readonly child: number
  readonly parent: number
}

/**
 * The way up to who asked for this program. A process that names it on its command line only wraps us (`sh -c`, tsx); the
 * first that does not is npm or a shell. npm passes no signal on when it is killed, and neither do the wrappers.
 */
const linksUp = (child: number, program: string): ReadonlyArray<Link> => {
  const parent = parentOf(child)
  // The first process of a container ends with all the others.
  if (parent === undefined || parent <= 1) return []
  const wrapper = commandLine(parent)?.includes(program) === true
  return [{ child, parent }, ...(wrapper ? linksUp(parent, program) : [])]
}

/** Fails when a process between us and who asked for us has ended: its children have another parent then. */
export const launcherGone = (program: string): Effect.Effect<never, LauncherGone> =>
  Effect.suspend(() => {
    const links = linksUp(process.pid, program)
    const gone = Effect.sync(() => links.some(({ child, parent }) => parentOf(child) !== parent))
    return gone.pipe(
      Effect.repeat({ schedule: Schedule.spaced("500 millis"), until: (isGone) => isGone }),
      Effect.zipRight(new LauncherGone({ message: "The process that started this one has ended: it stops." }))
    )
  })
