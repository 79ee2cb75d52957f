import * as Effect from "effect/Effect"
import { addIndex } from "../src/Database/Ddl.js"
import { createTables } from "../src/Facts/Store/Tables.js"
import { changeIndexes } from "../src/Tables/Indexes.js"

/** Tables of ours for the figures that are kept up to date, and the index by which a user's rows are found. */
export default Effect.zipRight(createTables, Effect.forEach(changeIndexes, addIndex, { discard: true }))
