/**
 * A small seeded generator (sfc32): the same seed gives the same numbers on every machine. It makes demo data, never secrets.
 */
export type Some<A> = readonly [A, ...ReadonlyArray<A>]

export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** `stream` tells apart independent sequences of one seed. */
  constructor(seed: number, stream: number) {
    this.#a = seed | 0
    this.#b = Math.imul(stream + 1, 0x9e3779b1)
    this.#c = 0x243f6a88
    for (let i = 0; i < 16; i++) this.bits()
  }

  /** 32 random bits, as a whole number from 0 to 2^32 − 1. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return this.bits() / 0x1_0000_0000
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1))
  }

  /** True in `share` (0 to 1) of the calls. */
  chance(share: number): boolean {
    return this.fraction() < share
  }

  pick<A>(items: Some<A>): A {
    return items[Math.floor(this.fraction() * items.length)] ?? items[0]
  }

  /** One of the items, each as often as its weight says. */
  weighted<A>(items: Some<readonly [item: A, weight: number]>): A {
    let left = this.fraction() * items.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [item, weight] of items) {
      left -= weight
      if (left < 0) return item
    }
    return items[0][0]
  }

  /** Exponentially distributed with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.fraction())
  }

  /** Lower-case hexadecimal digits. */
  hex(digits: number): string {
    let text = ""
    while (text.length < digits) text += this.bits().toString(16).padStart(8, "0")
    return text.slice(0, digits)
  }

  /** The look of a version 4 UUID. */
  uuid(): string {
    const digits = this.hex(30)
    const [first, second, third, fourth] = [
      digits.slice(0, 8),
      digits.slice(8, 12),
      digits.slice(12, 15),
      digits.slice(15, 18)
    ]
    return `${first}-${second}-4${third}-a${fourth}-${digits.slice(18)}`
  }

  /** Letters and digits, both cases. */
  letters(length: number): string {
    const codes: Array<number> = []
    for (let bits = 0; codes.length < length; bits = Math.floor(bits / alphabet.length)) {
      // 62^5 < 2^32: five letters from each 32 bits.
      if (codes.length % 5 === 0) bits = this.bits()
      codes.push(alphabet.charCodeAt(bits % alphabet.length))
    }
    return String.fromCharCode(...codes)
  }
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
