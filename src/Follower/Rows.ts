import { HEADER, inflate, packed, packedSize } from "./Event.js"

/** Row events: of each row two columns are read, the others are passed over by their widths. */

const WRITE = [23, 24, 25]
const WRITE_V2 = [30, 31, 32]
/** MariaDB's, with the rows compressed by zlib: 166 to 168, and 169 to 171 with the longer header. */
const COMPRESSED = [166, 167, 168]
const COMPRESSED_V2 = [169, 170, 171]
const PARTIAL_UPDATE = 39

const UPDATES = new Set([24, 31, 39, 167, 170])
const LONGER_HEADER = new Set([...WRITE_V2, ...COMPRESSED_V2, PARTIAL_UPDATE])
const IS_COMPRESSED = new Set([...COMPRESSED, ...COMPRESSED_V2])
const ROWS = new Set([...WRITE, ...LONGER_HEADER, ...IS_COMPRESSED])

export const isRows = (kind: number): boolean => ROWS.has(kind)

export const tableIdOf = (event: Buffer): number => event.readUIntLE(HEADER, 6)

/** A table as it was when the rows after it were written. */
export interface TableMap {
  readonly schema: string
  readonly table: string
  readonly types: ReadonlyArray<number>
  /** What a type needs to be read: a length, a precision. */
  readonly metas: ReadonlyArray<number>
  readonly unsigned: ReadonlyArray<boolean> | undefined
  /** With `binlog_row_metadata=FULL` only. */
  readonly names: ReadonlyArray<string> | undefined
}

/** Bytes of metadata, by type: none where it is not here. */
const META_SIZES = new Map([
  ...[4, 5, 17, 18, 19, 140, 242, 245, 249, 250, 251, 252, 255].map((type) => [type, 1] as const),
  ...[15, 16, 141, 246, 247, 248, 253, 254].map((type) => [type, 2] as const)
])

const NUMERIC = new Set([0, 1, 2, 3, 4, 5, 8, 9, 13, 246])
const JSON_TYPE = 245

const SIGNEDNESS = 1
const COLUMN_NAMES = 4

export const tableOf = (event: Buffer): { readonly schema: string; readonly table: string; readonly at: number } => {
  const schemaAt = HEADER + 9
  const schemaEnd = schemaAt + event.readUInt8(schemaAt - 1)
  const tableAt = schemaEnd + 2
  const tableEnd = tableAt + event.readUInt8(tableAt - 1)
  return {
    schema: event.toString("utf8", schemaAt, schemaEnd),
    table: event.toString("utf8", tableAt, tableEnd),
    at: tableEnd + 1
  }
}

const signs = (bits: Buffer, types: ReadonlyArray<number>): ReadonlyArray<boolean> => {
  let i = 0
  return types.map((type) => {
    if (!NUMERIC.has(type)) return false
    const isUnsigned = (bits.readUInt8(i >> 3) & (0x80 >> (i & 7))) !== 0
    i++
    return isUnsigned
  })
}

const texts = (bytes: Buffer): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let at = 0; at < bytes.length; ) {
    const from = at + packedSize(bytes, at)
    const to = from + packed(bytes, at)
    found.push(bytes.toString("utf8", from, to))
    at = to
  }
  return found
}

export const readTableMap = (event: Buffer, end: number): TableMap => {
  const { at: countAt, schema, table } = tableOf(event)
  const count = packed(event, countAt)
  const typesAt = countAt + packedSize(event, countAt)
  const types = [...event.subarray(typesAt, typesAt + count)]
  const metaLengthAt = typesAt + count
  let at = metaLengthAt + packedSize(event, metaLengthAt)
  const metaEnd = at + packed(event, metaLengthAt)
  const metas = types.map((type) => {
    const size = META_SIZES.get(type) ?? 0
    const meta = size === 0 ? 0 : event.readUIntLE(at, size)
    at += size
    return meta
  })
  // Which columns may be NULL is of no interest.
  at = metaEnd + ((count + 7) >> 3)
  let unsigned: ReadonlyArray<boolean> | undefined
  let names: ReadonlyArray<string> | undefined
  while (at < end) {
    const field = event.readUInt8(at)
    const from = at + 1 + packedSize(event, at + 1)
    at = from + packed(event, at + 1)
    if (field === SIGNEDNESS) unsigned = signs(event.subarray(from, at), types)
    if (field === COLUMN_NAMES) names = texts(event.subarray(from, at))
  }
  return { schema, table, types, metas, unsigned, names }
}

