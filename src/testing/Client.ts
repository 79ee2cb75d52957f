import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Api } from "../Api.js"
import { rowsOf } from "./Database.js"
import * as Login from "./Login.js"
import { initDataOf, type TestResponse, TestService } from "./Service.js"

/**
 * How a test speaks to the service that its layer runs: by the Api's own client where values and errors are the point, by
 * plain requests where statuses, headers or bytes are; and to the service's database.
 */

/** The Api's client with these headers on each request. */
export const clientWith = (headers: Record<string, string>) =>
  Effect.flatMap(TestService, ({ url }) =>
    HttpApiClient.make(Api, {
      baseUrl: url,
      transformClient: HttpClient.mapRequest(HttpClientRequest.setHeaders(headers))
    })
  ).pipe(Effect.provide(FetchHttpClient.layer))

/** The Api's client as this Telegram user, by initData. */
export const clientAs = (userId: number) =>
  Effect.suspend(() => clientWith({ "X-Telegram-Init-Data": initDataOf(userId) }))

/** The Api's client with a token from the login. */
export const clientWithToken = (token: string) => clientWith({ Authorization: `Bearer ${token}` })

/**
 * What came, and nothing else: the client drops members that the Api does not declare, so the bytes are looked at too. For
 * calls with `withResponse: true`.
 */
export const exact = <A, E, R>(call: Effect.Effect<readonly [A, HttpClientResponse], E, R>) =>
  Effect.gen(function* () {
    const [value, response] = yield* call
    const json: unknown = JSON.parse(new TextDecoder().decode(yield* response.arrayBuffer))
    assert.deepStrictEqual<unknown>(json, value)
    return value
  })

const use = <A>(ask: (service: typeof TestService.Service) => Promise<A>): Effect.Effect<A, never, TestService> =>
  Effect.flatMap(TestService, (service) => Effect.promise(() => ask(service)))

/** A plain request, and its response whatever the status. */
export const request = (path: string, init?: RequestInit) => use((service) => service.request(path, init))

/** A plain GET with these headers. */
export const getWith = (headers: Record<string, string>, path: string) => request(path, { headers })

/** The status alone, of any of these requests. */
export const statusOf = <E, R>(response: Effect.Effect<TestResponse, E, R>) =>
  Effect.map(response, ({ status }) => status)

export type Parameters = Readonly<Record<string, string | number | undefined>>

const queryOf = (parameters: Parameters): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? "" : `?${query}`
}

/** A plain GET as this Telegram user, by initData. */
export const getAs = (userId: number, path: string, parameters: Parameters = {}) =>
  use((service) => service.get(`${path}${queryOf(parameters)}`, userId))

/** POSTs this initData to the login. */
export const logIn = (initData: unknown, headers: Record<string, string> = {}) =>
  use((service) => Login.logIn(service, initData, headers))

/** POSTs this body to the login. */
export const postLogin = (body: string, headers: Record<string, string> = {}) =>
  use((service) => Login.postLogin(service, body, headers))

/** What the service's database answers to a statement; the account is the service's own. */
export const query = (statement: string, values: ReadonlyArray<unknown> = []) =>
  use(({ database }) => rowsOf(database.connection, statement, values))
