/** Attempts to log in from one address in a minute: all of them, and those that failed (contract, section 10). */
export const MAX_ATTEMPTS = 60
export const MAX_FAILED = 10
