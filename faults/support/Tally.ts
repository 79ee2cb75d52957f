import type { Reply } from "./Ask.js"
import type { Question } from "./Questions.js"

/** What became of a load's requests. */
export type Verdict = "right" | "unavailable" | "wrong" | "dropped"

export interface Judged extends Reply {
  readonly verdict: Verdict
}

const jsonOf = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** A 503 as the contract has it: JSON that says what to do, and when to come again. */
const isUnavailable = ({ answer }: Reply): boolean =>
  !(answer instanceof Error) &&
  answer.status === 503 &&
  /^[1-9]\d*$/.test(String(answer.headers["retry-after"])) &&
  /^application\/json\b/.test(String(answer.headers["content-type"])) &&
  jsonOf(answer.text)._tag === "ServiceUnavailable" &&
  typeof jsonOf(answer.text).message === "string"

export class Tally {
  readonly replies: Array<Judged> = []
  readonly #questions: ReadonlyMap<string, Question>

  constructor(questions: ReadonlyArray<Question>) {
    this.#questions = new Map(questions.map((question) => [question.name, question]))
  }

  #judge(reply: Reply): Verdict {
    if (reply.answer instanceof Error) return "dropped"
    if (isUnavailable(reply)) return "unavailable"
    const { status, text } = reply.answer
    return status === 200 && this.#questions.get(reply.question)?.isRight(text) === true ? "right" : "wrong"
  }

  add(reply: Reply): void {
    this.replies.push({ ...reply, verdict: this.#judge(reply) })
  }

  of(...verdicts: ReadonlyArray<Verdict>): ReadonlyArray<Judged> {
    return this.replies.filter(({ verdict }) => verdicts.includes(verdict))
  }

  get statuses(): ReadonlyMap<number, number> {
    const seen = new Map<number, number>()
    for (const { answer } of this.replies) {
      const status = answer instanceof Error ? 0 : answer.status
      seen.set(status, (seen.get(status) ?? 0) + 1)
    }
    return seen
  }

  get figures() {
    return {
      requests: this.replies.length,
      wrong: this.of("wrong").length,
      dropped: this.of("dropped").length,
      statuses: this.statuses
    }
  }

  /** What went wrong, in words: empty when all is well. */
  get complaints(): ReadonlyArray<string> {
    return this.of("wrong", "dropped")
      .slice(0, 5)
      .map(({ answer, question }) =>
        answer instanceof Error
          ? `${question}: ${answer}`
          : `${question}: ${answer.status} ${answer.text.slice(0, 300)}`
      )
  }

  /** The right answers to requests that were made after that moment, the first one first. */
  rightSince(moment: number): ReadonlyArray<Judged> {
    return this.of("right")
      .filter(({ startedAt }) => startedAt >= moment)
      .sort((a, b) => a.endedAt - b.endedAt)
  }
}

/** The longest that one of these replies took. */
export const longest = (replies: ReadonlyArray<Reply>): number =>
  replies.reduce((most, { endedAt, startedAt }) => Math.max(most, endedAt - startedAt), 0)

/** The time within which 99 of 100 of these replies came. */
export const p99 = (replies: ReadonlyArray<Reply>): number => {
  const times = replies.map(({ endedAt, startedAt }) => endedAt - startedAt).sort((a, b) => a - b)
  return times[Math.ceil(times.length * 0.99) - 1] ?? 0
}
