/** What the JSON text in `meta` says about a payment or a subscription. */
import { fold, isBlank } from "./Text.js"

type JsonObject = { readonly [key: string]: unknown }

// "`meta` that is not a JSON object says nothing."
/** The fields of `meta`; none where it is null, no JSON at all, an array or a scalar. */
const fieldsOf = (meta: string | null): JsonObject => {
  if (meta === null) return {}
  try {
    const value: unknown = JSON.parse(meta)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
  } catch {
    return {}
  }
}

// "In `meta`, a kind that is not text, or is blank, says nothing, and the next of `kind`, `type`, `purpose` is looked at."
/** The first of these fields that is text and not blank, without case and surrounding blanks. */
const firstWord = (fields: JsonObject, names: ReadonlyArray<string>): string | undefined => {
  for (const name of names) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (typeof value === "string" && !isBlank(value)) return fold(value)
  }
  return undefined
}

export type Purpose = "key" | "renewal" | "other"

/** What a payment was for, as its `meta` says; undefined where it says nothing. */
export const saidPurpose = (meta: string | null): Purpose | undefined => {
  // "what a PAID payment was for is what its `meta` says, as text in any case, under `kind`, else `type`, else `purpose`"
  const word = firstWord(fieldsOf(meta), ["kind", "type", "purpose"])
  switch (word) {
    case undefined:
      return undefined
    // "`key`, `purchase`, `buy`, `new` → a key purchase"
    case "key":
    case "purchase":
    case "buy":
    case "new":
      return "key"
    // "`renewal`, `renew`, `extend`, `prolong` → a renewal"
    case "renewal":
    case "renew":
    case "extend":
    case "prolong":
      return "renewal"
    // "any other text → other"
    default:
      return "other"
  }
}

// "(`true`, `1`, `"true"`, `"1"`)", "`"TRUE"` and `"Trial"` mean what `"true"` and `"trial"` mean."
const isTrue = (value: unknown): boolean =>
  value === true || value === 1 || (typeof value === "string" && ["true", "1"].includes(fold(value)))

/** Whether a subscription is a trial, as its `meta` says; undefined where it says nothing. */
export const saidTrial = (meta: string | null): boolean | undefined => {
  const fields = fieldsOf(meta)
  const flags = ["trial", "is_trial"].filter((name) => Object.hasOwn(fields, name)).map((name) => fields[name])
  const word = firstWord(fields, ["kind", "type"])
  // "`meta` says yes: `trial` or `is_trial` is true (...), or `kind`, else `type`, is `"trial"` in any case."
  if (flags.some(isTrue) || word === "trial") return true
  // "It says no: one of these four is there with another value." A flag is there whatever its value, null included;
  // a kind or type is there only if it is text that is not blank.
  if (flags.length > 0 || word !== undefined) return false
  return undefined
}
