import { execFile } from "node:child_process"
import { mkdir } from "node:fs/promises"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { build } from "esbuild"

const root = fileURLToPath(new URL("../..", import.meta.url))
const run = promisify(execFile)

/** The programs that are measured, each built to plain JavaScript: no loader costs any of them anything. */
export interface Programs {
  /** Where what the benchmark builds and writes for them lies. */
  readonly folder: string
  readonly service: string
  readonly migrate: string
  readonly plain: string
  readonly floor: string
}

/** `dist` is a folder that `tools/build.mjs` made; where it is not given, the service is built here as it is for production. */
export const buildPrograms = async (dist: string | undefined): Promise<Programs> => {
  if (dist === undefined) await run(process.execPath, [join(root, "tools/build.mjs")])
  const service = resolve(dist ?? join(root, "dist"))
  const outdir = join(root, ".database", "bench-programs")
  await mkdir(outdir, { recursive: true })
  // The same settings as the service's own build.
  await build({
    absWorkingDir: root,
    entryPoints: { plain: "bench/plain/main.ts", floor: "bench/floor/main.ts" },
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);'
    },
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "warning"
  })
  return {
    folder: outdir,
    service: join(service, "main.mjs"),
    migrate: join(service, "migrate.mjs"),
    plain: join(outdir, "plain.mjs"),
    floor: join(outdir, "floor.mjs")
  }
}
