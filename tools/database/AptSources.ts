/** One package archive that the machine's own apt uses. */
export interface AptSource {
  readonly uris: ReadonlyArray<string>
  readonly suites: ReadonlyArray<string>
  readonly components: ReadonlyArray<string>
  /** A keyring's path, or a whole key block, exactly as the source states it. */
  readonly signedBy: string | undefined
}

const words = (text: string | undefined): ReadonlyArray<string> =>
  (text ?? "").split(/\s+/).filter((word) => word !== "")

/** Reads the deb822 format of `*.sources` files. */
export const parseDeb822 = (text: string): ReadonlyArray<AptSource> => {
  const withoutComments = text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n")
  return withoutComments.split(/\n[ \t]*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>()
    // A line that begins with a blank goes on with the field before it.
    for (const [, name, value] of stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set((name ?? "").toLowerCase(), (value ?? "").trim())
    }
    const enabled = !/^(no|false|0|off|disable|without)$/i.test(fields.get("enabled") ?? "yes")
    if (!enabled || !words(fields.get("types")).includes("deb")) return []
    return [
      {
        uris: words(fields.get("uris")),
        suites: words(fields.get("suites")),
        components: words(fields.get("components")),
        signedBy: fields.get("signed-by")
      }
    ]
  })
}

/** Reads the one-line format of `sources.list` and `*.list` files. */
export const parseOneLine = (text: string): ReadonlyArray<AptSource> =>
  text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line)
    if (match === null) return []
    const [, options, uri = "", suite = "", components] = match
    const signedBy = words(options).find((option) => option.startsWith("signed-by="))
    return [
      {
        uris: [uri],
        suites: [suite],
        components: words(components),
        signedBy: signedBy?.slice("signed-by=".length)
      }
    ]
  })

/** The distribution's own archives for the release that the machine runs, its updates and security fixes included. */
export const ownRelease = (sources: ReadonlyArray<AptSource>, codename: string): ReadonlyArray<AptSource> => {
  const bases = [codename, "stable", "oldstable", "testing", "unstable", "sid"]
  const own = new Set(bases.flatMap((base) => [base, `${base}-updates`, `${base}-security`]))
  return sources
    .filter((source) => source.components.includes("main"))
    .map((source) => ({ ...source, suites: source.suites.filter((suite) => own.has(suite)) }))
    .filter((source) => source.suites.length > 0)
}

/** The same mirror and keyring, but another release of the distribution. */
export const otherRelease = (sources: ReadonlyArray<AptSource>, suite: string): ReadonlyArray<AptSource> => {
  // The archive of security fixes has no such release: only a suite without a suffix names the main archive.
  const main = sources.find((source) => source.suites.some((name) => !name.includes("-")))
  return main === undefined ? [] : [{ ...main, suites: [suite], components: ["main"] }]
}

/** Writes sources in the deb822 format. */
export const formatDeb822 = (sources: ReadonlyArray<AptSource>): string =>
  sources
    .map((source) =>
      [
        "Types: deb",
        `URIs: ${source.uris.join(" ")}`,
        `Suites: ${source.suites.join(" ")}`,
        `Components: ${source.components.join(" ")}`,
        ...(source.signedBy === undefined ? [] : [`Signed-By: ${source.signedBy}`]),
        ""
      ].join("\n")
    )
    .join("\n")
