import * as Layer from "effect/Layer"
import * as Client from "../Database/Client.js"
import * as Pool from "../Database/Pool.js"
import * as Refusals from "../Database/Refusals.js"
import * as Run from "../Database/Run.js"
import * as Startup from "./Startup.js"

/** The connection to the bots' database, and whether it may be used yet. Asks for the configuration alone. */
export const DatabaseLive = Startup.layer.pipe(
  Layer.provideMerge(Layer.merge(Client.layer, Run.layer)),
  Layer.provideMerge(Pool.layer),
  Layer.provideMerge(Refusals.layer)
)
