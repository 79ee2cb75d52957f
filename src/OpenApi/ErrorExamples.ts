import type { ApiError } from "../Domain/Errors.js"

/** What the service says, word for word, by the name of the error's schema: src/OpenApi.test.ts asks it. */
export const errorExamples: Readonly<Record<string, typeof ApiError.Encoded>> = {
  InvalidRequest: {
    _tag: "InvalidRequest",
    message: "The request is not valid: limit must be a whole number from 1 to 1000",
    issues: [{ path: "limit", message: "must be a whole number from 1 to 1000" }]
  },
  Unauthorized: {
    _tag: "Unauthorized",
    message:
      "No credentials: send Authorization: Bearer <token>, Authorization: tma <initData> or X-Telegram-Init-Data: <initData>"
  },
  InitDataExpired: { _tag: "InitDataExpired", message: "init_data expired; reopen the Mini App" },
  TokenExpired: { _tag: "TokenExpired", message: "The token has expired; log in again" },
  AccessDenied: { _tag: "AccessDenied", message: "Access denied to this bot; bot_id is the `uid` of GET /api/bots" },
  PayloadTooLarge: { _tag: "PayloadTooLarge", message: "The body is over 64 KiB; send less" },
  UnsupportedMediaType: {
    _tag: "UnsupportedMediaType",
    message: "Send the body as JSON, with Content-Type: application/json"
  },
  TooManyRequests: {
    _tag: "TooManyRequests",
    message: "Too many attempts to log in from this address; try again in 42 s",
    limit: 10,
    retry_after: 42
  },
  HeadersTooLarge: { _tag: "HeadersTooLarge", message: "The request's line and headers are over 16 KiB" },
  InternalError: {
    _tag: "InternalError",
    message: "The service failed; the X-Request-Id header of this answer finds the cause in its log"
  },
  ServiceUnavailable: {
    _tag: "ServiceUnavailable",
    message: "The database does not answer at the moment. Try again in a few seconds."
  },
  NotReady: {
    _tag: "ServiceUnavailable",
    message: "The service is not ready: it waits for the database. Try again soon.",
    status: "not ready",
    figures: "rows",
    reasons: ["the service is starting"],
    remedy: null
  }
}
