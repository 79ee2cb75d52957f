import { type HttpApiEndpoint, type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, type Schema } from "effect"
import type { Unchecked } from "../Domain/Json.js"
import { own } from "./NodeRequest.js"
import { serializer } from "./Serialize.js"

/** Wraps a handler: it runs only once the request is decoded. */
export const handled =
  <Input extends { readonly request: HttpServerRequest.HttpServerRequest }, Output>(
    handler: (input: Input) => Output
  ) =>
  (input: Input): Output => {
    own(input.request).record.isDecoded = true
    return handler(input)
  }

/** As text, which node writes to the socket together with the head; bytes would be a second piece. */
const json = (text: string): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.raw(text, { contentType: "application/json", contentLength: Buffer.byteLength(text) })

interface Endpoint extends HttpApiEndpoint.HttpApiEndpoint.Any {
  readonly successSchema: Schema.Schema.All
}

type Request<Endpoints extends Endpoint, Name extends string> = HttpApiEndpoint.HttpApiEndpoint.Request<
  HttpApiEndpoint.HttpApiEndpoint.WithName<Endpoints, Name>
> & { readonly request: HttpServerRequest.HttpServerRequest }

type Answer<Endpoints extends Endpoint, Name extends string> = Unchecked<
  HttpApiEndpoint.HttpApiEndpoint.SuccessWithName<Endpoints, Name>
>

/**
 * A handler for one endpoint of a group, whose answer is checked against the endpoint's schema and written as JSON in one
 * pass (src/Server/Serialize.ts). The handler gives the answer's shape; its values may be what the driver gave, as
 * src/Database/Columns.ts makes it ready for the wire.
 *
 * ```ts
 * HttpApiBuilder.group(Api, "bots", (handlers) =>
 *   Effect.map(BotsRepo, (bots) => handlers.handle(...answering(BotsApi, "listBots", () => bots.mine)))
 * )
 * ```
 */
export const answering = <
  Endpoints extends Endpoint,
  const Name extends HttpApiEndpoint.HttpApiEndpoint.Name<Endpoints>,
  E,
  R
>(
  group: { readonly endpoints: Readonly<Record<string, Endpoints>> },
  name: Name,
  handler: (request: Request<Endpoints, Name>) => Effect.Effect<Answer<Endpoints, Name>, E, R>
) => {
  const endpoint = group.endpoints[name]
  if (endpoint === undefined) throw new Error(`The group has no endpoint ${name}`)
  const write = serializer(endpoint.successSchema)
  return [
    name,
    handled((request: Request<Endpoints, Name>) => Effect.map(handler(request), (answer) => json(write(answer))))
  ] as const
}
