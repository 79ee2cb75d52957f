/**
 * How the contract compares text: words without regard to case and surrounding blanks, `bill_id` by code points.
 * Blanks are space, tab, carriage return and line feed, nothing else: a no-break space is a character of the word.
 */

const surroundingBlanks = /^[ \t\r\n]+|[ \t\r\n]+$/g

/** The text without the blanks around it. */
export const trimBlanks = (text: string): string => text.replace(surroundingBlanks, "")

export const isBlank = (text: string): boolean => trimBlanks(text) === ""

// "`status`, `currency` and kinds are compared without regard to case and surrounding blanks"
/** What remains of a word when case and surrounding blanks are set aside. Accents and other letter forms remain. */
export const fold = (text: string): string => trimBlanks(text).toLowerCase()

export const sameWord = (left: string, right: string): boolean => fold(left) === fold(right)

// "`currency` fields are in upper case, and amounts of `rub` and `RUB` belong together"
/** The name under which a currency is shown and its amounts are added. */
export const currencyName = (currency: string): string => trimBlanks(currency).toUpperCase()

// "`status` VARCHAR(32) (`PAID`, in any case, is money received; nothing else is)"
export const isPaid = (payment: { readonly status: string }): boolean => sameWord(payment.status, "PAID")

// "`bill_id` is ordered by its code points (binary)"
/**
 * Negative where `left` comes first. Code points, not the UTF-16 units of JavaScript's `<`: U+FFFD comes before an emoji.
 * A text comes before its own continuations.
 */
export const compareCodePoints = (left: string, right: string): number => {
  let i = 0
  while (i < left.length && i < right.length) {
    const a = left.codePointAt(i) ?? 0
    const b = right.codePointAt(i) ?? 0
    if (a !== b) return a - b
    i += a > 0xffff ? 2 : 1
  }
  return left.length - right.length
}