const FIXED = new Map([
  ...[1, 13].map((type) => [type, 1] as const),
  [2, 2],
  ...[9, 10, 11, 14].map((type) => [type, 3] as const),
  ...[3, 4, 7].map((type) => [type, 4] as const),
  ...[5, 8, 12].map((type) => [type, 8] as const),
  [6, 0]
])

const DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4]
const decimalWidth = (digits: number): number => Math.floor(digits / 9) * 4 + (DIGITS[digits % 9] ?? 0)

const VARCHAR = new Set([15, 141, 253])
const STRING = 254
const BLOBS = new Set([140, 242, JSON_TYPE, 249, 250, 251, 252, 255])

/** Of a CHAR: its longest length, whose two high bits are hidden in the type; the rest of 254 are ENUM and SET. */
const charLength = (meta: number): number | undefined => {
  const type = meta & 0xff
  if (type === 247 || type === 248) return undefined
  return (type & 0x30) === 0x30 ? meta >> 8 : (meta >> 8) | (((type & 0x30) ^ 0x30) << 4)
}

type Measure = (bytes: Buffer, at: number) => number

const prefixed =
  (longest: number): Measure =>
  (bytes, at) =>
    longest > 255 ? 2 + bytes.readUInt16LE(at) : 1 + bytes.readUInt8(at)

/** How many bytes a value of this type takes: a number where it is always the same, none where the type is not known. */
const measure = (type: number, meta: number): number | Measure | undefined => {
  const fixed = FIXED.get(type)
  if (fixed !== undefined) return fixed
  if (VARCHAR.has(type)) return prefixed(meta)
  if (BLOBS.has(type)) return (bytes, at) => meta + bytes.readUIntLE(at, meta)
  switch (type) {
    case 16:
      return (meta >> 8) + ((meta & 0xff) > 0 ? 1 : 0)
    case 17:
      return 4 + ((meta + 1) >> 1)
    case 18:
      return 5 + ((meta + 1) >> 1)
    case 19:
      return 3 + ((meta + 1) >> 1)
    case 246:
      return decimalWidth((meta & 0xff) - (meta >> 8)) + decimalWidth(meta >> 8)
    case STRING: {
      const length = charLength(meta)
      return length === undefined ? meta >> 8 : prefixed(length)
    }
    default:
      return undefined
  }
}

type Read = (bytes: Buffer, at: number) => string

const text =
  (longest: number): Read =>
  (bytes, at) => {
    const size = longest > 255 ? 2 : 1
    return bytes.toString("latin1", at + size, at + size + bytes.readUIntLE(at, size))
  }

const reader = (type: number, meta: number, isUnsigned: boolean): Read | undefined => {
  switch (type) {
    case 1:
      return (bytes, at) => String(isUnsigned ? bytes.readUInt8(at) : bytes.readInt8(at))
    case 2:
      return (bytes, at) => String(isUnsigned ? bytes.readUInt16LE(at) : bytes.readInt16LE(at))
    case 9:
      return (bytes, at) => String(isUnsigned ? bytes.readUIntLE(at, 3) : bytes.readIntLE(at, 3))
    case 3:
      return (bytes, at) => String(isUnsigned ? bytes.readUInt32LE(at) : bytes.readInt32LE(at))
    case 8:
      return (bytes, at) => {
        const high = isUnsigned ? bytes.readUInt32LE(at + 4) : bytes.readInt32LE(at + 4)
        // Up to 53 bits as a number, which is quicker.
        return high >= -0x200000 && high < 0x200000
          ? String(high * 0x100000000 + bytes.readUInt32LE(at))
          : String(isUnsigned ? bytes.readBigUInt64LE(at) : bytes.readBigInt64LE(at))
      }
    case 15:
    case 253:
      return text(meta)
    case STRING: {
      const length = charLength(meta)
      return length === undefined ? undefined : text(length)
    }
    default:
      return undefined
  }
}

