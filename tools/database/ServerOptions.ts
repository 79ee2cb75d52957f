import type { ServerBinary } from "./Binaries.js"
import { inHome } from "./Paths.js"

export interface ServerSettings {
  readonly home: string
  readonly port: number
  readonly keep: boolean
  readonly bufferPool: string
  /** Options of the server's own, such as `--log-bin=binlog`: they stand last, and so above ours. */
  readonly options: ReadonlyArray<string>
}

const isRoot = process.getuid?.() === 0

/** The start of every command line. `--no-defaults` has to be the first, or the machine's own configuration files are read. */
export const baseCommand = (binary: ServerBinary): ReadonlyArray<string> => [
  ...binary.command,
  "--no-defaults",
  ...binary.options,
  ...(isRoot ? ["--user=root"] : [])
]

/** A log that a reader of changes can follow. MySQL writes one by itself, with rows in full. */
const log = (mysql: boolean): ReadonlyArray<string> =>
  mysql ? [] : ["--log-bin=binlog", "--server-id=1", "--binlog-format=ROW", "--binlog-row-image=FULL"]

/**
 * A kept server keeps little of its log: a file is closed at 16 MB, and deleted an hour later. `loose`: a MariaDB before
 * 10.6 counts in days only.
 */
const shortLog = ["--max-binlog-size=16M", "--loose-binlog-expire-logs-seconds=3600"]

/** The whole command line of a running server. */
export const serverCommand = (binary: ServerBinary, settings: ServerSettings): ReadonlyArray<string> => {
  const { dataFolder, serverPid } = inHome(settings.home)
  const mysql = binary.kind === "mysql"
  return [
    ...baseCommand(binary),
    `--datadir=${dataFolder}`,
    `--pid-file=${serverPid}`,
    // Its own: a MariaDB that starts removes what it takes for leftovers of temporary tables, another server's too.
    `--tmpdir=${settings.home}`,
    "--bind-address=127.0.0.1",
    `--port=${settings.port}`,
    // No Unix socket: nobody uses it, and its path may not be longer than some 100 characters.
    "--socket=",
    "--default-time-zone=+00:00",
    `--innodb-buffer-pool-size=${settings.bufferPool}`,
    "--innodb-buffer-pool-load-at-startup=OFF",
    "--innodb-buffer-pool-dump-at-shutdown=OFF",
    // An empty value, because MySQL's built-in folder does not exist here.
    ...(mysql ? ["--secure-file-priv=", "--mysqlx=OFF"] : []),
    ...log(mysql),
    // Nobody needs to find a throw-away database again after a power cut.
    ...(settings.keep ? shortLog : ["--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0"]),
    ...settings.options
  ]
}
