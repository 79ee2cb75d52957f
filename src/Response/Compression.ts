import * as Context from "effect/Context"

/**
 * How an endpoint's responses may be compressed; an annotation of the endpoint.
 *
 * A compressed response is as long as its parts differ. Where a secret and a text of an attacker's choice are in one
 * response, its length tells the attacker, who sees the encrypted bytes pass, whether the text is like the secret: BREACH
 * (breachattack.com). It takes many responses with one text after the other, and no page of somebody else's can ask for
 * them: a browser sends our credentials, which are headers, for our own page alone. What is left is somebody at the
 * network who may also write into a bot's rows, as each of its customers may, and waits for the dashboard to ask.
 *
 * - `free`: there is no secret in it that its reader could be robbed of by that.
 * - `padded`: customers' live credentials stand beside texts that customers chose. Only as gzip, with a random number of
 *   bytes that mean nothing ("Heal the BREACH", ieeexplore.ieee.org/document/9754554, as Django does it): a length says
 *   little then, and the next attempt costs a change of the attacker's row and a visit of the admin's.
 * - `never`: a bearer token is in it. It is short, and a login asked for on purpose has what was sent in its answer.
 */
export type Compression = "free" | "padded" | "never"

export const Compression = Context.GenericTag<Compression>("app/Response/Compression")
