import * as Effect from "effect/Effect"

/** Earlier versions made the table of accounts here, under a name that panels have too. 0008 makes it. */
export default Effect.void
