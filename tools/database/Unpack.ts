import { chmod, copyFile, cp, mkdir, readdir, rename, rm, stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import { download } from "./Apt.js"
import type { AptSource } from "./AptSources.js"
import { run } from "./Command.js"
import { ServerUnavailable } from "./Errors.js"
import { withLock } from "./Lock.js"
import { aptFolder, type ServerKind, unpackedFolder } from "./Paths.js"

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false
  )

const libraryFolders = async (root: string): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for (const parent of [join(root, "usr/lib"), join(root, "lib")]) {
    const names = await readdir(parent).catch(() => [])
    found.push(...names.filter((name) => /-linux-gnu/.test(name)).map((name) => join(parent, name)))
  }
  const own = join(root, "usr/lib/mysql/private")
  return (await exists(own)) ? [...found, own] : found
}

const loaderName = /^ld-linux.*\.so\.\d+$/

const findLoader = async (folders: ReadonlyArray<string>): Promise<string> => {
  for (const folder of folders) {
    const name = (await readdir(folder)).find((name) => loaderName.test(name))
    if (name !== undefined) return join(folder, name)
  }
  throw new Error("the packages hold no dynamic loader")
}

/** The program of an unpacked server and the arguments that come before the server's own. */
export const unpackedCommand = async (
  folder: string,
  program: string
): Promise<readonly [string, ...Array<string>]> => {
  const libraries = join(folder, "lib")
  const loader = await findLoader([libraries])
  return [loader, "--library-path", libraries, join(folder, "bin", program)]
}

// Of some 330 MB the server needs itself, the libraries that the loader names, and its messages, character sets and SQL files.
const keepNeeded = (root: string, target: string, program: string) =>
  Effect.gen(function* () {
    const folders = yield* Effect.promise(() => libraryFolders(root))
    const loader = yield* Effect.tryPromise(() => findLoader(folders))
    const server = join(root, "usr/sbin", program)
    const listing = yield* run(loader, ["--library-path", folders.join(":"), "--list", server])
    const libraries = [...listing.matchAll(/=> (\/\S+)/g)].flatMap(([, path]) => (path?.startsWith(root) ? [path] : []))
    yield* Effect.tryPromise(async () => {
      for (const folder of ["bin", "lib", "plugin"]) await mkdir(join(target, folder), { recursive: true })
      await copyFile(server, join(target, "bin", program))
      await chmod(join(target, "bin", program), 0o755)
      for (const library of new Set([loader, ...libraries])) {
        await copyFile(library, join(target, "lib", basename(library)))
      }
      const shares = [join(root, "usr/share/mysql"), join(root, "usr/share/mariadb")]
      for (const share of shares) {
        if (await exists(share)) await cp(share, join(target, "share"), { recursive: true })
      }
    })
  })

const removeLeftovers = async (target: string) => {
  const names = await readdir(dirname(target))
  const leftovers = names.filter((name) => name.startsWith(`${basename(target)}.unpacking-`))
  for (const name of leftovers) await rm(join(dirname(target), name), { recursive: true, force: true })
}

/**
 * Fetches a server's packages and unpacks what it needs into the project's own folder. The folder appears whole or not at all; what
 * a killed attempt has downloaded is used by the next one.
 */
export const unpack = (kind: ServerKind, program: string, sources: ReadonlyArray<AptSource>, packageName: string) => {
  const target = unpackedFolder(kind)
  const draft = `${target}.unpacking-${process.pid}`
  const work = Effect.gen(function* () {
    if (yield* Effect.promise(() => exists(target))) return
    yield* Effect.promise(() => removeLeftovers(target))
    process.stderr.write(`database: downloading ${packageName} into the project's own folder, once\n`)
    const packages = yield* download(aptFolder(kind), sources, packageName)
    process.stderr.write(`database: unpacking ${packages.length} packages\n`)
    const root = join(draft, "root")
    yield* Effect.promise(() => mkdir(root, { recursive: true }))
    for (const file of packages) yield* run("dpkg", ["-x", file, root])
    yield* keepNeeded(root, join(draft, "server"), program)
    const [loader, ...args] = yield* Effect.tryPromise(() => unpackedCommand(join(draft, "server"), program))
    // Proves that the libraries are complete before anybody relies on the folder.
    yield* run(loader, [...args, "--version"])
    yield* Effect.tryPromise(async () => {
      // When another process got there first the rename fails, and its folder is as good as ours.
      await rename(join(draft, "server"), target).catch(async (error) => {
        if (!(await exists(target))) throw error
      })
      await rm(aptFolder(kind), { recursive: true, force: true })
    })
  }).pipe(Effect.ensuring(Effect.promise(() => rm(draft, { recursive: true, force: true }))))
  return work.pipe(
    withLock(`${target}.lock`),
    Effect.mapError((error) => {
      const output = error._tag === "CommandFailed" ? `\n${error.output}` : ""
      return new ServerUnavailable({ message: `Could not fetch ${packageName}: ${error.message}${output}` })
    })
  )
}
