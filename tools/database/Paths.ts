import { randomBytes } from "node:crypto"
import { mkdirSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The two kinds of server the project supports. */
export type ServerKind = "mysql" | "mariadb"

const folder = fileURLToPath(new URL("../../.database", import.meta.url))
mkdirSync(folder, { recursive: true })

/**
 * Everything this tool writes lives here; deleting the folder (while no server runs) is always safe. Named by its real
 * path: through a link, a server that lives would look like the leftover of one that died.
 */
export const databaseFolder = realpathSync(folder)

export const unpackedFolder = (kind: ServerKind): string => join(databaseFolder, kind)
export const aptFolder = (kind: ServerKind): string => join(databaseFolder, `apt-${kind}`)
export const templateFolder = (kind: ServerKind, version: string): string =>
  join(databaseFolder, "templates", `${kind}-${version}`)
export const throwAwayFolder = join(databaseFolder, "throw-away")

export const keptHome = (kind: ServerKind, name: string): string => join(databaseFolder, "data", `${kind}-${name}`)
export const throwAwayHome = (kind: ServerKind, name: string): string =>
  join(throwAwayFolder, `${kind}-${name}-${process.pid}-${randomBytes(4).toString("hex")}`)

/** What lies in the folder of one server. `supervisor.mjs` knows `supervisor.pid` and `error.log` too. */
export const inHome = (home: string) => ({
  dataFolder: join(home, "data"),
  serverPid: join(home, "server.pid"),
  supervisorPid: join(home, "supervisor.pid"),
  errorLog: join(home, "error.log")
})
