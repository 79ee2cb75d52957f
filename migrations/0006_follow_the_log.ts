import * as Effect from "effect/Effect"
import { removeOldTriggers } from "../src/Facts/Setup/OldTriggers.js"
import { createTables, widenAmounts } from "../src/Facts/Store/Tables.js"

/** Figures follow the server's binary log: the triggers of earlier versions go, with the tables that they wrote to. */
export default Effect.all([createTables, widenAmounts, removeOldTriggers], { discard: true })
