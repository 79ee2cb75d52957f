import * as BigDecimal from "effect/BigDecimal"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** Money or a percentage in a response: the double nearest to the exact decimal. No id is one, by its type. */
export const Decimal = Schema.JsonNumber.pipe(
  Schema.brand("Decimal"),
  Schema.annotations({
    identifier: "Decimal",
    jsonSchema: {
      type: "number",
      format: "double",
      description: "A decimal as a JSON number: the double nearest to the exact value",
      examples: [199.99]
    }
  })
)
export type Decimal = typeof Decimal.Type

/** A sum of DECIMALs as the driver gives it, kept exact. */
export const ExactColumn = Schema.transform(
  Schema.NullOr(Schema.Union(Schema.String, Schema.Number)),
  Schema.BigDecimalFromSelf,
  {
    strict: true,
    decode: (value) =>
      Option.getOrElse(BigDecimal.fromString(String(value ?? 0)), () => BigDecimal.unsafeFromNumber(0)),
    encode: (value) => BigDecimal.format(value)
  }
)

const zero = BigDecimal.unsafeFromNumber(0)

export const toDecimal = (value: BigDecimal.BigDecimal): Decimal => Decimal.make(BigDecimal.unsafeToNumber(value))

/** The mean, from the exact sum: division goes to 100 digits, far past what a double holds. */
export const mean = (sum: BigDecimal.BigDecimal, count: number): BigDecimal.BigDecimal =>
  count === 0 ? zero : BigDecimal.unsafeDivide(sum, BigDecimal.unsafeFromNumber(count))
