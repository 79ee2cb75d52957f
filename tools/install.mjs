// Installs the exact packages of the lockfile unless they are there. In plain JavaScript: it runs before anything is installed.
import { spawnSync } from "node:child_process"
import { existsSync, statSync } from "node:fs"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Node.js 20.19 or newer is needed; this is ${process.versions.node}\n`)
  process.exit(1)
}

const installed = new URL("../node_modules/.package-lock.json", import.meta.url)
const lockfile = new URL("../package-lock.json", import.meta.url)

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs) {
  process.stderr.write("Installing the packages of package-lock.json ...\n")
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: new URL("..", import.meta.url),
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32"
  })
  if (status !== 0) process.exit(status ?? 1)
}
