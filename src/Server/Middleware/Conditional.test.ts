import { assert, layer } from "@effect/vitest"
import { testService } from "../../testing/Service.js"
import { steps } from "../../testing/Steps.js"

const DOCUMENTS = ["/docs", "/openapi.json"]

layer(testService(), { excludeTestServices: true })("a document", (it) => {
  it.effect("has one weak ETag in all codings, and is kept by whoever asks for it again", () =>
    steps(async ({ request }) => {
      for (const path of DOCUMENTS) {
        const tags = new Set<string | null>()
        for (const coding of ["identity", "gzip", "br"]) {
          const { headers } = await request(path, { headers: { "Accept-Encoding": coding } })
          assert.strictEqual(headers.get("cache-control"), "no-cache")
          tags.add(headers.get("etag"))
        }
        assert.strictEqual(tags.size, 1, path)
        assert.match([...tags][0] ?? "", /^W\/"[\w-]{43}"$/)
      }
    })
  )

  it.effect("is a 304 to who has it: tags are compared weakly, in a list, or `*`", () =>
    steps(async ({ request }) => {
      for (const path of DOCUMENTS) {
        const first = await request(path)
        const etag = first.headers.get("etag") ?? ""
        const opaque = etag.slice(2)
        for (const known of [etag, opaque, `"x", ${etag}`, `"a,b" ,W/"c",${opaque} , "d"`, "*", " * "]) {
          for (const method of ["GET", "HEAD"]) {
            const { headers, status, text } = await request(path, { method, headers: { "If-None-Match": known } })
            assert.strictEqual(status, 304, `${method} ${known}`)
            assert.strictEqual(text, "")
            // What the 200 would have said of what may be kept (RFC 9110, 15.4.5).
            for (const name of ["etag", "cache-control", "vary", "content-security-policy"]) {
              assert.strictEqual(headers.get(name), first.headers.get(name), name)
            }
            assert.isNotNull(headers.get("x-request-id"))
            assert.isNull(headers.get("content-type"))
          }
        }
        for (const other of ['"x"', `W/"x", "y"`, opaque.slice(1, -1), `"${opaque.slice(1, -1)}x"`, "", ","]) {
          const { status, text } = await request(path, { headers: { "If-None-Match": other } })
          assert.strictEqual(status, 200, other)
          assert.strictEqual(text, first.text)
        }
      }
    })
  )

  it.effect("is the only thing that has one", () =>
    steps(async ({ request }) => {
      for (const path of ["/healthz", "/metrics", "/api/bots"]) {
        const { headers, status } = await request(path, { headers: { "If-None-Match": "*" } })
        assert.isNull(headers.get("etag"), path)
        assert.include([200, 401], status)
      }
    })
  )
})
