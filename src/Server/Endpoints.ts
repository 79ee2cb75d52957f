import type * as HttpApi from "@effect/platform/HttpApi"
import type * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import type * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type { Api } from "../Api.js"
import { Authentication } from "../Auth/Authentication.js"
import { Credentials } from "../Auth/Credentials.js"
import { CurrentAdmin } from "../Domain/CurrentAdmin.js"
import type { ApiError } from "../Domain/Errors.js"
import type { Unchecked } from "../Domain/Json.js"
import { type Answer, json, text } from "./Answer.js"
import { decoderOf, type InputSchemas } from "./Decode.js"
import { documents } from "./Docs.js"
import { type Route, routes, templateOf } from "./Routes.js"
import { serializer } from "./Serialize.js"
import type { ServerRequest } from "./ServerRequest.js"

/**
 * The endpoints that the Api declares, and what answers each: who asks, the parameters by their schemas, the handler, the
 * answer by its schema. The platform's `HttpApiBuilder` does the same by a router, a middleware and a handler that each copy
 * the fiber's context and change it back, and by an interpreter of the answer's schema: for a request of little work that
 * was a fifth of all its processor time (bench/README.md says how to measure it).
 */

export type Endpoint = (request: ServerRequest) => Effect.Effect<Answer, ApiError>

/** What is used of an endpoint's declaration. */
interface AnyEndpoint extends InputSchemas {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly successSchema: Schema.Schema.All
  readonly middlewares: ReadonlySet<unknown>
}

interface AnyGroup extends HttpApiGroup.HttpApiGroup.Any {
  readonly endpoints: Readonly<Record<string, AnyEndpoint>>
  readonly middlewares: ReadonlySet<unknown>
}

type Named<Group, Name extends string> = HttpApiEndpoint.HttpApiEndpoint.WithName<
  HttpApiGroup.HttpApiGroup.Endpoints<Group>,
  Name
>

/** `path`, `payload` and `urlParams`, decoded, where the endpoint has such. */
type Input<Of extends HttpApiEndpoint.HttpApiEndpoint.Any> = Omit<
  HttpApiEndpoint.HttpApiEndpoint.Request<Of>,
  "request" | "headers"
> & { readonly request: ServerRequest }

/**
 * A handler for each endpoint of a group, by its name. It gives the answer's shape; its values may be what the driver gave,
 * as src/Database/Columns.ts makes it ready for the wire: they are checked when they are written (src/Server/Serialize.ts).
 */
export type Handlers<Group extends HttpApiGroup.HttpApiGroup.Any> = {
  readonly [Name in HttpApiEndpoint.HttpApiEndpoint.Name<HttpApiGroup.HttpApiGroup.Endpoints<Group>>]: (
    input: Input<Named<Group, Name>>
  ) => Effect.Effect<
    Unchecked<HttpApiEndpoint.HttpApiEndpoint.Success<Named<Group, Name>>>,
    HttpApiEndpoint.HttpApiEndpoint.Error<Named<Group, Name>> | HttpApiGroup.HttpApiGroup.Error<Group>,
    HttpApiGroup.HttpApiGroup.Provides<Group>
  >
}

/** What answers an endpoint, once it is known who asks. */
interface Handled {
  readonly endpoint: AnyEndpoint
  readonly needsAdmin: boolean
  readonly run: (request: ServerRequest) => Effect.Effect<Answer, ApiError, CurrentAdmin>
}

/** All of a group's. */
export interface HandledGroup<Id extends string> {
  readonly id: Id
  readonly endpoints: ReadonlyArray<Handled>
}

const writerOf = (schema: Schema.Schema.All): ((value: unknown) => Answer) => {
  const { contentType, kind } = HttpApiSchema.getEncoding(schema.ast)
  if (kind === "Text") return (value) => text(contentType, String(value))
  const write = serializer(schema)
  return (value) => json(write(value))
}

// What the handler takes is what the decoder gives: both come from the endpoint's schemas.
type Handler = (input: never) => Effect.Effect<unknown, ApiError, CurrentAdmin>

