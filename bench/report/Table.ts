/** Plain text tables: the first column to the left, figures to the right. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd()
  return [line(head), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n")
}

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 })

/** A figure with about three digits that mean something. */
export const figure = (value: number): string => {
  if (!Number.isFinite(value)) return "–"
  const size = Math.abs(value)
  return size >= 100 ? whole.format(value) : size >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export const times = (ratio: number): string => (Number.isFinite(ratio) ? `${figure(ratio)} ×` : "–")