/** How to read two columns of a table's rows. */
export interface Plan {
  readonly measures: ReadonlyArray<number | Measure>
  readonly jsonColumns: number
  readonly first: number
  readonly second: number
  readonly readFirst: Read
  readonly readSecond: Read
}

export interface Layout {
  readonly names: ReadonlyArray<string>
  readonly unsigned: ReadonlyArray<boolean>
}

/** None where the two columns are not there or are of a type that is not read, or any column is of one that is not known. */
export const plan = (
  { metas, types, unsigned }: TableMap,
  layout: Layout,
  first: string,
  second: string
): Plan | undefined => {
  if (layout.names.length !== types.length) return undefined
  const indexOf = (name: string) => layout.names.findIndex((other) => other.toLowerCase() === name.toLowerCase())
  const readerOf = (i: number) => {
    const [type, meta] = [types[i], metas[i]]
    return type === undefined || meta === undefined
      ? undefined
      : reader(type, meta, (unsigned ?? layout.unsigned)[i] ?? false)
  }
  const [a, b] = [indexOf(first), indexOf(second)]
  const [readFirst, readSecond] = [readerOf(a), readerOf(b)]
  const measures = types.flatMap((type, i) => measure(type, metas[i] ?? 0) ?? [])
  if (readFirst === undefined || readSecond === undefined || measures.length < types.length) return undefined
  return {
    measures,
    jsonColumns: types.filter((type) => type === JSON_TYPE).length,
    first: a,
    second: b,
    readFirst,
    readSecond
  }
}

/** `undefined`: the image does not have it. */
export type Value = string | null | undefined

const bit = (bytes: Buffer, at: number, i: number): boolean => ((bytes[at + (i >> 3)] ?? 0) & (1 << (i & 7))) !== 0

const ones = (bytes: Buffer, at: number, count: number): number => {
  let found = 0
  for (let i = 0; i < count; i++) if (bit(bytes, at, i)) found++
  return found
}

/** Calls for each image of each row, both of an UPDATE's. Throws where an image is not formed as its table says. */
export const readRows = (
  event: Buffer,
  end: number,
  kind: number,
  { first, jsonColumns, measures, readFirst, readSecond, second }: Plan,
  found: (first: Value, second: Value) => void
): void => {
  let at = HEADER + 8
  // Its length counts itself.
  if (LONGER_HEADER.has(kind)) at += event.readUInt16LE(at)
  const count = packed(event, at)
  if (count !== measures.length) throw new Error("another number of columns")
  at += packedSize(event, at)
  const bitmap = (count + 7) >> 3
  const isUpdate = UPDATES.has(kind)
  const before = at
  const after = isUpdate ? before + bitmap : before
  at = after + bitmap
  const bytes = IS_COMPRESSED.has(kind) ? inflate(event.subarray(at, end)) : event
  const stop = bytes === event ? end : bytes.length
  if (bytes !== event) at = 0

  const image = (present: number, width: number) => {
    let nulls = 0
    const nullsAt = at
    at += (width + 7) >> 3
    let a: Value
    let b: Value
    for (let i = 0; i < count; i++) {
      if (!bit(event, present, i)) continue
      if (bit(bytes, nullsAt, nulls++)) {
        if (i === first) a = null
        else if (i === second) b = null
        continue
      }
      if (i === first) a = readFirst(bytes, at)
      else if (i === second) b = readSecond(bytes, at)
      const size = measures[i] ?? 0
      at += typeof size === "number" ? size : size(bytes, at)
    }
    if (at > stop) throw new Error("a row is longer than its event")
    found(a, b)
  }

  const widthBefore = ones(event, before, count)
  const widthAfter = ones(event, after, count)
  while (at < stop) {
    image(before, widthBefore)
    if (!isUpdate) continue
    if (kind === PARTIAL_UPDATE) {
      // A bit for each JSON column says whether its value is a difference only; both have the same width.
      const options = packed(bytes, at)
      at += packedSize(bytes, at) + ((options & 1) !== 0 ? (jsonColumns + 7) >> 3 : 0)
    }
    image(after, widthAfter)
  }
}
