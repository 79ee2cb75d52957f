import type { Index } from "../Database/Ddl.js"

/**
 * One index for each way that the routes read; without one, the answers are the same and cost a walk over the table. Those of
 * one column are the primary keys, nearly everywhere, and then there is nothing to do.
 */
export const readIndexes: ReadonlyArray<Index> = [
  {
    table: "bots",
    name: "bots_uid",
    columns: ["uid"],
    cost: "without it, each request walks over all bots"
  },
  {
    table: "users",
    name: "users_uid",
    columns: ["uid"],
    cost: "without it, a page of users walks over all users for each row"
  },
  {
    table: "payments",
    name: "payments_bill",
    columns: ["bill_id"],
    cost: "without it, a page of payments walks over them all for each row"
  },
  {
    table: "subscriptions",
    name: "subscriptions_uid",
    columns: ["uid"],
    cost: "without it, a page of subscriptions walks over them all for each row"
  },
  {
    table: "bots",
    name: "bots_admin",
    columns: ["admin_id"],
    cost: "without it, each request walks over all bots"
  },
  {
    table: "users",
    name: "users_bot_reg",
    columns: ["bot_id", "reg_date", "uid"],
    cost: "without it, the list of users, registrations and the summary walk over all users"
  },
  // The list's order first; then what the summary adds up, so that it reads the index alone.
  {
    table: "payments",
    name: "payments_bot_date",
    columns: ["bot_id", "date", "bill_id", "status", "currency", "amount"],
    cost: "without it, the list of payments, the analytics and the summary walk over all payments"
  },
  {
    table: "payments",
    name: "payments_bot_user",
    columns: ["bot_id", "user_id", "date"],
    cost: "without it, telling purchases from renewals walks over all payments for each payment"
  },
  {
    table: "subscriptions",
    name: "subscriptions_bot_start",
    columns: ["bot_id", "start_date", "uid", "status", "user_id"],
    cost: "without it, the list of subscriptions, trials and the summary walk over all subscriptions"
  },
  {
    table: "subscriptions",
    name: "subscriptions_bot_user",
    columns: ["bot_id", "user_id", "start_date"],
    cost: "without it, trials and purchases walk over all subscriptions for each row"
  }
]

/** By which a user's rows are found when they have changed. */
export const changeIndexes: ReadonlyArray<Index> = [
  {
    table: "users",
    name: "users_bot_user",
    columns: ["bot_id", "user_id", "reg_date"],
    cost: "without it, keeping figures up to date walks over all users for each change"
  }
]

/** All that the service has on the bots' tables. */
export const indexes: ReadonlyArray<Index> = [...readIndexes, ...changeIndexes]
