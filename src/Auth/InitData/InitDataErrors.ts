import * as Data from "effect/Data"

/** The data has no `hash`, `user` or `auth_date`, one of them cannot be read, or a key is repeated. A login answers 400. */
export class MalformedInitData extends Data.TaggedError("MalformedInitData")<{ readonly message: string }> {}

/** The data can be read, but Telegram did not sign it like this for one of our bots. 401. */
export class InvalidInitData extends Data.TaggedError("InvalidInitData")<{ readonly message: string }> {}

/** Telegram signed the data, too long ago. 401, with a tag of its own so that an app can ask for a relaunch. */
export class ExpiredInitData extends Data.TaggedError("ExpiredInitData")<{ readonly message: string }> {}

export type InitDataError = MalformedInitData | InvalidInitData | ExpiredInitData
