import { assert, describe, it } from "@effect/vitest"
import { formatDeb822, otherRelease, ownRelease, parseDeb822, parseOneLine } from "./AptSources.js"

const deb822 = `# the distribution
Types: deb deb-src
URIs: http://mirror.example/debian
# a comment inside of a stanza
Suites: bookworm bookworm-updates
 bookworm-backports
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/some.gpg

Types: deb
URIs: http://other.example/tools
Suites: bookworm
Components: stable

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
`

describe("apt sources", () => {
  it("reads stanzas, without the disabled ones and those of source packages", () => {
    const sources = parseDeb822(deb822)
    assert.deepEqual(
      sources.map((source) => source.uris[0]),
      ["http://mirror.example/debian", "http://mirror.example/security", "http://other.example/tools"]
    )
    assert.deepEqual(sources[0]?.suites, ["bookworm", "bookworm-updates", "bookworm-backports"])
    assert.include(sources[0]?.signedBy, "BEGIN PGP")
  })

  it("reads one-line sources, without comments", () => {
    const text = [
      "# deb http://off.example/debian bookworm main",
      "deb [arch=amd64 signed-by=/usr/share/keyrings/some.gpg] http://mirror.example/debian bookworm main contrib # note",
      "deb http://mirror.example/security bookworm-security main",
      "deb-src http://mirror.example/debian bookworm main"
    ].join("\n")
    assert.deepEqual(parseOneLine(text), [
      {
        uris: ["http://mirror.example/debian"],
        suites: ["bookworm"],
        components: ["main", "contrib"],
        signedBy: "/usr/share/keyrings/some.gpg"
      },
      {
        uris: ["http://mirror.example/security"],
        suites: ["bookworm-security"],
        components: ["main"],
        signedBy: undefined
      }
    ])
  })

  it("takes the distribution's own archives for the release and nobody else's", () => {
    const own = ownRelease(parseDeb822(deb822), "bookworm")
    assert.deepEqual(
      own.map((source) => source.suites),
      [["bookworm", "bookworm-updates"], ["bookworm-security"]]
    )
  })

  it("asks the main mirror for another release, also when the security archive is listed first", () => {
    const own = ownRelease(parseDeb822(deb822), "bookworm").toReversed()
    const [source, ...more] = otherRelease(own, "sid")
    assert.deepEqual(more, [])
    assert.deepInclude(source, { uris: ["http://mirror.example/debian"], suites: ["sid"], components: ["main"] })
  })

  it("writes what it reads", () => {
    const sources = parseDeb822(deb822)
    assert.deepEqual(parseDeb822(formatDeb822(sources)), sources)
  })
})
