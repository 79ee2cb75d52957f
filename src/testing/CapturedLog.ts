import { type Layer, Logger } from "effect"
import { jsonLine } from "../Logging.js"

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly request_id?: string
  readonly cause?: string
  readonly [annotation: string]: unknown
}

/** A logger that keeps what a service says, as its JSON lines, and the layer that puts it under one. */
export const capturedLog = (): {
  readonly layer: Layer.Layer<never>
  readonly lines: ReadonlyArray<LogLine>
  /** All that was said, as it would stand in a file. */
  readonly text: () => string
} => {
  const texts: Array<string> = []
  const lines: Array<LogLine> = []
  const keep = Logger.map(jsonLine, (line) => {
    texts.push(line)
    lines.push(JSON.parse(line))
  })
  return { layer: Logger.replace(Logger.defaultLogger, keep), lines, text: () => texts.join("\n") }
}
