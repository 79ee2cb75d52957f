/** Random `meta`: JSON text that says something, that nearly does, and that has nothing to do with it. */
import * as FC from "effect/FastCheck"

const json = (value: unknown): string => JSON.stringify(value)

const words = [
  ...["key", "purchase", "buy", "new", "renewal", "renew", "extend", "prolong", "trial"],
  ...["topup", "gift", "other", "keys", "re new", "true", "1", "\u00a0key", "kéy", "ключ", "🎁"]
]

const spellings: ReadonlyArray<(word: string) => string> = [
  (word) => word,
  (word) => word,
  (word) => word.toUpperCase(),
  (word) => word.slice(0, 1).toUpperCase() + word.slice(1)
]

const blank = FC.constantFrom("", "", "", " ", "  ", "\t", "\r\n")

/** A word in odd case and with blanks around. */
const word = FC.tuple(blank, FC.constantFrom(...words), blank, FC.constantFrom(...spellings)).map(
  ([before, text, after, change]) => json(before + change(text) + after)
)

const blankText = FC.constantFrom("", " ", "\t", "\r\n", " \t ").map(json)

const notText = FC.constantFrom("null", "true", "false", "0", "1", "7", "-1.5", "[]", '["key"]', "{}", '{"kind":"key"}')

/** What `kind`, `type` or `purpose` may hold. */
const kindValue = FC.oneof({ weight: 5, arbitrary: word }, { weight: 2, arbitrary: blankText }, notText)

const truths = ["true", "1", "1.0", '"true"', '"1"', '"TRUE"', '" True "', '"\\t1\\n"']
const untruths = ["false", "null", "0", "2", "0.0", "-1", '"false"', '"0"', '"yes"', '""', '" "', "[]", "[true]", "{}"]
const oddities = ['"1.0"', '"01"', '"true."', '"trial"', "1.5", "10", '"11"', '{"trial":true}']

/** What `trial` or `is_trial` may hold. */
const flagValue = FC.oneof(FC.constantFrom(...truths), FC.constantFrom(...untruths), FC.constantFrom(...oddities))

const payload = FC.constantFrom(
  "12345678901234",
  '"📦 пакет \\"VIP\\" \\\\ \\u00e9"',
  '{"kind":"renewal","trial":true,"nested":{"type":"key","purpose":["buy"]}}',
  '["kind","key",{"is_trial":true}]',
  "null",
  json("key ".repeat(500))
)

/** A field of the object: its name and its value as JSON text. */
const field = FC.oneof(
  { weight: 6, arbitrary: FC.tuple(FC.constantFrom("kind", "type", "purpose"), kindValue) },
  { weight: 3, arbitrary: FC.tuple(FC.constantFrom("trial", "is_trial"), flagValue) },
  { weight: 2, arbitrary: FC.tuple(FC.constantFrom("plan", "Kind", "TRIAL", "kind ", "$.kind", "тип", "🔑"), payload) }
)

/** An object with each name at most once: what a repeated name means differs between JSON readers. */
const object = FC.tuple(
  FC.uniqueArray(field, { selector: ([name]) => name, maxLength: 4 }),
  FC.constantFrom("", "", " ", "\n  ")
).map(([fields, gap]) => `{${fields.map(([name, value]) => `${gap}${json(name)}:${gap}${value}`).join(",")}${gap}}`)

/** Valid JSON that is no object. */
const notObject = FC.constantFrom(
  ...["null", "true", "1", "0", '"key"', '"trial"', "[]", '["kind","key"]', '[{"kind":"key","trial":true}]'],
  json(json({ kind: "key", trial: true }))
)

/** `meta` for a JSON column: null or valid JSON text. */
export const jsonMeta: FC.Arbitrary<string | null> = FC.oneof(
  { weight: 3, arbitrary: FC.constant(null) },
  { weight: 8, arbitrary: object },
  { weight: 1, arbitrary: notObject }
)

/** Text that is no JSON, as a TEXT column may hold. */
export const brokenMeta: FC.Arbitrary<string> = FC.constantFrom(
  ...["", " ", "key", "trial", "kind=key", "{", "}", '{"kind":"key"', '{"kind":"key",}', "{'kind':'key'}"],
  ...[
    '{kind:"key"}',
    '{"trial":True}',
    '{"trial":true} x',
    '{"kind":"trial"}{}',
    '{"is_trial":1,,}',
    "NaN",
    "undefined"
  ],
  ...['{"trial":.1}', '{"kind":"renew\nal"}', '{"kind":"\\x6bey"}', '/* a */ {"kind":"key"}']
)
