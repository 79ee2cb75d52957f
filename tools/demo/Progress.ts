import { timeLeft } from "../../src/Domain/TimeLeft.js"

/**
 * Progress on stderr, with the time that is left by the pace so far: a bar that redraws itself on a terminal, a line for
 * each quarter of the work anywhere else.
 */
export interface ProgressOutput {
  readonly write: (text: string) => unknown
  readonly isTTY?: boolean
}

export interface Progress {
  readonly update: (done: number, total: number) => void
  /** Ends the bar's line; `note` is shown behind it. */
  readonly finish: (note?: string) => void
}

const width = 28
/** Milliseconds between two drawings of the bar. */
const pause = 80

const figure = new Intl.NumberFormat("en-US")

/** `clock` gives milliseconds. */
export const makeProgress = (
  label: string,
  output: ProgressOutput = process.stderr,
  clock: () => number = () => performance.now()
): Progress => {
  const terminal = output.isTTY === true
  const begun = clock()
  let drawn = 0
  let quarter = 0
  let line = ""

  const draw = (next: string): void => {
    output.write(`\r${next.padEnd(line.length)}`)
    line = next
  }

  return {
    update: (done, total) => {
      const share = total > 0 ? Math.min(1, done / total) : 1
      const percent = Math.floor(share * 100)
      const now = clock()
      const rest = timeLeft((now - begun) / 1000, share)
      const rows = `${figure.format(done)} of ${figure.format(total)}`
      if (terminal) {
        if (share < 1 && line !== "" && now - drawn < pause) return
        drawn = now
        const filled = Math.round(share * width)
        const bar = "█".repeat(filled) + "░".repeat(width - filled)
        draw(`${label} ${bar} ${String(percent).padStart(3)}%  ${rows}${rest}`)
      } else if (Math.floor(percent / 25) > quarter) {
        quarter = Math.floor(percent / 25)
        output.write(`${label}: ${percent}% (${rows})${rest}\n`)
      }
    },
    finish: (note) => {
      if (terminal) output.write(note === undefined ? "\n" : `  ${note}\n`)
      else if (note !== undefined) output.write(`${label}: ${note}\n`)
    }
  }
}
