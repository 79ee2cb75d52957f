import type { ApiError } from "../Domain/Errors.js"

/** What became of an attempt to log in, for the figures. */
export const loginOutcomes = [
  "ok",
  "malformed",
  "forged",
  "expired",
  "limited",
  "unavailable",
  "failed",
  "abandoned"
] as const
export type LoginOutcome = (typeof loginOutcomes)[number]

const LOGIN = "/api/auth/telegram"

/** Undefined for what is no login. It is told by the answer alone, so that the login itself counts nothing. */
export const loginOutcome = (
  method: string,
  template: string,
  status: number,
  error: ApiError["_tag"] | undefined
): LoginOutcome | undefined => {
  if (template !== LOGIN || method !== "POST") return undefined
  if (status < 300) return "ok"
  switch (error) {
    case "InitDataExpired":
      return "expired"
    case "Unauthorized":
      return "forged"
    case "TooManyRequests":
      return "limited"
    case "ServiceUnavailable":
      return "unavailable"
    case "InternalError":
      return "failed"
    case undefined:
      // The client went away before there was anything to tell it.
      return "abandoned"
    default:
      return "malformed"
  }
}
