import { inflateSync } from "node:zlib"
import { Decompress } from "fzstd"
import { xidOf } from "./Statement.js"

/**
 * The events of a binary log, as both servers send them: a header of 19 bytes (time u32, kind u8, server u32, length u32,
 * end u32, flags u16), then what the kind has (dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication_binlog_event.html,
 * mariadb.com/kb/en/replication-protocol).
 */
export const HEADER = 19

/** At the end of each event, where the log has checksums. */
export const CHECKSUM = 4

export const Kind = {
  QUERY: 2,
  STOP: 3,
  ROTATE: 4,
  INTVAR: 5,
  FORMAT: 15,
  XID: 16,
  TABLE_MAP: 19,
  INCIDENT: 26,
  HEARTBEAT: 27,
  ROWS_QUERY: 29,
  GTID: 33,
  ANONYMOUS_GTID: 34,
  PREVIOUS_GTIDS: 35,
  TRANSACTION_CONTEXT: 36,
  VIEW_CHANGE: 37,
  XA_PREPARE: 38,
  PARTIAL_UPDATE: 39,
  PAYLOAD: 40,
  HEARTBEAT_V2: 41,
  TAGGED_GTID: 42,
  MARIA_ANNOTATE: 160,
  MARIA_CHECKPOINT: 161,
  MARIA_GTID: 162,
  MARIA_GTID_LIST: 163,
  MARIA_ENCRYPTION: 164,
  MARIA_QUERY_COMPRESSED: 165
} as const

/** The server made it up for the reader; it is not in the log, and its end is none. */
const ARTIFICIAL = 0x20
/** Readers that do not know it may pass over it. */
const IGNORABLE = 0x80

export const timeOf = (event: Buffer): number => event.readUInt32LE(0)
export const kindOf = (event: Buffer): number => event.readUInt8(4)
const flagsOf = (event: Buffer): number => event.readUInt16LE(17)
export const isIgnorable = (event: Buffer): boolean => (flagsOf(event) & IGNORABLE) !== 0

/** Where it ends in its file, of which 32 bits are told; 0: it does not say. */
export const endOf = (event: Buffer): number => ((flagsOf(event) & ARTIFICIAL) !== 0 ? 0 : event.readUInt32LE(13))

/** A number of 1 to 9 bytes. */
export const packedSize = (bytes: Buffer, at: number): number => {
  const first = bytes.readUInt8(at)
  return first < 251 ? 1 : first === 252 ? 3 : first === 253 ? 4 : 9
}

export const packed = (bytes: Buffer, at: number): number => {
  const size = packedSize(bytes, at)
  if (size === 1) return bytes.readUInt8(at)
  return size === 9 ? Number(bytes.readBigUInt64LE(at + 1)) : bytes.readUIntLE(at + 1, size - 1)
}

export const rotation = (event: Buffer, end: number): { readonly file: string; readonly offset: number } => ({
  offset: Number(event.readBigUInt64LE(HEADER)),
  file: event.toString("utf8", HEADER + 8, end)
})

/** Every format event has room for a checksum, also where the log has none; before it is which. */
export const hasChecksums = (formatEvent: Buffer): boolean =>
  formatEvent.readUInt8(formatEvent.length - CHECKSUM - 1) !== 0

/** MariaDB's zlib: a byte that says how many bytes the length takes, the length, and the rest. */
export const inflate = (bytes: Buffer): Buffer => inflateSync(bytes.subarray(1 + (bytes.readUInt8(0) & 7)))

export const query = (event: Buffer, end: number): { readonly schema: string; readonly text: string } => {
  const schemaLength = event.readUInt8(HEADER + 8)
  const at = HEADER + 13 + event.readUInt16LE(HEADER + 11)
  const body = event.subarray(at + schemaLength + 1, end)
  const text = kindOf(event) === Kind.MARIA_QUERY_COMPRESSED ? inflate(body) : body
  return { schema: event.toString("utf8", at, at + schemaLength), text: text.toString("latin1") }
}

/** MariaDB: what follows is one event, and no transaction. */
export const standsAlone = (gtidEvent: Buffer): boolean => (gtidEvent.readUInt8(HEADER + 12) & 1) !== 0

export const prepared = (event: Buffer): { readonly xid: string; readonly isCommit: boolean } => {
  const branchAt = HEADER + 13 + event.readUInt32LE(HEADER + 5)
  const end = branchAt + event.readUInt32LE(HEADER + 9)
  return {
    isCommit: event.readUInt8(HEADER) !== 0,
    xid: xidOf(
      event.toString("hex", HEADER + 13, branchAt),
      event.toString("hex", branchAt, end),
      event.readUInt32LE(HEADER + 1)
    )
  }
}

const ZSTD = 0
const NOT_COMPRESSED = 255
const PIECE = 1024

/** Small pieces: what is inflated at once is handled at once, and other work of the process comes between. */
function* inflated(body: Buffer): Generator<Buffer> {
  let ready: Array<Buffer> = []
  const stream = new Decompress((chunk) => {
    ready.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
  })
  for (let at = 0; at < body.length; at += PIECE) {
    stream.push(body.subarray(at, at + PIECE), at + PIECE >= body.length)
    yield* ready
    ready = []
  }
}

/**
 * The events of a transaction that the server compressed as a whole. None of them has a checksum. `undefined`: some time
 * has passed. Throws where it is compressed by what is not known.
 */
export function* payload(event: Buffer, end: number): Generator<Buffer | undefined> {
  let at = HEADER
  let compression = ZSTD
  const next = () => {
    const value = packed(event, at)
    at += packedSize(event, at)
    return value
  }
  // Fields of a kind, a length and a value; the last is of kind 0.
  for (let field = next(); field !== 0; field = next()) {
    const length = next()
    if (field === 2) compression = packed(event, at)
    at += length
  }
  if (compression !== ZSTD && compression !== NOT_COMPRESSED) throw new Error("unknown compression")
  const body = event.subarray(at, end)
  let rest: Buffer = Buffer.alloc(0)
  for (const piece of compression === ZSTD ? inflated(body) : [body]) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    let from = 0
    while (rest.length - from >= HEADER) {
      const length = rest.readUInt32LE(from + 9)
      if (length < HEADER) throw new Error("no event")
      if (rest.length - from < length) break
      yield rest.subarray(from, from + length)
      from += length
    }
    rest = rest.subarray(from)
    yield undefined
  }
  if (rest.length > 0) throw new Error("it ends in the middle of an event")
}
