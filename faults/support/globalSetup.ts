import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { table } from "./Table.js"

declare module "vitest" {
  interface ProvidedContext {
    /** Where the files leave their figures, and the ids of the processes that they start. */
    readonly runFolder: string
  }
}

/** Ends services that a killed test file left. An id may be another's process by now: ours name their file. */
const endLeftovers = (runFolder: string) => {
  const lines = (path: string): string => {
    try {
      return readFileSync(path, "utf8")
    } catch {
      return ""
    }
  }
  for (const pid of lines(`${runFolder}/pids`).split("\n").filter(Boolean)) {
    if (!lines(`/proc/${pid}/cmdline`).includes("main.mjs")) continue
    try {
      process.kill(Number(pid), "SIGKILL")
    } catch {
      // It has just ended by itself.
    }
  }
}

export default function setup(project: TestProject): () => void {
  const runFolder = mkdtempSync(join(tmpdir(), "faults-"))
  const kind = process.env.TEST_DATABASE === "mariadb" ? "mariadb" : "mysql"
  const started = performance.now()
  project.provide("runFolder", runFolder)
  return () => {
    endLeftovers(runFolder)
    const seconds = Math.round((performance.now() - started) / 1000)
    process.stderr.write(`\nFaults on ${kind}, ${seconds} s\n\n${table(runFolder)}\n\n`)
    rmSync(runFolder, { recursive: true, force: true })
  }
}
