import * as Schema from "effect/Schema"
import { amountOf, decimalOf, type Fact, METRICS } from "./Fact.js"

/** A user's facts as `bot_analytics_users` keeps them: `[metric, label, quarter, n, amount]` of each, as JSON. */
const Stored = Schema.parseJson(
  Schema.Array(
    Schema.Tuple(Schema.Literal(...METRICS), Schema.String, Schema.NullOr(Schema.Int), Schema.Int, Schema.String)
  )
)
const decode = Schema.decodeUnknownSync(Stored)

const textOf = ({ amount, label, metric, n, quarter }: Fact): string =>
  JSON.stringify([metric, label, quarter, n, decimalOf(amount)])

/** Equal facts, equal texts, in whatever order they come. */
export const encodeFacts = (facts: ReadonlyArray<Fact>): string => `[${facts.map(textOf).sort().join(",")}]`

export const decodeFacts = (text: string): ReadonlyArray<Fact> =>
  decode(text).map(([metric, label, quarter, n, amount]) => ({ metric, label, quarter, n, amount: amountOf(amount) }))
