import { assert, it } from "@effect/vitest"
import { type Coding, codingFor } from "./AcceptEncoding.js"

/** What a client says, and what it gets of a body that is worth compressing, and of one that is not. */
const CASES: ReadonlyArray<readonly [header: string | undefined, large: Coding, small: Coding]> = [
  [undefined, "identity", "identity"],
  ["", "identity", "identity"],
  ["identity", "identity", "identity"],
  ["gzip", "gzip", "identity"],
  ["br", "br", "identity"],
  ["gzip, deflate, br, zstd", "br", "identity"],
  ["GZIP", "gzip", "identity"],
  ["deflate, zstd", "identity", "identity"],
  ["gzip;q=1.0, br;q=0.5", "gzip", "identity"],
  ["gzip ; q=0.8 , br ; Q=0.9", "br", "identity"],
  ["gzip;q=0, br;q=0", "identity", "identity"],
  ["br;q=0, gzip;q=0.001", "gzip", "identity"],
  ["gzip;q=0.5, identity;q=1", "identity", "identity"],
  ["gzip;q=0.5, identity;q=0.4", "gzip", "identity"],
  ["gzip;q=0.5, identity;q=0.5", "gzip", "identity"],
  ["*", "br", "identity"],
  ["br;q=0, *", "gzip", "identity"],
  ["*;q=0, gzip", "gzip", "gzip"],
  ["identity;q=0, *", "br", "br"],
  ["identity;q=0, gzip", "gzip", "gzip"],
  // Nothing that we have is taken: the client gets it as it is.
  ["*;q=0", "identity", "identity"],
  ["identity;q=0", "identity", "identity"],
  ["identity;q=0, zstd", "identity", "identity"],
  ["gzip;q=many", "identity", "identity"],
  [",,;q=1,gzip", "gzip", "identity"]
]

it.each(CASES)("Accept-Encoding: %s", (header, large, small) => {
  assert.strictEqual(codingFor(header, ["br", "gzip"], true), large)
  assert.strictEqual(codingFor(header, ["br", "gzip"], false), small)
})

it("offers no more than it is given", () => {
  assert.strictEqual(codingFor("gzip, br", ["gzip"], true), "gzip")
  assert.strictEqual(codingFor("br", ["gzip"], true), "identity")
  assert.strictEqual(codingFor("*", ["gzip"], true), "gzip")
})
