import type { RequestInfo } from "../Domain/CurrentRequest.js"

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

/** Undefined for what is no login. It is told by the response alone, so that the login itself counts nothing. */
export const loginOutcome = ({ error, method, route }: RequestInfo, status: number): LoginOutcome | undefined => {
  if (route !== LOGIN || method !== "POST") return undefined
  if (status < 300) return "ok"
  switch (error?._tag) {
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
