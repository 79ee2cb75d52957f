/** As node takes them: name, value, name, value. It is how it writes them too, and no object has to be made of them. */
export type FlatHeaders = ReadonlyArray<string>

export const flat = (headers: Readonly<Record<string, string>>): FlatHeaders => Object.entries(headers).flat()

/** What a request is answered with, whole and in memory. */
export interface Answer {
  readonly status: number
  /** Those that this answer has beside what every answer has (src/Server/Headers.ts), but for `content-length`. */
  readonly headers: FlatHeaders
  /** Undefined where there is none, as with 204. */
  readonly body: string | undefined
}

const JSON_TYPE: FlatHeaders = ["content-type", "application/json"]

/** What is JSON already. */
export const json = (body: string, status = 200, headers: FlatHeaders = []): Answer => ({
  status,
  headers: headers.length === 0 ? JSON_TYPE : [...JSON_TYPE, ...headers],
  body
})

export const text = (contentType: string, body: string): Answer => ({
  status: 200,
  headers: ["content-type", contentType],
  body
})

export const empty = (headers: FlatHeaders = []): Answer => ({ status: 204, headers, body: undefined })
