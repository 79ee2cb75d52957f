/** How many payments the measured bot has; the rest of the data goes with it. */
export interface Size {
  /** As people write it: `100k`. */
  readonly name: string
  readonly payments: number
}

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1000, m: 1_000_000 }

/** Reads `10k`, `1m` or `2500`. */
export const parseSize = (text: string): Size => {
  const [, digits, unit = ""] = /^([1-9]\d*)([km]?)$/.exec(text.trim().toLowerCase()) ?? []
  if (digits === undefined) throw new Error(`"${text}" is no size: write 10k, 100k, 1m or 10m`)
  return { name: `${digits}${unit}`, payments: Number(digits) * (UNITS[unit] ?? 1) }
}
