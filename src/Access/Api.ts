import type * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import { AccessDenied, InvalidRequest, ServiceUnavailable } from "../Domain/Errors.js"

/** The errors of each route about a bot, beside the 401s of `Authentication`. */
export const botErrors = <
  Name extends string,
  Method extends "GET",
  Path,
  UrlParams,
  Payload,
  Headers,
  Success,
  Error,
  R,
  RE
>(
  endpoint: HttpApiEndpoint.HttpApiEndpoint<Name, Method, Path, UrlParams, Payload, Headers, Success, Error, R, RE>
) => endpoint.addError(InvalidRequest).addError(AccessDenied).addError(ServiceUnavailable)
