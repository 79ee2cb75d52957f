import * as Data from "effect/Data"

/** The demo does not go on: one line that says what it found, and what to do. Nothing was written. */
export class DemoRefused extends Data.TaggedError("DemoRefused")<{ readonly message: string }> {}

/** The database refused a statement of the demo, or can't be reached. */
export class DatabaseFailed extends Data.TaggedError("DatabaseFailed")<{
  readonly message: string
  /** The server's number of the error; undefined where it is the network's. */
  readonly errno: number | undefined
}> {}
