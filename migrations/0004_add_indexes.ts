import * as Effect from "effect/Effect"
import { addIndex } from "../src/Database/Ddl.js"

/**
 * One index for each way that the routes read; without one, the answers are the same and cost a walk over the table.
 * Those of one column are the primary keys, nearly everywhere, and then there is nothing to do.
 */
export default Effect.all(
  [
    addIndex("bots", "bots_uid", ["uid"], "without it, each request walks over all bots"),
    addIndex("users", "users_uid", ["uid"], "without it, a page of users walks over all users for each row"),
    addIndex(
      "payments",
      "payments_bill",
      ["bill_id"],
      "without it, a page of payments walks over them all for each row"
    ),
    addIndex(
      "subscriptions",
      "subscriptions_uid",
      ["uid"],
      "without it, a page of subscriptions walks over them all for each row"
    ),
    addIndex("bots", "bots_admin", ["admin_id"], "without it, each request walks over all bots"),
    addIndex(
      "users",
      "users_bot_reg",
      ["bot_id", "reg_date", "uid"],
      "without it, the list of users, registrations and the summary walk over all users"
    ),
    // The list's order first; then what the summary adds up, so that it reads the index alone.
    addIndex(
      "payments",
      "payments_bot_date",
      ["bot_id", "date", "bill_id", "status", "currency", "amount"],
      "without it, the list of payments, the analytics and the summary walk over all payments"
    ),
    addIndex(
      "payments",
      "payments_bot_user",
      ["bot_id", "user_id", "date"],
      "without it, telling purchases from renewals walks over all payments for each payment"
    ),
    addIndex(
      "subscriptions",
      "subscriptions_bot_start",
      ["bot_id", "start_date", "uid", "status", "user_id"],
      "without it, the list of subscriptions, trials and the summary walk over all subscriptions"
    ),
    addIndex(
      "subscriptions",
      "subscriptions_bot_user",
      ["bot_id", "user_id", "start_date"],
      "without it, trials and purchases walk over all subscriptions for each row"
    )
  ],
  { discard: true }
)
