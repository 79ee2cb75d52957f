import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { type AptSource, formatDeb822, parseDeb822, parseOneLine } from "./AptSources.js"
import { run } from "./Command.js"

const readOrEmpty = (path: string) => readFile(path, "utf8").catch(() => "")

/** The archives that the machine's apt is set up with. Files that apt itself would not read are left out. */
export const machineSources: Effect.Effect<ReadonlyArray<AptSource>> = Effect.promise(async () => {
  const folder = "/etc/apt/sources.list.d"
  const names = (await readdir(folder).catch(() => [])).sort()
  const main = parseOneLine(await readOrEmpty("/etc/apt/sources.list"))
  const parts = await Promise.all(
    names.map(async (name) => {
      if (name.endsWith(".sources")) return parseDeb822(await readOrEmpty(join(folder, name)))
      return name.endsWith(".list") ? parseOneLine(await readOrEmpty(join(folder, name))) : []
    })
  )
  return [main, ...parts].flat()
})

/** The fields of `/etc/os-release`; none where there is no such file. */
export const osRelease: Effect.Effect<Readonly<Record<string, string>>> = Effect.promise(async () => {
  const text = await readOrEmpty("/etc/os-release")
  return Object.fromEntries([...text.matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, name, value]) => [name, value]))
})

// Everything that apt would read from or write to the system's own state is turned towards the private folder. Proxy settings and
// the keyrings stay the machine's. The hooks are cleared because they act on the system's package cache.
const configuration = (folder: string): string =>
  `${[
    "#clear APT::Update::Pre-Invoke;",
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
    "#clear DPkg::Pre-Install-Pkgs;",
    "#clear DPkg::Pre-Invoke;",
    "#clear DPkg::Post-Invoke;",
    `Dir::Etc::sourcelist "${folder}/private.sources";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferences "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    `Dir::State "${folder}/state";`,
    `Dir::State::status "${folder}/status";`,
    `Dir::Cache "${folder}/cache";`,
    'Acquire::Languages "none";',
    // An ordinary user may not lock apt, and the private folder is guarded by a lock of our own.
    'Debug::NoLocking "1";',
    // Run as root, apt would download as a user who may not be able to enter the project's folder.
    'APT::Sandbox::User "root";'
  ].join("\n")}\n`

/**
 * Downloads a package and all that it depends on, with apt's own checks of the signatures, and touches nothing of the system:
 * apt gets a private world in which no package is installed yet. Gives the paths of the packages.
 */
export const download = (folder: string, sources: ReadonlyArray<AptSource>, packageName: string) =>
  Effect.gen(function* () {
    const config = join(folder, "apt.conf")
    const archives = join(folder, "cache/archives")
    yield* Effect.promise(async () => {
      await mkdir(join(folder, "state/lists/partial"), { recursive: true })
      await mkdir(join(archives, "partial"), { recursive: true })
      await writeFile(join(folder, "status"), "")
      await writeFile(join(folder, "private.sources"), formatDeb822(sources))
      await writeFile(config, configuration(folder))
    })
    const apt = (...args: ReadonlyArray<string>) =>
      run("apt-get", ["-c", config, "-q", "-y", ...args], { environment: { DEBIAN_FRONTEND: "noninteractive" } })
    // Without this option a failed download of the lists is a warning only, and stale or no lists would be used.
    yield* apt("-o", "APT::Update::Error-Mode=any", "update")
    yield* apt("--no-install-recommends", "--download-only", "install", packageName)
    const names = yield* Effect.promise(() => readdir(archives))
    return names.filter((name) => name.endsWith(".deb")).map((name) => join(archives, name))
  })
