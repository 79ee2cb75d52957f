import { existsSync } from "node:fs"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"

const DEFAULT = ".env"

/**
 * Puts the variables of a file beneath those of the real environment: of `.env` in the folder that the process runs in, where
 * there is one; of the file that `ENV_FILE` names; of none where that is empty.
 */
export const loadEnvFile: Effect.Effect<void, ConfigError.ConfigError> = Effect.suspend(() => {
  const named = process.env.ENV_FILE
  const file = named ?? DEFAULT
  if (file === "" || (named === undefined && !existsSync(file))) return Effect.void
  return Effect.try({
    try: () => process.loadEnvFile(file),
    catch: () =>
      ConfigError.InvalidData(
        [named === undefined ? DEFAULT : "ENV_FILE"],
        "is no file that can be read by this account"
      )
  })
})
