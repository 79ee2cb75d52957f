import { readdirSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { migrations } from "./index.js"

it("the list of migrations has every file, in order and without a gap", () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter((file) => /^\d/.test(file))
  assert.deepStrictEqual(
    migrations.map(({ name }) => `${name}.ts`),
    files.sort()
  )
  assert.deepStrictEqual(
    migrations.map(({ id }) => id),
    files.map((_, index) => index + 1)
  )
})
