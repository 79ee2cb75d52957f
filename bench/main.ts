import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { startServer } from "../tools/database/DatabaseServer.js"
import { type Options, parseOptions, usage } from "./Options.js"
import { runBenchmark } from "./Run.js"

/** `npm run bench`: see bench/README.md. */

/** Holds all that is read: what is compared is the work, not this machine's disk. */
const bufferPoolFor = ({ sizes }: Options): string =>
  sizes.some(({ payments }) => payments > 1_000_000) ? "10G" : "2G"

const bench = (options: Options) =>
  Effect.gen(function* () {
    const server = yield* startServer({
      kind: "mysql",
      name: options.name,
      keep: true,
      bufferPool: bufferPoolFor(options)
    })
    process.exitCode = yield* Effect.promise(() => runBenchmark(server, options))
  }).pipe(
    Effect.scoped,
    Effect.catchAllCause((cause) =>
      Effect.sync(() => {
        process.stderr.write(`${Cause.pretty(cause)}\n`)
        process.exitCode = 1
      })
    )
  )

const readOptions = (): Options | undefined => {
  try {
    const options = parseOptions(process.argv.slice(2))
    if (options === undefined) process.stdout.write(usage)
    return options
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    process.exitCode = 1
    return undefined
  }
}

const options = readOptions()
if (options !== undefined) {
  NodeRuntime.runMain(bench(options), {
    disablePrettyLogger: true,
    teardown: (exit, onExit) => onExit(exit._tag === "Success" ? Number(process.exitCode ?? 0) : 1)
  })
}
