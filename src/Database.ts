import * as Layer from "effect/Layer"
import * as Client from "./Database/Client.js"
import * as Pool from "./Database/Pool.js"
import * as Readiness from "./Database/Readiness.js"

/** The connection to the bots' database, and whether it may be used yet. Asks for the configuration alone. */
export const DatabaseLive = Readiness.layer.pipe(Layer.provideMerge(Client.layer), Layer.provideMerge(Pool.layer))
