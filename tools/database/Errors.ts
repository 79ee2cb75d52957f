import * as Data from "effect/Data"

/** No server of the wanted kind is on this machine, and none could be fetched; the message says what to install. */
export class ServerUnavailable extends Data.TaggedError("ServerUnavailable")<{ readonly message: string }> {}

/** The kept data folder is being used by another live process. */
export class DataFolderInUse extends Data.TaggedError("DataFolderInUse")<{ readonly message: string }> {}

/** The server could not be initialised or started; the message ends with its own last words. */
export class StartFailed extends Data.TaggedError("StartFailed")<{ readonly message: string }> {}

/** The running server refused a statement of ours. */
export class StatementFailed extends Data.TaggedError("StatementFailed")<{ readonly message: string }> {}

/** Everything that can go wrong with a private database server. */
export type DatabaseServerError = ServerUnavailable | DataFolderInUse | StartFailed | StatementFailed
