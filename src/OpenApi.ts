import { errorExamples } from "./OpenApi/ErrorExamples.js"

/**
 * Finishes the OpenAPI document that the platform derives from the Api. It says what the schemas can't: the third security
 * scheme, parameters' descriptions and examples, headers, what errors say. It takes out what never leaves the service: the platform's own error for
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

/** What the platform says of plain numbers. */
const NOISE = new Set(["an integer", "a positive number", "a non-negative number"])

/**
 * In every schema: plain numbers stand where they are used, what says nothing goes, as do the platform's titles
 * (`between(1, 1000)`), and further fields are allowed: a later version may answer more, and a client of today must not
 * refuse it.
 */
const plainSchemas = (value: Json, schemas: JsonObject): Json => {
  if (Array.isArray(value)) return value.map((item) => plainSchemas(item, schemas))
  if (!isObject(value)) return value
  const { $id: _id, $ref, additionalProperties, ...rest } = value
  const name = String($ref ?? "").slice(reference("").length)
  const target: JsonObject = NOT_OURS.has(name) ? object(schemas[name]) : $ref === undefined ? {} : { $ref }
  const open = additionalProperties === undefined || additionalProperties === false ? {} : { additionalProperties }
  const isNoise = (key: string, item: Json) =>
    typeof item === "string" && (key === "title" || (key === "description" && NOISE.has(item)))
  const entries = Object.entries({ ...target, ...rest, ...open }).filter(([key, item]) => !isNoise(key, item))
  return mapValues(Object.fromEntries(entries), (item) => plainSchemas(item, schemas))
}

const REQUEST_ID = {
  description: "Names this answer; for a 5xx it finds the line in the service's log",
  schema: { type: "string", format: "uuid" }
}

const whole = (minimum: number, description: string) => ({ description, schema: { type: "integer", minimum } })

/** An attempt counts once the body was read, whatever comes of it. */
const COUNTED = new Set(["200", "400", "401", "429", "503"])

const RATE_LIMIT = {
  "RateLimit-Limit": whole(1, "Attempts in a minute, by the limit that will be met first"),
  "RateLimit-Remaining": whole(0, "How many of them are left"),
  "RateLimit-Reset": whole(1, "Seconds until the minute is over"),
  "RateLimit-Policy": { description: "All limits: `10;w=60` are 10 in 60 seconds", schema: { type: "string" } }
}

const headersOf = (status: string, isLimited: boolean): JsonObject => ({
  "X-Request-Id": REQUEST_ID,
  ...(isLimited && COUNTED.has(status) ? RATE_LIMIT : {}),
  ...(status === "401"
    ? { "WWW-Authenticate": { description: "The schemes that are taken", schema: { type: "string" } } }
    : {}),
  ...(status === "429" || status === "503" ? { "Retry-After": whole(1, "Seconds until it is worth trying again") } : {})
})

/** One response without the platform's decode error; undefined where nothing else is left of it. */
const finishResponse = (
  response: JsonObject,
  status: string,
  isLimited: boolean,
  schemas: JsonObject
): JsonObject | undefined => {
  const media = object(object(response.content)["application/json"])
  const schema = object(media.schema)
  const isDecodeError = (item: Json) => object(item).$ref === reference(DECODE_ERROR)
  if (isDecodeError(schema)) return undefined
  const members = list(schema.anyOf).filter((item) => !isDecodeError(item))
  const [only] = members
  const headers = headersOf(status, isLimited)
  if (only === undefined || members.length === list(schema.anyOf).length) return { ...response, headers }
  const left = members.length === 1 ? only : { anyOf: members }
  const name = String(object(only).$ref ?? "").slice(reference("").length)
  const description = object(schemas[name]).description ?? response.description ?? ""
  return { ...response, description, headers, content: { "application/json": { ...media, schema: left } } }
}

/**
 * A parameter's description stands beside its schema, where tools look for it; and, of one that must be there, its example:
 * pages of documentation fill it in. Others would be filled in too, and not all go together.
 */
const finishParameter = (parameter: Json): Json => {
  const { schema, ...rest } = object(parameter)
  const { description, ...plain } = object(schema)
  const [example] = list(plain.examples)
  return {
    ...rest,
    ...(description === undefined ? {} : { description }),
    ...(rest.required === true && example !== undefined ? { example } : {}),
    schema: plain
  }
}

const finishOperation = (operation: JsonObject, schemas: JsonObject): JsonObject => {
  const declared = object(operation.responses)
  const isLimited = "429" in declared
  const responses = Object.entries(declared).flatMap(([status, response]) => {
    const finished = finishResponse(object(response), status, isLimited, schemas)
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

/** The platform has no field for the SPDX identifier, which the license's name is, and none for whom to ask. */
const finishInfo = ({ license, ...info }: JsonObject): JsonObject => ({
  ...info,
  contact: { name: "Whoever runs this service" },
  ...(license === undefined ? {} : { license: { ...object(license), identifier: object(license).name ?? "" } })
})

const withExample = (schema: Json, name: string): Json => {
  const example = errorExamples[name]
  return example === undefined ? schema : { ...object(schema), examples: [{ ...example }] }
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
    info: finishInfo(object(derived.info)),
    servers: [{ url: "/", description: "The service that this document comes from" }],
    paths: plainSchemas(paths, schemas),
    components: {
      ...components,
      schemas: mapValues(object(plainSchemas(ours, schemas)), withExample),
      securitySchemes: { ...object(components.securitySchemes), tma: TMA }
    }
  }
}
