/** Exact money: an amount is a bigint of hundred-millionths (DECIMAL(20,8) times 10^8). */

export const scale = 100_000_000n

/** `"-12.5"` → `-1250000000n`. At most 8 decimals. */
export const parseMoney = (text: string): bigint => {
  const match = /^(-?)(\d+)(?:\.(\d{1,8}))?$/.exec(text)
  if (match === null) throw new Error(`Not a DECIMAL(20,8): ${text}`)
  const [, sign, whole = "", decimals = ""] = match
  const amount = BigInt(whole + decimals.padEnd(8, "0"))
  return sign === "-" ? -amount : amount
}

// "A money number is the double nearest to the exact decimal."
/**
 * The double nearest to the fraction, ties to even; `denominator` > 0.
 *
 * The quotient is taken to 128 binary places, and one more bit says whether anything was left over. That is well over the
 * 53 bits of a double for everything from 10^-20 up, and `Number(bigint)` rounds to the nearest, ties to even.
 */
export const nearestDouble = (numerator: bigint, denominator: bigint): number => {
  if (numerator < 0n) return -nearestDouble(-numerator, denominator)
  const shifted = numerator << 128n
  const leftOver = shifted % denominator === 0n ? 0n : 1n
  return Number(((shifted / denominator) << 1n) | leftOver) / 2 ** 129
}
