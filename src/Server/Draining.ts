import * as Context from "effect/Context"

/** Whether the service was told to stop. It then says so to probes, and ends each connection with its next answer. */
export class Draining extends Context.Tag("app/Server/Draining")<Draining, { readonly started: boolean }>() {}
