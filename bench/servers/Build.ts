import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdir, readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { build } from "esbuild"

const root = fileURLToPath(new URL("../..", import.meta.url))
const run = promisify(execFile)

/** A build of the service. */
export interface ServiceBuild {
  readonly service: string
  readonly migrate: string
  readonly facts: string
}

/** The programs that are measured, each built to plain JavaScript: no loader costs any of them anything. */
export interface Programs extends ServiceBuild {
  /** Where what the benchmark builds and writes for them lies. */
  readonly folder: string
  readonly plain: string
  readonly floor: string
}

/** `dist` is a folder that `tools/build.mjs` made. */
export const buildIn = (dist: string): ServiceBuild => ({
  service: resolve(dist, "main.mjs"),
  migrate: resolve(dist, "migrate.mjs"),
  facts: resolve(dist, "facts.mjs")
})

/** Eight digits that tell a build from others: its programs name their chunks by what is in them. */
export const digestOf = async ({ migrate, service }: ServiceBuild): Promise<string> => {
  const hash = createHash("sha256")
  for (const program of [service, migrate]) hash.update(await readFile(program))
  return hash.digest("hex").slice(0, 8)
}

/** Where no `dist` is given, the service is built here as it is for production. */
export const buildPrograms = async (dist: string | undefined): Promise<Programs> => {
  if (dist === undefined) await run(process.execPath, [join(root, "tools/build.mjs")])
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
    ...buildIn(dist ?? join(root, "dist")),
    folder: outdir,
    plain: join(outdir, "plain.mjs"),
    floor: join(outdir, "floor.mjs")
  }
}
