import { connect, type Socket } from "node:net"

/** HTTP by hand, for what `fetch` can't or won't send. */
export interface RawAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Record<string, string>
  readonly text: string
  /** The body as it came. */
  readonly bytes: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
  readonly json: any
}

const DEADLINE_MILLIS = 20_000

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The first whole answer in what came so far, and the rest; undefined while it is not whole. */
const firstAnswer = (
  bytes: Buffer,
  ended: boolean,
  isHead: boolean
): { readonly answer: RawAnswer; readonly rest: Buffer } | undefined => {
  const end = bytes.indexOf("\r\n\r\n")
  if (end < 0) return undefined
  const [line = "", ...fields] = bytes.subarray(0, end).toString("latin1").split("\r\n")
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(":")
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
    })
  )
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1])
  if (status === 100) return firstAnswer(bytes.subarray(end + 4), ended, isHead)
  const body = bytes.subarray(end + 4)
  const hasNone = isHead || status === 204 || status === 304
  const length = hasNone ? 0 : Number(headers["content-length"] ?? Number.NaN)
  if (Number.isNaN(length) ? !ended : body.length < length) return undefined
  const size = Number.isNaN(length) ? body.length : length
  const content = body.subarray(0, size)
  const text = content.toString()
  return { answer: { status, headers, text, bytes: content, json: parseJson(text) }, rest: body.subarray(size) }
}

export interface RawConnection {
  readonly socket: Socket
  readonly write: (bytes: string | Uint8Array) => void
  /** The next whole answer. */
  readonly answer: (isHead?: boolean) => Promise<RawAnswer>
  /** Resolves once the other side hung up. */
  readonly ended: Promise<void>
}

export const openRaw = (url: string): RawConnection => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1")
  let bytes: Buffer = Buffer.alloc(0)
  let ended = false
  let notify = () => {}
  const end = new Promise<void>((resolve) => {
    const finish = () => {
      ended = true
      notify()
      resolve()
    }
    socket.on("end", finish).on("close", finish)
    // A reset after the answer is the server's way to hang up on a client that still sends.
    socket.on("error", finish)
  })
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk])
    notify()
  })
  const answer = (isHead = false) =>
    new Promise<RawAnswer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no answer in time")), DEADLINE_MILLIS)
      notify = () => {
        const found = firstAnswer(bytes, ended, isHead)
        if (found === undefined && !ended) return
        clearTimeout(timer)
        notify = () => {}
        if (found === undefined) {
          reject(new Error(`the connection ended with ${JSON.stringify(bytes.toString("latin1").slice(0, 200))}`))
        } else {
          bytes = found.rest
          resolve(found.answer)
        }
      }
      notify()
    })
  return { socket, write: (data) => void socket.write(data), answer, ended: end }
}

/** Sends these bytes on a connection of their own, and hangs up after the answer. */
export const sendRaw = async (url: string, bytes: string | Uint8Array, isHead = false): Promise<RawAnswer> => {
  const connection = openRaw(url)
  connection.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes)
  try {
    return await connection.answer(isHead)
  } finally {
    connection.socket.destroy()
  }
}

/** A request's head and body as they go over the wire. */
export const rawRequest = (method: string, target: string, headers: Record<string, string> = {}, body = ""): string => {
  const fields = Object.entries({ Host: "127.0.0.1", ...headers }).map(([name, value]) => `${name}: ${value}`)
  const length =
    body === "" || "Transfer-Encoding" in headers || "Content-Length" in headers
      ? []
      : [`Content-Length: ${Buffer.byteLength(body, "latin1")}`]
  return `${[`${method} ${target} HTTP/1.1`, ...fields, ...length].join("\r\n")}\r\n\r\n${body}`
}
