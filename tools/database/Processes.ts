import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"

/** What is known of a process of this machine by its id. On Linux from /proc, elsewhere from `ps`. */

export const attempt = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

const linux = process.platform === "linux"

const ps = (pid: number, fields: string) =>
  attempt(() =>
    execFileSync("ps", ["-o", fields, "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  )

export const commandLine = (pid: number): string | undefined =>
  linux ? attempt(() => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")) : ps(pid, "command=")

/** The letter of its state, and its parent's id. */
const stateOf = (pid: number): readonly [state: string, parent: number] | undefined => {
  // On Linux `pid (name) state parent ...`, where the name may hold anything.
  const text = linux ? attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8")) : ps(pid, "state=,ppid=")
  const [, state, parent] = /(?:^\s*|.*\) )(\S)\S*\s+(\d+)/s.exec(text ?? "") ?? []
  return state === undefined ? undefined : [state, Number(parent)]
}

export const parentOf = (pid: number): number | undefined => stateOf(pid)?.[1]

/** Not one that has ended, and waits for its parent to take notice. */
export const alive = (pid: number): boolean => !["Z", "X", undefined].includes(stateOf(pid)?.[0])

export const signal = (pid: number, name: NodeJS.Signals): void => {
  attempt(() => process.kill(pid, name))
}
