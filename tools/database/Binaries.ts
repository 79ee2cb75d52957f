import { access, constants, stat } from "node:fs/promises"
import { delimiter, dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import { machineSources, osRelease } from "./Apt.js"
import { otherRelease, ownRelease } from "./AptSources.js"
import { run } from "./Command.js"
import { ServerUnavailable } from "./Errors.js"
import { type ServerKind, unpackedFolder } from "./Paths.js"
import { unpack, unpackedCommand } from "./Unpack.js"

/** A server program that can be started on this machine. */
export interface ServerBinary {
  readonly kind: ServerKind
  readonly version: string
  /** The program to run and the arguments that come before the server's own. */
  readonly command: readonly [string, ...Array<string>]
  /** Options that tell the server where its own files are; none for an installed one, which knows. */
  readonly options: ReadonlyArray<string>
  /** Where its messages and, for MariaDB, the SQL files of the system tables are. */
  readonly share: string
}

const oldestMysql = 8

// Debian keeps servers in sbin, which is not on an ordinary user's PATH.
const searchPath = (): ReadonlyArray<string> => [
  ...(process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""),
  "/usr/sbin",
  "/usr/local/sbin"
]

const candidates = (names: ReadonlyArray<string>) =>
  Effect.promise(async () => {
    const found = new Set<string>()
    for (const path of names.flatMap((name) => searchPath().map((folder) => join(folder, name)))) {
      const executable = access(path, constants.X_OK).then(
        () => true,
        () => false
      )
      if (await executable) found.add(path)
    }
    return [...found]
  })

/** Gives the version when the program is a usable server of that kind. */
const versionOf = (kind: ServerKind, command: ServerBinary["command"]) => {
  const [program, ...args] = command
  return run(program, [...args, "--version"]).pipe(
    Effect.map((text) => {
      const [, version, major] = /Ver ((\d+)\.\d+\.\d+)/.exec(text) ?? []
      if (version === undefined || /MariaDB/i.test(text) !== (kind === "mariadb")) return undefined
      return kind === "mysql" && Number(major) < oldestMysql ? undefined : version
    }),
    Effect.orElseSucceed(() => undefined)
  )
}

/** Asks an installed server where its shared files are; distributions and versions differ. */
const shareOf = (program: string) =>
  run(program, ["--no-defaults", "--user=root", "--verbose", "--help"]).pipe(
    Effect.map((text) => {
      const charsets = /^character-sets-dir\s+(\/\S+)/m.exec(text)?.[1] ?? "/usr/share/mysql/charsets/"
      return dirname(charsets)
    }),
    Effect.orElseSucceed(() => "/usr/share/mysql")
  )

const installed = (kind: ServerKind) =>
  Effect.gen(function* () {
    for (const program of yield* candidates(kind === "mysql" ? ["mysqld"] : ["mariadbd", "mysqld"])) {
      const version = yield* versionOf(kind, [program])
      if (version === undefined) continue
      const share = kind === "mariadb" ? yield* shareOf(program) : ""
      return { kind, version, command: [program], options: [], share } satisfies ServerBinary
    }
    return undefined
  })

const programName = (kind: ServerKind): string => (kind === "mysql" ? "mysqld" : "mariadbd")

const unpacked = (kind: ServerKind) =>
  Effect.gen(function* () {
    const folder = unpackedFolder(kind)
    const present = yield* Effect.promise(() =>
      stat(folder).then(
        () => true,
        () => false
      )
    )
    if (!present) return undefined
    const broken = new ServerUnavailable({
      message: `The server in ${folder} does not run. Delete that folder and try again.`
    })
    const command = yield* Effect.tryPromise({
      try: () => unpackedCommand(folder, programName(kind)),
      catch: () => broken
    })
    const version = yield* versionOf(kind, command)
    if (version === undefined) return yield* broken
    const share = join(folder, "share")
    const options = [
      `--basedir=${folder}`,
      `--plugin-dir=${join(folder, "plugin")}`,
      `--lc-messages-dir=${share}`,
      `--character-sets-dir=${join(share, "charsets")}`
    ]
    return { kind, version, command, options, share } satisfies ServerBinary
  })

const advice = (kind: ServerKind): string => {
  const server = kind === "mysql" ? "MySQL 8.0 or later" : "MariaDB"
  const ubuntu = kind === "mysql" ? "mysql-server-core-8.0" : "mariadb-server-core"
  return [
    `There is no ${server} on this machine. Any one of these will do:`,
    `  macOS:          brew install ${kind}`,
    `  Ubuntu, Debian: apt-get install ${ubuntu}`,
    "  elsewhere:      run a server in Docker and set DATABASE_URL=mysql://USER:PASSWORD@HOST:PORT/DATABASE"
  ].join("\n")
}

const fetchServer = (kind: ServerKind) =>
  Effect.gen(function* () {
    const unavailable = new ServerUnavailable({ message: advice(kind) })
    const tools = yield* candidates(["apt-get", "dpkg"])
    const { ID, VERSION_CODENAME = "" } = yield* osRelease
    if (tools.length < 2 || !["x64", "arm64"].includes(process.arch)) return yield* unavailable
    const own = ownRelease(yield* machineSources, VERSION_CODENAME)
    // Debian's stable releases carry no MySQL, its unstable one does. Ubuntu has neither that release nor Debian's keys.
    const sources =
      kind === "mariadb" && (ID === "debian" || ID === "ubuntu")
        ? own
        : kind === "mysql" && ID === "debian"
          ? otherRelease(own, "sid")
          : []
    if (sources.length === 0) return yield* unavailable
    yield* unpack(kind, programName(kind), sources, `${kind}-server-core`)
    return (yield* unpacked(kind)) ?? (yield* unavailable)
  })

/** Finds a server of the wanted kind: an installed one, else the one unpacked before, else one that is fetched now. */
export const findServer = (kind: ServerKind): Effect.Effect<ServerBinary, ServerUnavailable> =>
  Effect.gen(function* () {
    return (yield* installed(kind)) ?? (yield* unpacked(kind)) ?? (yield* fetchServer(kind))
  })
