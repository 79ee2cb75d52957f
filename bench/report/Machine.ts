import { execFile } from "node:child_process"
import { cpus, release, totalmem, type } from "node:os"
import { promisify } from "node:util"
import type { DatabaseServer } from "../../tools/database/DatabaseServer.js"
import type { Machine } from "./Results.js"

const git = async (...args: ReadonlyArray<string>): Promise<string> =>
  promisify(execFile)("git", [...args]).then(
    ({ stdout }) => stdout.trim(),
    () => ""
  )

export const describeMachine = async ({ kind, version }: DatabaseServer): Promise<Machine> => {
  const processors = cpus()
  const changes = await git("status", "--porcelain", "--untracked-files=no")
  return {
    processors: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 1e9)} GB`,
    system: `${type()} ${release()}`,
    node: process.version,
    database: `${kind} ${version}`,
    commit: (await git("rev-parse", "--short", "HEAD")) + (changes === "" ? "" : " with changes")
  }
}
