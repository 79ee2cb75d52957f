/**
 * Finishes the OpenAPI document that the platform derives from the Api. It says what the schemas can't: the third security
 * scheme, parameters' descriptions, headers. It takes out what never leaves the service: the platform's own error for
 * requests that don't decode, in whose place `InvalidRequest` is answered (src/Server/Middleware/InvalidRequests.ts).
 */
type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const object = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

const list = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])

const mapValues = (value: JsonObject, f: (value: Json, key: string) => Json): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, f(item, key)]))

const reference = (name: string) => `#/components/schemas/${name}`

const DECODE_ERROR = "HttpApiDecodeError"

/** Schemas that the platform made of its own: those of its decode error, and names for plain numbers. */
const NOT_OURS = new Set([DECODE_ERROR, "Issue", "PropertyKey", "Int", "Positive", "NonNegative"])

/** What the platform says of plain numbers, and names of its own for them. */
const NOISE = new Set(["an integer", "a positive number", "a non-negative number", "int", "unknown"])

/**
 * In every schema: plain numbers stand where they are used, what says nothing goes, and further fields are allowed: a
 * later version may answer more, and a client of today must not refuse it.
 */
const plainSchemas = (value: Json, schemas: JsonObject): Json => {
  if (Array.isArray(value)) return value.map((item) => plainSchemas(item, schemas))
  if (!isObject(value)) return value
  const { $id: _id, $ref, additionalProperties: _closed, ...rest } = value
  const name = String($ref ?? "").slice(reference("").length)
  const target: JsonObject = NOT_OURS.has(name) ? object(schemas[name]) : $ref === undefined ? {} : { $ref }
  const isNoise = (key: string, item: Json) => (key === "title" || key === "description") && NOISE.has(String(item))
  const entries = Object.entries({ ...target, ...rest }).filter(([key, item]) => !isNoise(key, item))
  return mapValues(Object.fromEntries(entries), (item) => plainSchemas(item, schemas))
}

const REQUEST_ID = {
  description: "Names this answer; for a 5xx it finds the line in the service's log",
  schema: { type: "string", format: "uuid" }
}

const seconds = (description: string) => ({ description, schema: { type: "integer", minimum: 1 } })

const headersOf = (status: string): JsonObject => ({
  "X-Request-Id": REQUEST_ID,
  ...(status === "401"
    ? { "WWW-Authenticate": { description: "The schemes that are taken", schema: { type: "string" } } }
    : {}),
  ...(status === "429" || status === "503" ? { "Retry-After": seconds("Seconds until it is worth trying again") } : {})
})

/** One response without the platform's decode error; undefined where nothing else is left of it. */
const finishResponse = (response: JsonObject, status: string, schemas: JsonObject): JsonObject | undefined => {
  const media = object(object(response.content)["application/json"])
  const schema = object(media.schema)
  const isDecodeError = (item: Json) => object(item).$ref === reference(DECODE_ERROR)
  if (isDecodeError(schema)) return undefined
  const members = list(schema.anyOf).filter((item) => !isDecodeError(item))
  const [only] = members
  const headers = headersOf(status)
  if (only === undefined || members.length === list(schema.anyOf).length) return { ...response, headers }
  const left = members.length === 1 ? only : { anyOf: members }
  const name = String(object(only).$ref ?? "").slice(reference("").length)
  const description = object(schemas[name]).description ?? response.description ?? ""
  return { ...response, description, headers, content: { "application/json": { ...media, schema: left } } }
}

/** A parameter's description stands beside its schema, where tools look for it. */
const finishParameter = (parameter: Json): Json => {
  const { schema, ...rest } = object(parameter)
  const { description, ...plain } = object(schema)
  return { ...rest, ...(description === undefined ? {} : { description }), schema: plain }
}

const finishOperation = (operation: JsonObject, schemas: JsonObject): JsonObject => {
  const responses = Object.entries(object(operation.responses)).flatMap(([status, response]) => {
    const finished = finishResponse(object(response), status, schemas)
    return finished === undefined ? [] : [[status, finished] as const]
  })
  return {
    ...operation,
    ...(operation.parameters === undefined ? {} : { parameters: list(operation.parameters).map(finishParameter) }),
    responses: Object.fromEntries(responses)
  }
}

const TMA = {
  type: "http",
  scheme: "tma",
  description: "`Authorization: tma <initData>`, the Telegram Mini Apps community's convention"
}

export const finishDocument = (derived: JsonObject): JsonObject => {
  const components = object(derived.components)
  const schemas = object(components.schemas)
  const paths = mapValues(object(derived.paths), (path) =>
    mapValues(object(path), (operation) => finishOperation(object(operation), schemas))
  )
  const ours = Object.fromEntries(Object.entries(schemas).filter(([name]) => !NOT_OURS.has(name)))
  return {
    ...derived,
    servers: [{ url: "/" }],
    paths: plainSchemas(paths, schemas),
    components: {
      ...components,
      schemas: plainSchemas(ours, schemas),
      securitySchemes: { ...object(components.securitySchemes), tma: TMA }
    }
  }
}
