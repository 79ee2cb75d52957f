import type { Row } from "@effect/sql/SqlConnection"
import type { RowReader } from "../Database/Driver.js"
import { isHeading } from "../Database/Union.js"
import { MAX_PAGE_BYTES } from "../Domain/Parameters.js"
import type { Position } from "./Cursors.js"
import type { Order } from "./Keys.js"

/** Longer texts are measured in bytes; of shorter ones the letters are counted, which costs less. */
const LONG = 200

const bytesIn = (row: Row): number => {
  let bytes = 0
  for (const name in row) {
    const value = row[name]
    if (typeof value === "string") bytes += value.length < LONG ? value.length : Buffer.byteLength(value)
    else if (value instanceof Uint8Array) bytes += value.length
    else bytes += 8
  }
  return bytes
}

/** Rows of one time and key come in an order of ours: the database has none. Keys that a database takes for equal come as the contract says. */
const inOrder =
  (key: string) =>
  (a: Row, b: Row): number => {
    const [left, right] = [String(a[key]), String(b[key])]
    if (left !== right) return left < right ? 1 : -1
    const [leftText, rightText] = [JSON.stringify(a), JSON.stringify(b)]
    return leftText < rightText ? 1 : leftText > rightText ? -1 : 0
  }

/** Where a page begins: from a position on, or after so many rows of the list. */
export interface Start {
  readonly position: Position | undefined
  readonly offset: bigint
}

/** A page as it was read. */
export interface ReadPage {
  readonly heading: Row | undefined
  readonly rows: ReadonlyArray<Row>
  /** Where the next page begins, beside how many rows were passed; undefined on the last page. */
  readonly next: Omit<Position, "passed"> | undefined
  readonly bytes: number
}

/**
 * Takes the rows of a page's statement as they come, and no more of them than a page may hold.
 *
 * Of rows with the same time and key, copies, the statement gives all: also those that belong on the page before or on the
 * next one. The column `place` tells them from others. It is the number of the page's keys up to and with theirs.
 */
export class PageRows implements RowReader {
  private heading: Row | undefined
  private kept: Array<Row> = []
  private bytes = 0
  private bytesLeftOut = 0
  /** The `place` of the first row that there was no more room for. */
  private cutAt: number | undefined
  private firstPlace: number | undefined
  /** How many copies at the front were on the pages before. */
  private seen = 0
  /** How many of them are let go already. Then the copies are too many to be held and put in order, and stay as they came. */
  private dropped: number | undefined

  constructor(
    private readonly order: Order,
    private readonly limit: number,
    private readonly start: Start
  ) {}

  get rows(): ReadonlyArray<Row> {
    return this.heading === undefined ? this.kept : [this.heading, ...this.kept]
  }

  take(row: Row): boolean {
    if (isHeading(row)) {
      this.heading = row
      return true
    }
    const place = Number(row.place)
    if (this.firstPlace === undefined) {
      this.firstPlace = place
      this.seen = this.isAtStart(row) ? (this.start.position?.seen ?? 0) : 0
    }
    if (this.cutAt === undefined) {
      if (this.dropped !== undefined && this.dropped < this.seen) {
        this.dropped++
        return true
      }
      const bytes = bytesIn(row)
      if (this.kept.length === 0 || this.bytes + bytes <= MAX_PAGE_BYTES) {
        this.kept.push(row)
        this.bytes += bytes
        return true
      }
      if (place === this.firstPlace && this.dropped === undefined) {
        const dropped = this.kept.splice(0, this.seen)
        this.dropped = dropped.length
        this.bytes -= dropped.reduce((sum, one) => sum + bytesIn(one), 0)
        return this.take(row)
      }
      this.cutAt = place
    }
    // A short rest is read and let go: the connection stays whole.
    this.bytesLeftOut += bytesIn(row)
    return this.bytesLeftOut <= MAX_PAGE_BYTES
  }

  private isAtStart(row: Row): boolean {
    const { position } = this.start
    return (
      position !== undefined &&
      row[this.order.time] === position.time &&
      String(keyIn(row, this.order)) === String(position.key)
    )
  }

  /**
   * Where the page begins within copies, and how many of them lie before it can't be told from these rows: the position of
   * the first one.
   */
  get unclear(): Omit<Position, "passed" | "seen"> | undefined {
    const [first] = this.kept
    if (first === undefined || this.start.position !== undefined || this.start.offset === 0n) return undefined
    const keys = this.firstPlace ?? 0
    const isAlone = this.cutAt === undefined && Number(this.kept.at(-1)?.place) === keys && keys > this.limit
    return this.dropped !== undefined || (isAlone && this.kept.length > keys)
      ? positionOf(first, this.order)
      : undefined
  }

  page(): ReadPage {
    const { cutAt, kept, order } = this
    const groups: Array<Array<Row>> = []
    for (const row of kept) {
      const group = groups.at(-1)
      if (group !== undefined && group[0]?.place === row.place) group.push(row)
      else groups.push([row])
    }
    const last = groups.at(-1)
    // Copies of which not all were read can't be put in order: they begin the next page.
    if (groups.length > 1 && last !== undefined && Number(last[0]?.place) === cutAt) groups.pop()
    const isInOrder = this.dropped === undefined
    for (const group of groups) if (group.length > 1 && isInOrder) group.sort(inOrder(order.key))

    const before = this.before(groups[0]?.length ?? 0)
    const rows = groups.flat().slice(before)
    const shown = rows.slice(0, this.limit)
    const end = shown.at(-1)
    const hasMore = rows.length > shown.length || cutAt !== undefined
    if (end === undefined || !hasMore) {
      return { heading: this.heading, rows: shown, next: undefined, bytes: this.bytes }
    }
    const isSplit = (rows[shown.length]?.place ?? cutAt) === end.place
    const copies = shown.filter(({ place }) => place === end.place).length
    const earlier = Number(end.place) === this.firstPlace ? before + (this.dropped ?? 0) : 0
    return {
      heading: this.heading,
      rows: shown,
      next: { ...positionOf(end, order), ...(isSplit ? { seen: earlier + copies } : {}) },
      bytes: this.bytes
    }
  }

  /** How many of the first copies lie before the page. */
  private before(copies: number): number {
    if (this.dropped !== undefined) return 0
    if (this.start.position !== undefined) return Math.min(this.seen, copies)
    return this.start.offset === 0n ? 0 : copies - (this.firstPlace ?? 0)
  }
}

/** Bytes stay what they are as text of hexadecimal digits. */
const keyIn = (row: Row, { key }: Order): unknown => {
  const value = row[key]
  return Buffer.isBuffer(value) ? value.toString("hex") : value
}

const positionOf = (row: Row, order: Order): Omit<Position, "passed" | "seen"> => {
  const [time, key] = [row[order.time], keyIn(row, order)]
  return {
    time: typeof time === "string" ? time : null,
    key: typeof key === "string" || typeof key === "number" ? key : null
  }
}
