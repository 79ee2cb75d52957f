import type { BotData } from "../../tools/bots/Rows.js"

/** A few rows of two bots, with what real rows have: the same person twice, nulls, odd texts. */

export const OWNER = 777000123
export const BOT = 5

const date = (text: string) => new Date(`${text}Z`)

export const DATA: BotData = {
  bots: [
    {
      uid: 5,
      bot_id: 7214036581,
      username: "fox_bot",
      admin_id: OWNER,
      ref_percent: "15.25",
      balance: "12.00000001",
      status: "ACTIVE",
      meta: '{"lang": "ru"}'
    },
    {
      uid: 9,
      bot_id: 7214036582,
      username: null,
      admin_id: 4503599627370495,
      ref_percent: "0.00",
      balance: "0.00000000",
      status: "off",
      meta: null
    }
  ],
  users: [
    {
      uid: 1,
      user_id: 4503599627370495,
      bot_id: 5,
      username: "Zoé",
      invited: "promo",
      reg_date: date("2026-01-01T00:00:00"),
      ref_percent: "1.00",
      meta: '{"a": [1, 2]}'
    },
    // The same person in the same bot, twice and thrice.
    { uid: 2, user_id: 11, bot_id: 5, username: "x", invited: null, reg_date: null, ref_percent: "0.00", meta: null },
    {
      uid: 3,
      user_id: 11,
      bot_id: 5,
      username: "x",
      invited: null,
      reg_date: date("2026-01-02T23:59:59"),
      ref_percent: "0.00",
      meta: null
    },
    {
      uid: 7,
      user_id: 11,
      bot_id: 5,
      username: "X",
      invited: "",
      reg_date: date("2026-01-02T23:59:59"),
      ref_percent: "0.00",
      meta: "[]"
    }
  ],
  payments: [
    {
      bill_id: "B-2",
      user_id: 11,
      bot_id: 5,
      provider: "yookassa",
      amount: "199.99000000",
      currency: "RUB",
      status: "PAID",
      date: date("2026-01-03T10:00:00"),
      meta: '{"kind": "renewal"}'
    },
    {
      bill_id: "b-1",
      user_id: 11,
      bot_id: 5,
      provider: null,
      amount: "0.00000001",
      currency: "rub",
      status: "paid",
      date: date("2026-01-03T10:00:00"),
      meta: null
    }
  ],
  subscriptions: [
    {
      uid: 1,
      sub_uid: "s-1",
      sub_url: "https://vpn.example.com/s-1",
      user_id: 11,
      bot_id: 5,
      status: "Active",
      start_date: date("2026-01-03T10:00:05"),
      stop_date: null,
      meta: '{"trial": true}',
      keys: '["k"]'
    },
    {
      uid: 2,
      sub_uid: "",
      sub_url: null,
      user_id: 12,
      bot_id: 5,
      status: "Odd",
      start_date: null,
      stop_date: null,
      meta: null,
      keys: null
    }
  ]
}
