import * as Effect from "effect/Effect"
import { addIndex } from "../src/Database/Ddl.js"
import { readIndexes } from "../src/Tables/Indexes.js"

export default Effect.forEach(readIndexes, addIndex, { discard: true })
