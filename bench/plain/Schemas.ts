/** JSON schemas that routes share: of parameters, which Fastify validates, and of answers, by which it writes them. */

export const botId = { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER } as const
export const date = { type: "string", format: "date" } as const
export const text = { type: "string", minLength: 1 } as const

export const paging = {
  page: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: 1 },
  limit: { type: "integer", minimum: 1, maximum: 1000, default: 100 }
} as const

export interface Paging {
  readonly page: number
  readonly limit: number
}

export const integer = { type: "integer" } as const
export const number = { type: "number" } as const
export const string = { type: "string" } as const
export const nullableString = { type: ["string", "null"] } as const
/** Whatever a JSON column holds. */
export const json = {} as const

export const object = <P extends Record<string, unknown>>(properties: P) =>
  ({ type: "object", properties, required: Object.keys(properties) }) as const

export const array = <I>(items: I) => ({ type: "array", items }) as const

/** Parameters: those named are required. */
export const parameters = <P extends Record<string, unknown>>(properties: P, ...required: ReadonlyArray<keyof P>) =>
  ({ type: "object", properties, required }) as const

/** LIMIT and OFFSET: the server takes them as text only, from mysql2. */
export const limitAndOffset = ({ limit, page }: Paging): [string, string] => [
  String(limit),
  String(BigInt(page - 1) * BigInt(limit))
]
