import type { ServeError } from "@effect/platform/HttpServerError"
import * as Predicate from "effect/Predicate"

/** Why the service can't listen, in one line for the operator: which variable to set. */
export const explainServeError = ({ cause }: ServeError, host: string, port: number): string => {
  const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : String(cause)
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} is in use: set PORT`
    case "EACCES":
      return `Port ${port} is not for this account to listen on: set PORT to 1024 or more`
    case "EADDRNOTAVAIL":
      return `HOST ${host} is no address of this machine: set HOST`
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `HOST ${host} is not known: set HOST to an address of this machine`
    default:
      return `The service can't listen on ${host}, port ${port}: ${code}`
  }
}
