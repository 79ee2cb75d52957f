/**
 * The rows that the bots write, as plain values. Tests, the demo and the benchmark make such rows and load them into the
 * four tables; the oracle computes the contract's figures from them without SQL.
 *
 * Instants are `Date`s (the columns are DATETIME, UTC), money is a decimal string (DECIMAL(20,8)), `meta` and `keys` are
 * JSON text exactly as it is stored, so that odd spellings survive.
 */
export interface BotRow {
  readonly uid: number
  readonly bot_id: number
  readonly username: string | null
  readonly admin_id: number
  readonly ref_percent: string
  readonly balance: string
  readonly status: string
  readonly meta: string | null
}

export interface UserRow {
  readonly uid: number
  readonly user_id: number
  readonly bot_id: number
  readonly username: string | null
  readonly invited: string | null
  readonly reg_date: Date | null
  readonly ref_percent: string
  readonly meta: string | null
}

export interface PaymentRow {
  readonly bill_id: string
  readonly user_id: number
  readonly bot_id: number
  readonly provider: string | null
  readonly amount: string
  readonly currency: string
  readonly status: string
  readonly date: Date
  readonly meta: string | null
}

export interface SubscriptionRow {
  readonly uid: number
  readonly sub_uid: string
  readonly sub_url: string | null
  readonly user_id: number
  readonly bot_id: number
  readonly status: string
  readonly start_date: Date | null
  readonly stop_date: Date | null
  readonly meta: string | null
  readonly keys: string | null
}

export interface BotData {
  readonly bots: ReadonlyArray<BotRow>
  readonly users: ReadonlyArray<UserRow>
  readonly payments: ReadonlyArray<PaymentRow>
  readonly subscriptions: ReadonlyArray<SubscriptionRow>
}
