// Before what runs the build: says what to do where there is none. In plain JavaScript, since node alone runs it.
import { existsSync } from "node:fs"

if (!existsSync(new URL("../dist/main.mjs", import.meta.url))) {
  process.stderr.write("There is no build yet: run npm run build first\n")
  process.exit(1)
}
