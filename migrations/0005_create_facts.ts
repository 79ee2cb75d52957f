import * as Effect from "effect/Effect"
import { addIndex } from "../src/Database/Ddl.js"
import { createTables } from "../src/Facts/Store/Tables.js"

/** Tables of ours for the figures that are kept up to date, and the index by which a user's rows are found. */
export default Effect.zipRight(
  createTables,
  addIndex(
    "users",
    "users_bot_user",
    ["bot_id", "user_id", "reg_date"],
    "without it, keeping figures up to date walks over all users for each change"
  )
)
