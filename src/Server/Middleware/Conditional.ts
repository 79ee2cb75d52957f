import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { type Middleware, withRequest } from "./Middleware.js"

/**
 * 304 where the client has what it asks for already (RFC 9110, 13.1.2). Only what GET and HEAD are answered with has an
 * ETag here. It is a weak one, for it stands for a text in each of its codings.
 */

const TAGS = /(?:W\/)?"[^"]*"/g

/** Tags are compared weakly: by what is quoted. */
const opaque = (tag: string): string => tag.replace(/^W\//, "")

const isAmong = (etag: string, list: string): boolean =>
  list.trim() === "*" || (list.match(TAGS) ?? []).some((tag) => opaque(tag) === opaque(etag))

export const conditional: Middleware = (app) =>
  withRequest(({ headers }) => {
    const known = headers["if-none-match"]
    if (known === undefined) return app
    return Effect.map(app, (response) => {
      const { etag, vary } = response.headers
      return response.status === 200 && etag !== undefined && isAmong(etag, known)
        ? HttpServerResponse.empty({ status: 304, headers: { etag, ...(vary === undefined ? {} : { vary }) } })
        : response
    })
  })
