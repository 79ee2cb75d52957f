/** Events of a binary log, as bytes: written apart from what reads them. */

const u = (size: number, value: number): Buffer => {
  const bytes = Buffer.alloc(size)
  if (size > 6) bytes.writeBigUInt64LE(BigInt(value))
  else bytes.writeUIntLE(value, 0, size)
  return bytes
}

const named = (name: string) => Buffer.concat([u(1, name.length), Buffer.from(name), u(1, 0)])

export interface EventOptions {
  readonly end?: number
  readonly flags?: number
  readonly time?: number
}

export const event = (
  kind: number,
  body: Buffer = Buffer.alloc(0),
  { end = 0, flags = 0, time = 1 }: EventOptions = {}
) => Buffer.concat([u(4, time), u(1, kind), u(4, 1), u(4, 19 + body.length), u(4, end % 2 ** 32), u(2, flags), body])

export const rotate = (file: string, offset: number) =>
  event(4, Buffer.concat([u(8, offset), Buffer.from(file)]), { flags: 0x20 })

/** The last five bytes: the kind of checksum, and room for one. */
export const format = (checksum: 0 | 1, options?: EventOptions) =>
  event(15, Buffer.concat([Buffer.alloc(80), u(1, checksum), u(4, 0)]), options)

export const query = (text: string, options?: EventOptions, schema = "app") =>
  event(
    2,
    Buffer.concat([
      Buffer.alloc(8),
      u(1, schema.length),
      u(2, 0),
      u(2, 3),
      Buffer.alloc(3),
      named(schema).subarray(1),
      Buffer.from(text)
    ]),
    options
  )

export const xid = (end: number) => event(16, Buffer.alloc(8), { end })

export const prepare = (name: string, isCommit: boolean, end: number) =>
  event(38, Buffer.concat([u(1, isCommit ? 1 : 0), u(4, 1), u(4, name.length), u(4, 0), Buffer.from(name)]), { end })

export const mariaGtid = (flags: number) => event(162, Buffer.concat([Buffer.alloc(12), u(1, flags), Buffer.alloc(6)]))

export interface Column {
  readonly type: number
  readonly meta: ReadonlyArray<number>
}

export const INT: Column = { type: 3, meta: [] }

export const tableMap = (id: number, schema: string, table: string, columns: ReadonlyArray<Column>) => {
  const meta = Buffer.from(columns.flatMap(({ meta }) => meta))
  return event(
    19,
    Buffer.concat([
      u(6, id),
      u(2, 1),
      named(schema),
      named(table),
      u(1, columns.length),
      Buffer.from(columns.map(({ type }) => type)),
      u(1, meta.length),
      meta,
      Buffer.alloc((columns.length + 7) >> 3)
    ])
  )
}

/** null: SQL's NULL; undefined: the image leaves the column out. */
export type Cell = Buffer | null | undefined

const bits = (flags: ReadonlyArray<boolean>) => {
  const bytes = Buffer.alloc((flags.length + 7) >> 3)
  flags.forEach((flag, i) => {
    if (flag) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7))
  })
  return bytes
}

const image = (cells: ReadonlyArray<Cell>) => {
  const present = cells.filter((cell) => cell !== undefined)
  return Buffer.concat([bits(present.map((cell) => cell === null)), ...present.flatMap((cell) => cell ?? [])])
}

/** `images`: one for each row, of an UPDATE two; all of one shape. */
export const rows = (kind: number, id: number, images: ReadonlyArray<ReadonlyArray<Cell>>) => {
  const shapes = (kind === 31 ? images.slice(0, 2) : images.slice(0, 1)).map((cells) =>
    bits(cells.map((cell) => cell !== undefined))
  )
  return event(
    kind,
    Buffer.concat([u(6, id), u(2, 1), u(2, 2), u(1, images[0]?.length ?? 0), ...shapes, ...images.map(image)])
  )
}

export const int = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}
