/** What a payment was for and whether a subscription was a trial, as SQL: section 6 of the contract, said plainly. */

/** A member of `meta` as text, in lower case; null where it is no text, or blank. */
const word = (alias: string, name: string): string =>
  `NULLIF(LOWER(TRIM(IF(JSON_TYPE(${alias}.meta->'$.${name}') = 'STRING', ${alias}.meta->>'$.${name}', ''))), '')`

const isTrue = (alias: string, name: string): string =>
  `COALESCE(LOWER(TRIM(${alias}.meta->>'$.${name}')) IN ('true', '1'), FALSE)`

/** `key`, `renewal`, `other`, or `unsaid`. */
const saidPurpose = (alias: string): string => `
  CASE COALESCE(${word(alias, "kind")}, ${word(alias, "type")}, ${word(alias, "purpose")}, '')
    WHEN '' THEN 'unsaid'
    WHEN 'key' THEN 'key' WHEN 'purchase' THEN 'key' WHEN 'buy' THEN 'key' WHEN 'new' THEN 'key'
    WHEN 'renewal' THEN 'renewal' WHEN 'renew' THEN 'renewal' WHEN 'extend' THEN 'renewal' WHEN 'prolong' THEN 'renewal'
    ELSE 'other' END`

/** `key`, `renewal` or `other` for the PAID payment `p`. */
export const PAYMENT_KIND = `
  CASE ${saidPurpose("p")}
    WHEN 'key' THEN 'key'
    WHEN 'renewal' THEN 'renewal'
    WHEN 'other' THEN 'other'
    ELSE IF(
      NOT EXISTS (
        SELECT 1 FROM payments q
        WHERE q.bot_id = p.bot_id AND q.user_id = p.user_id AND q.status = 'PAID'
          AND (q.date < p.date OR (q.date = p.date AND q.bill_id < p.bill_id))
          AND ${saidPurpose("q")} <> 'other')
      OR EXISTS (
        SELECT 1 FROM subscriptions n
        WHERE n.bot_id = p.bot_id AND n.user_id = p.user_id
          AND n.start_date BETWEEN p.date - INTERVAL 15 MINUTE AND p.date + INTERVAL 15 MINUTE),
      'key', 'renewal') END`

/** Whether the subscription `s` is a trial. */
export const IS_TRIAL = `
  CASE
    WHEN ${isTrue("s", "trial")} OR ${isTrue("s", "is_trial")} THEN TRUE
    ELSE CASE COALESCE(${word("s", "kind")}, ${word("s", "type")}, '')
      WHEN 'trial' THEN TRUE
      WHEN '' THEN
        COALESCE(JSON_CONTAINS_PATH(s.meta, 'one', '$.trial', '$.is_trial'), FALSE) = FALSE
        AND NOT EXISTS (
          SELECT 1 FROM subscriptions e
          WHERE e.bot_id = s.bot_id AND e.user_id = s.user_id
            AND (e.start_date < s.start_date OR (e.start_date = s.start_date AND e.uid < s.uid)))
        AND NOT EXISTS (
          SELECT 1 FROM payments q
          WHERE q.bot_id = s.bot_id AND q.user_id = s.user_id AND q.status = 'PAID'
            AND q.date <= s.start_date + INTERVAL 15 MINUTE)
      ELSE FALSE END
  END`
