import { readFileSync } from "node:fs"

/** The figures of a whole run, in columns. */

const COLUMNS = [
  ["fault", "fault"],
  ["requests", "requests"],
  ["wrong", "wrong"],
  ["dropped", "dropped"],
  ["statuses", "statuses"],
  ["recovery", "recovery ms"],
  ["connections", "connections after"],
  ["note", "more"]
] as const

const textOf = (value: unknown): string =>
  value === undefined ? "" : typeof value === "number" ? String(Math.round(value)) : String(value)

export const table = (runFolder: string): string => {
  let lines: ReadonlyArray<string>
  try {
    lines = readFileSync(`${runFolder}/figures`, "utf8").trim().split("\n")
  } catch {
    return "no figures"
  }
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const cells = [COLUMNS.map(([, title]) => title), ...rows.map((row) => COLUMNS.map(([key]) => textOf(row[key])))]
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const text = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(" | ")
      .trimEnd()
  )
  text.splice(1, 0, widths.map((width) => "-".repeat(width)).join("-|-"))
  return text.join("\n")
}
