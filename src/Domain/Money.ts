import * as BigDecimal from "effect/BigDecimal"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** Money or a percentage on the wire: the double nearest to the exact decimal. */
export const Decimal = Schema.JsonNumber.annotations({
  identifier: "Decimal",
  jsonSchema: {
    type: "number",
    format: "double",
    description: "A decimal as a JSON number: the double nearest to the exact value",
    examples: [199.99]
  }
})

/**
 * A DECIMAL as the driver gives it: text, or a number where an older table has a FLOAT or an integer. A null that the
 * contract knows no meaning for counts as nothing.
 */
export const DecimalColumn = Schema.transform(Schema.NullOr(Schema.Union(Schema.String, Schema.Number)), Decimal, {
  strict: true,
  decode: (value) => Number(value ?? 0),
  encode: (value) => String(value)
})

/** A DECIMAL kept exact, for sums and means. */
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

export const toNumber = (value: BigDecimal.BigDecimal): number => BigDecimal.unsafeToNumber(value)

/** The mean, from the exact sum: division goes to 100 digits, far past what a double holds. */
export const mean = (sum: BigDecimal.BigDecimal, count: number): BigDecimal.BigDecimal =>
  count === 0 ? zero : BigDecimal.unsafeDivide(sum, BigDecimal.unsafeFromNumber(count))
