import type * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { serializer } from "./Serializer.js"

/** As text, which node writes to the socket together with the head. Bytes would be a second piece. */
export const text = (body: string, contentType: string, status = 200): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.raw(body, { status, contentType, contentLength: Buffer.byteLength(body) })

interface Endpoint extends HttpApiEndpoint.HttpApiEndpoint.Any {
  readonly successSchema: Schema.Schema.All
}

type Named<Endpoints extends Endpoint, Name extends string> = HttpApiEndpoint.HttpApiEndpoint.WithName<Endpoints, Name>

/** What a handler is given: what the endpoint declares, decoded, and the request itself. */
type Request<Endpoints extends Endpoint, Name extends string> = HttpApiEndpoint.HttpApiEndpoint.Request<
  Named<Endpoints, Name>
> & { readonly request: HttpServerRequest.HttpServerRequest }

/** What a handler gives: the endpoint's success. */
type Success<Endpoints extends Endpoint, Name extends string> = HttpApiEndpoint.HttpApiEndpoint.Success<
  Named<Endpoints, Name>
>

type Write = (value: unknown) => HttpServerResponse.HttpServerResponse

/** Writes a success as the endpoint declares it: its status, its content type, its body. */
const writerOf = ({ successSchema }: Endpoint): Write => {
  const { ast } = successSchema
  const status = HttpApiSchema.getStatusSuccessAST(ast)
  if (HttpApiSchema.isVoid(ast)) return () => HttpServerResponse.empty({ status })
  const { contentType, kind } = HttpApiSchema.getEncoding(ast)
  switch (kind) {
    case "Json": {
      const write = serializer(successSchema)
      return (value) => text(write(value), contentType, status)
    }
    case "Text": {
      const check = Schema.validateSync(Schema.String)
      return (value) => text(check(value), contentType, status)
    }
    default:
      throw new Error(`There is no writer for responses of the kind ${kind}`)
  }
}

/**
 * A handler for one endpoint of a group, whose result is checked against the endpoint's success schema and written in one
 * pass (src/Response/Serializer.ts). It goes to `handle`, which decodes all that the endpoint declares.
 *
 * ```ts
 * HttpApiBuilder.group(Api, "bots", (handlers) =>
 *   Effect.map(BotsRepo, (repo) => handlers.handle(...responding(BotsApi, "listBots", () => repo.mine)))
 * )
 * ```
 */
export const responding = <
  Endpoints extends Endpoint,
  const Name extends HttpApiEndpoint.HttpApiEndpoint.Name<Endpoints>,
  E,
  R
>(
  group: { readonly endpoints: Readonly<Record<string, Endpoints>> },
  name: Name,
  handler: (request: Request<Endpoints, Name>) => Effect.Effect<Success<Endpoints, Name>, E, R>
) => {
  const endpoint = group.endpoints[name]
  if (endpoint === undefined) throw new Error(`The group has no endpoint ${name}`)
  const write = writerOf(endpoint)
  return [name, (request: Request<Endpoints, Name>) => Effect.map(handler(request), write)] as const
}
