import { constants } from "node:fs"
import { cp, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import type { ServerBinary } from "./Binaries.js"
import { run } from "./Command.js"
import { StartFailed } from "./Errors.js"
import { withLock } from "./Lock.js"
import { inHome, templateFolder } from "./Paths.js"
import { baseCommand } from "./ServerOptions.js"

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false
  )

// The order in which MariaDB's own `mariadb-install-db` reads them; newer versions say `mariadb_` where older ones say `mysql_`.
const systemSql = [
  /^(mysql|mariadb)_system_tables\.sql$/,
  /^(mysql|mariadb)_performance_tables\.sql$/,
  /^(mysql|mariadb)_system_tables_data\.sql$/,
  /^maria_add_gis_sp_bootstrap\.sql$/,
  /^(mysql|mariadb)_sys_schema\.sql$/
]

/** What `mariadb-install-db` feeds to the server. That shell script itself needs programs at the paths it was built for. */
const bootstrapSql = async (share: string): Promise<string> => {
  const names = await readdir(share)
  const files = systemSql.flatMap((pattern) => names.filter((name) => pattern.test(name)).slice(0, 1))
  if (files.length < systemSql.length) throw new Error(`the SQL files of MariaDB's system tables are not in ${share}`)
  const texts = await Promise.all(files.map((name) => readFile(join(share, name), "utf8")))
  // The variable chooses a root without a password over one that only the system's root can be.
  return ["CREATE DATABASE IF NOT EXISTS mysql;", "USE mysql;", "SET @auth_root_socket=NULL;", ...texts].join("\n")
}

const initialise = (binary: ServerBinary, dataFolder: string) =>
  Effect.gen(function* () {
    const [program = "", ...args] = [...baseCommand(binary), `--datadir=${dataFolder}`]
    if (binary.kind === "mysql") return yield* run(program, [...args, "--initialize-insecure"])
    const input = yield* Effect.tryPromise(() => bootstrapSql(binary.share))
    const options = ["--bootstrap", "--log-warnings=0", "--enforce-storage-engine=", "--max-allowed-packet=8M"]
    return yield* run(program, [...args, ...options], { input })
  })

/** Makes a folder in one step: it is filled under another name first, so that a killed attempt leaves nothing half done. */
const appear = <A, E, R>(target: string, fill: (draft: string) => Effect.Effect<A, E, R>) => {
  const folder = dirname(target)
  const prefix = `.${basename(target)}.draft-`
  const draft = join(folder, `${prefix}${process.pid}`)
  return Effect.gen(function* () {
    yield* Effect.tryPromise(async () => {
      const leftovers = (await readdir(folder)).filter((name) => name.startsWith(prefix))
      for (const name of leftovers) await rm(join(folder, name), { recursive: true, force: true })
      await mkdir(draft, { recursive: true, mode: 0o700 })
    })
    yield* fill(draft)
    yield* Effect.tryPromise(() =>
      rename(draft, target).catch(async (error) => {
        if (!(await exists(target))) throw error
      })
    )
  }).pipe(Effect.ensuring(Effect.promise(() => rm(draft, { recursive: true, force: true }))))
}

/** An initialised and never started data folder per version: copying it takes a tenth of the time that initialising does. */
const template = (binary: ServerBinary) => {
  const target = templateFolder(binary.kind, binary.version)
  return Effect.gen(function* () {
    if (yield* Effect.promise(() => exists(target))) return target
    process.stderr.write(`database: initialising a data folder for ${binary.kind} ${binary.version}, once\n`)
    yield* appear(target, (draft) => initialise(binary, draft))
    return target
  }).pipe(withLock(`${target}.lock`))
}

/** Makes sure that a home has an initialised data folder. */
export const prepareDataFolder = (binary: ServerBinary, home: string): Effect.Effect<void, StartFailed> =>
  Effect.gen(function* () {
    const { dataFolder } = inHome(home)
    if (yield* Effect.promise(() => exists(dataFolder))) return
    const source = yield* template(binary)
    yield* appear(dataFolder, (draft) =>
      Effect.tryPromise(async () => {
        await cp(source, draft, { recursive: true, mode: constants.COPYFILE_FICLONE })
        // Each server has an identity of its own; a missing one is made anew at the start.
        await rm(join(draft, "auto.cnf"), { force: true })
      })
    )
  }).pipe(
    Effect.mapError((error) => {
      const output = error._tag === "CommandFailed" ? `\n${error.output}` : ""
      return new StartFailed({ message: `Could not initialise a data folder in ${home}: ${error.message}${output}` })
    })
  )
