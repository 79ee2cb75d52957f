import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import { confirmAccount } from "../Auth/ConfirmAccount.js"
import { loginMetrics } from "../Auth/Login/LoginMetrics.js"
import { accessLog } from "./Middleware/AccessLog.js"
import { readBody } from "./Middleware/Body.js"
import { compressed } from "./Middleware/Compress.js"
import { conditional } from "./Middleware/Conditional.js"
import { cors } from "./Middleware/Cors.js"
import { endpointErrors, errorResponses } from "./Middleware/Errors.js"
import { guards } from "./Middleware/Guards.js"
import { responseHeaders } from "./Middleware/Headers.js"
import { decodeErrors } from "./Middleware/InvalidRequests.js"
import { load } from "./Middleware/Load.js"
import { inOrder } from "./Middleware/Middleware.js"
import { requestContext } from "./Middleware/RequestContext.js"
import { requestMetrics } from "./Middleware/RequestMetrics.js"
import { requestSpan } from "./Middleware/RequestSpan.js"
import { unnamedProxies } from "./Middleware/UnnamedProxies.js"
import { whenEnded } from "./Middleware/WhenEnded.js"
import { routesOf } from "./Routes.js"

/**
 * The way of every request to the Api's builder and back, and what the way is for. Each line sees the request after the lines
 * above it, and the response before them.
 *
 * The platform runs all of it uninterruptibly, so that what is counted is counted right. Only the reading of a body, the wait
 * for a permit, the endpoint's handler and the compression of its response can be interrupted: when the client goes away,
 * nobody waits for them.
 */
export const pipeline = Effect.gen(function* () {
  const { api } = yield* HttpApi.Api
  const routes = routesOf(api)
  const { whenFree, withPermit } = yield* load

  const aroundBuilder = inOrder(
    // First of all, for all others ask for it: the request's id, its start, its route.
    requestContext(routes),
    // One log line where X-Forwarded-For is not believed.
    yield* unnamedProxies,
    // One log line and the metrics, with the status that is sent. A client that went away is a 499.
    whenEnded(accessLog, yield* requestMetrics, yield* loginMetrics),
    // The span has the status too, and all the work below in it.
    yield* requestSpan,
    // Headers come after the errors have become responses: every response has them.
    yield* responseHeaders(routes),
    // A preflight has no body, no credentials and no limit: it ends here.
    yield* cors,
    // What is refused below becomes a response here.
    errorResponses,
    // 400 without Host, 404, 405, 413, 415: by the head alone, before anything is read.
    guards(routes),
    // 503 where the line for a permit is full, before the body is read.
    whenFree,
    // The body is read before the request takes its permit: clients that send slowly can't fill the service.
    readBody,
    // 503 where the line for a permit is too slow.
    withPermit,
    // 304 where the client has it already, told by the ETag.
    conditional,
    // gzip or brotli. The request has its permit still: what is being compressed is bounded too.
    yield* compressed(routes)
  )

  // Inside the builder, where errors are still errors.
  const aroundRoutes = inOrder(
    // 401, 403, 429, 503 and 500: our errors become responses. Others that the Api declares are the builder's to encode.
    endpointErrors(api),
    // 401 goes before 400 and 403, where the account of a token is gone.
    yield* confirmAccount,
    // 400: what does not decode, with all that is wrong with it.
    decodeErrors
  )

  const { add } = yield* HttpApiBuilder.Middleware
  yield* add(aroundRoutes)
  // Credentials, parameters and payload, handler, response: the builder's, in this order.
  return aroundBuilder(yield* HttpApiBuilder.httpApp)
})
