/**
 * Which coding of a body a client wants most (RFC 9110, 12.5.3). The package `negotiator` is no option: it takes `identity`
 * where `*;q=0` excludes it, and prefers what a client names first, which is gzip in every browser.
 */
export type Coding = "identity" | "gzip" | "br"

/** Quality by the name of a coding. What is no number is not acceptable. */
const qualitiesOf = (header: string): ReadonlyMap<string, number> => {
  const qualities = new Map<string, number>()
  for (const item of header.toLowerCase().split(",")) {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim())
    const quality = parameters.find((parameter) => parameter.startsWith("q="))
    if (name !== "") qualities.set(name, quality === undefined ? 1 : Number(quality.slice(2)))
  }
  return qualities
}

/**
 * The coding for a response, of those that are offered, the best one first. A body that is not worth compressing stays as
 * it is, unless the client refuses that. Where nothing fits, it stays as it is too: a client that can't read it has at
 * least its status (12.5.3 allows both).
 */
export const codingFor = (
  header: string | undefined,
  offered: ReadonlyArray<Exclude<Coding, "identity">>,
  isWorthIt: boolean
): Coding => {
  if (header === undefined) return "identity"
  const qualities = qualitiesOf(header)
  const others = qualities.get("*")
  // Where nothing is said of it, it is taken, after all that is named.
  const asItIs = qualities.get("identity") ?? (others === 0 ? 0 : undefined)
  if (!isWorthIt && asItIs !== 0) return "identity"
  let best: Coding = "identity"
  let most = asItIs ?? 0
  for (const coding of offered) {
    const quality = qualities.get(coding) ?? others ?? 0
    if (quality > most || (quality === most && quality > 0 && best === "identity")) {
      best = coding
      most = quality
    }
  }
  return best
}
