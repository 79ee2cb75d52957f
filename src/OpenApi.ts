/**
 * What the derived document can't say by itself: the third security scheme is an HTTP scheme of its own name, and the
 * platform's error for requests that don't decode never leaves the service (src/Server/Failure.ts answers for it).
 */
export const finishDocument = (document: Record<string, unknown>): Record<string, unknown> => document