const handled = (endpoint: AnyEndpoint, needsAdmin: boolean, handler: Handler | undefined): Handled => {
  if (handler === undefined) throw new Error(`Nothing answers ${endpoint.name}`)
  const decode = decoderOf(endpoint)
  const write = writerOf(endpoint.successSchema)
  const run = (request: ServerRequest) => {
    const input = decode(request)
    return Either.isLeft(input) ? Effect.fail(input.left) : Effect.map(handler(input.right as never), write)
  }
  return { endpoint, needsAdmin, run }
}

const needsAdmin = (middlewares: ReadonlyArray<unknown>): boolean => {
  if (middlewares.some((middleware) => middleware !== Authentication)) throw new Error("Nothing runs such a middleware")
  return middlewares.length > 0
}

/**
 * The handlers of a group, from what they need.
 *
 * ```ts
 * export const BotsHttp = handlers(BotsApi, Effect.map(BotsRepo, (bots) => ({ listBots: () => bots.mine })))
 * ```
 */
export const handlers = <Group extends AnyGroup, R>(
  group: Group,
  make: Effect.Effect<Handlers<Group>, never, R>
): Effect.Effect<HandledGroup<HttpApiGroup.HttpApiGroup.Name<Group>>, never, R> =>
  Effect.map(make, (handlers) => {
    // By their type, there is one for each name.
    const byName = handlers as Readonly<Record<string, Handler>>
    return {
      id: group.identifier as HttpApiGroup.HttpApiGroup.Name<Group>,
      endpoints: Object.values(group.endpoints).map((endpoint) =>
        handled(endpoint, needsAdmin([...group.middlewares, ...endpoint.middlewares]), byName[endpoint.name])
      )
    }
  })

/**
 * Runs what follows for the admin whom the credential names. A request has its fiber to itself: what is put into the fiber's
 * context needs not be taken out again.
 */
const authenticated =
  ({ judge }: typeof Credentials.Service, run: Handled["run"]): Endpoint =>
  (request) =>
    Effect.flatMap(judge(request), (admin) => {
      request.admin = admin
      return Effect.flatMap(FiberRef.update(FiberRef.currentContext, Context.add(CurrentAdmin, admin)), () =>
        run(request)
      ) as Effect.Effect<Answer, ApiError>
    })

type GroupIds =
  typeof Api extends HttpApi.HttpApi<infer _Id, infer Groups, infer _E, infer _R>
    ? HttpApiGroup.HttpApiGroup.Name<Groups>
    : never

/** Every group of the Api. */
export type HandledGroups = { readonly [Id in GroupIds]: HandledGroup<Id> }

export class Endpoints extends Context.Tag("app/Server/Endpoints")<
  Endpoints,
  {
    /** What answers a method that the route takes. */
    readonly of: (route: Route, method: string) => Endpoint
  }
>() {}

const make = (groups: HandledGroups) =>
  Effect.gen(function* () {
    const credentials = yield* Credentials
    const byRoute = new Map(routes.map((route) => [route.template, new Map<string, Endpoint>()]))
    const add = (template: string, method: string, endpoint: Endpoint) => {
      byRoute.get(template)?.set(method, endpoint)
      if (method === "GET") byRoute.get(template)?.set("HEAD", endpoint)
    }
    for (const { endpoints } of Object.values(groups)) {
      for (const { endpoint, needsAdmin, run } of endpoints) {
        const { method, path } = endpoint
        // The handlers of a group without Authentication ask for no admin, by their type.
        add(templateOf(path), method, needsAdmin ? authenticated(credentials, run) : (run as Endpoint))
      }
    }
    for (const [template, document] of Object.entries(yield* documents)) add(template, "GET", () => document)

    const of = ({ template }: Route, method: string): Endpoint => {
      const endpoint = byRoute.get(template)?.get(method)
      if (endpoint === undefined) throw new Error(`Nothing answers ${method} ${template}`)
      return endpoint
    }
    return { of }
  })

export const layer = <E, R>(groups: Effect.Effect<HandledGroups, E, R>) =>
  Layer.effect(Endpoints, Effect.flatMap(groups, make))
