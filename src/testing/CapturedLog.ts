import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
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
  /** What each of the lines says, without what it is annotated with. */
  readonly messages: ReadonlyArray<string>
  /** All that was said, as it would stand in a file. */
  readonly text: () => string
} => {
  const texts: Array<string> = []
  const lines: Array<LogLine> = []
  const messages: Array<string> = []
  const keep = Logger.map(jsonLine, (line) => {
    const parsed: LogLine = JSON.parse(line)
    texts.push(line)
    lines.push(parsed)
    messages.push(parsed.message)
  })
  return { layer: Logger.replace(Logger.defaultLogger, keep), lines, messages, text: () => texts.join("\n") }
}
