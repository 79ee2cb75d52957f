import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { RawJson } from "../Domain/Json.js"

/**
 * JSON by a serializer that is compiled once from a response's schema: it checks each value and writes it in one pass, and
 * what does not fit is never written. The platform's own way checks and copies a tree of objects first, then writes it,
 * at ten times the cost. fast-json-stringify is no option: it coerces what does not fit instead of refusing it, and
 * can't pass on the text of a JSON column.
 *
 * ```ts
 * const Item = Schema.Struct({ uid: Schema.Int, meta: Json })
 * const write = serializer(Schema.Array(Item))
 * write([{ uid: 1, meta: new RawJson('{"a": 1}') }]) // [{"uid":1,"meta":{"a": 1}}]
 * write([{ uid: 1.5, meta: null }])                  // throws: at 0.uid: Expected an integer
 * ```
 */

type Write = (value: unknown) => string

/** Says that a value does not fit. Where and why is worked out afterwards, by Schema itself, in its words. */
class Unfit extends Error {}

const unfit = (): never => {
  throw new Unfit("A value does not fit the schema of the response")
}

const NEEDS_ESCAPE = /["\\\p{Cc}\p{Cs}]/u
const SHORT = 40

/** A call of JSON.stringify costs more than the look at a short text that shows it to be unnecessary. */
const quoted = (text: string): string => {
  if (text.length > SHORT) return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 32 || code === 34 || code === 92 || code > 0xd7ff) return JSON.stringify(text)
  }
  return `"${text}"`
}

const string: Write = (value) => (typeof value === "string" ? quoted(value) : unfit())

const number: Write = (value) => (typeof value === "number" && Number.isFinite(value) ? String(value) : unfit())

const boolean: Write = (value) => (value === true ? "true" : value === false ? "false" : unfit())

const anything: Write = (value) => (value instanceof RawJson ? value.text : (JSON.stringify(value) ?? unfit()))

const isInteger = (ast: SchemaAST.Refinement): boolean =>
  SchemaAST.isNumberKeyword(ast.from) &&
  Option.contains(SchemaAST.getSchemaIdAnnotation(ast), Schema.IntSchemaId as SchemaAST.SchemaIdAnnotation)

const literal = (expected: SchemaAST.LiteralValue): Write => {
  const text = JSON.stringify(expected)
  return (value) => (value === expected ? text : unfit())
}

const integer: Write = (value) => (Number.isSafeInteger(value) ? String(value) : unfit())

const refined = (ast: SchemaAST.Refinement): Write => {
  // Most of what is written are whole numbers; Schema's way to look at one costs more than to write it.
  if (isInteger(ast)) return integer
  const write = compile(ast.from)
  return (value) => {
    const text = write(value)
    return Option.isNone(ast.filter(value, SchemaAST.defaultParseOption, ast)) ? text : unfit()
  }
}

const isNull = (ast: SchemaAST.AST) => SchemaAST.isLiteral(ast) && ast.literal === null

/** The first member that takes the value. `null` comes first: it is told at a glance. `undefined` is never written. */
const union = ({ types }: SchemaAST.Union): Write => {
  const writes = types.filter((type) => !isNull(type) && !SchemaAST.isUndefinedKeyword(type)).map(compile)
  const [only] = writes
  const any: Write =
    only !== undefined && writes.length === 1
      ? only
      : (value) => {
          for (const write of writes) {
            try {
              return write(value)
            } catch (error) {
              if (!(error instanceof Unfit)) throw error
            }
          }
          return unfit()
        }
  return types.some(isNull) ? (value) => (value === null ? "null" : any(value)) : any
}

const array = (ast: SchemaAST.TupleType): Write => {
  const [rest, ...more] = ast.rest
  if (ast.elements.length > 0 || rest === undefined || more.length > 0) return unsupported(ast)
  const write = compile(rest.type)
  return (value) => {
    if (!Array.isArray(value)) return unfit()
    let text = "["
    for (let i = 0; i < value.length; i++) text += (i === 0 ? "" : ",") + write(value[i])
    return `${text}]`
  }
}

const isRecord = (value: unknown): value is Readonly<Record<PropertyKey, unknown>> =>
  typeof value === "object" && value !== null

const struct = (ast: SchemaAST.TypeLiteral): Write => {
  if (ast.indexSignatures.length > 0) return unsupported(ast)
  const fields = ast.propertySignatures.map(({ isOptional, name, type }) => ({
    name,
    isOptional,
    label: `${JSON.stringify(name)}:`,
    write: compile(type)
  }))
  return (value) => {
    if (!isRecord(value)) return unfit()
    let text = "{"
    for (const { isOptional, label, name, write } of fields) {
      const field = value[name]
      if (field === undefined && isOptional) continue
      text += (text.length === 1 ? label : `,${label}`) + write(field)
    }
    return `${text}}`
  }
}

const unsupported = (ast: SchemaAST.AST): never => {
  throw new Error(`No serializer for ${ast._tag} ${ast}: responses consist of what JSON consists of`)
}

const compile = (ast: SchemaAST.AST): Write => {
  switch (ast._tag) {
    case "StringKeyword":
      return string
    case "NumberKeyword":
      return number
    case "BooleanKeyword":
      return boolean
    case "UnknownKeyword":
      return anything
    case "Literal":
      return literal(ast.literal)
    case "Refinement":
      return refined(ast)
    case "Union":
      return union(ast)
    case "TupleType":
      return array(ast)
    case "TypeLiteral":
      return struct(ast)
    default:
      return unsupported(ast)
  }
}

/** Writes what fits the schema as JSON; of anything else throws an error that says where it does not fit. */
export const serializer = ({ ast }: Schema.Schema.All): ((value: unknown) => string) => {
  const write = compile(ast)
  const explain = ParseResult.validateSync(Schema.make(ast))
  return (value) => {
    try {
      return write(value)
    } catch (error) {
      if (error instanceof Unfit) explain(value)
      throw error
    }
  }
}
