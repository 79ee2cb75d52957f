import type { BigResult } from "../measure/Big.js"
import type { BusyResult } from "../measure/Busy.js"
import type { FirstBuildResult } from "../measure/FirstBuild.js"
import type { Growth } from "../measure/Growth.js"
import type { StartResult } from "../measure/Start.js"
import type { BuildName, RouteThroughput, ServerName } from "../measure/Throughput.js"
import type { WritersResult } from "../measure/Writers.js"
import type { Size } from "../Sizes.js"
import type { Figures } from "../servers/Servers.js"

/** Everything that a run has found; `results.json` is this. What was not asked for is not there. */
export interface Results {
  readonly machine: Machine
  readonly run: {
    readonly startedAt: string
    readonly minutes: number
    readonly rounds: number
    readonly seconds: number
    readonly sizes: ReadonlyArray<DatabaseResult>
  }
  readonly throughput?: {
    readonly size: Size
    readonly connections: number
    readonly routes: ReadonlyArray<RouteThroughput<ServerName>>
  }
  readonly against?: {
    readonly size: Size
    readonly connections: number
    /** Tells the build that this one is compared with. */
    readonly digest: string
    readonly routes: ReadonlyArray<RouteThroughput<BuildName>>
  }
  readonly growth?: Growth
  readonly writers?: WritersResult & { readonly size: Size }
  readonly busy?: BusyResult
  /** What was written and did not show in the very next answer. */
  readonly stale?: ReadonlyArray<string>
  readonly start?: StartResult
  readonly firstBuild?: ReadonlyArray<FirstBuildResult>
  readonly big?: BigResult & { readonly size: Size }
}

export interface DatabaseResult {
  readonly size: Size
  readonly rows: { readonly users: number; readonly payments: number; readonly subscriptions: number }
  readonly figures: Figures
  /** How many answers of the service and the plain server were found to be the same. */
  readonly compared: number
}

export interface Machine {
  readonly processors: string
  readonly memory: string
  readonly system: string
  readonly node: string
  readonly database: string
  /** The commit that was measured, with a mark where the tree had changes. */
  readonly commit: string
}
