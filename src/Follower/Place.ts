import * as Option from "effect/Option"
import * as Order from "effect/Order"

/** A point in one server's binary log, always the end of a transaction or of what stands for one. */
export interface Place {
  /** Such as `binlog.000012`. */
  readonly file: string
  /** The number at the end of the file's name: files follow each other by it. */
  readonly number: number
  /** In bytes. More than 32 bits: one transaction can make a file longer than 4 GiB. */
  readonly offset: number
}

/**
 * A place that can be told from one of another log, and so be kept. After RESET, or on another server, the same name and
 * offset exist again: the server's id and the file's time of birth (seconds since 1970, from its first event) differ.
 */
export interface Anchor extends Place {
  readonly server: string
  readonly born: number
}

const numberOf = (file: string): number => Number(file.slice(file.lastIndexOf(".") + 1))

export const make = (file: string, offset: number): Place => ({ file, number: numberOf(file), offset })

/** By number, not by name: `binlog.1000000` comes after `binlog.999999`. */
export const order: Order.Order<Place> = Order.combine(
  Order.mapInput(Order.number, ({ number }: Place) => number),
  Order.mapInput(Order.number, ({ offset }: Place) => offset)
)

export const isBefore = Order.lessThan(order)
export const isAfter = Order.greaterThan(order)
export const max = Order.max(order)

export const format = ({ file, offset }: Place): string => `${file}:${offset}`

/** As it is kept in a column: `binlog.000012:1234 1767225600 0b6e…`. */
export const formatAnchor = (anchor: Anchor): string => `${format(anchor)} ${anchor.born} ${anchor.server}`

export const parseAnchor = (text: string): Option.Option<Anchor> => {
  const [, file, offset, born, server] = /^(.+\.\d+):(\d+) (\d+) (\S+)$/.exec(text) ?? []
  return file === undefined || server === undefined
    ? Option.none()
    : Option.some({ ...make(file, Number(offset)), born: Number(born), server })
}
