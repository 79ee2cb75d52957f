// Builds dist/: the service and its migrations, each one file with all that it needs, so that production installs no
// packages. Loading the packages one module at a time took three times as long and 40 MB more memory.
import { rmSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { build } from "esbuild"

const root = new URL("..", import.meta.url).pathname

rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true })

/**
 * Two megabytes of script for the page /docs. The package's index has it imported, though not used, by all our files;
 * without that it comes into a file of its own, which is read when somebody asks for the page (src/Server/DocsPage.ts).
 */
const pageApart = {
  name: "page-apart",
  setup: (build) =>
    build.onLoad({ filter: /@effect\/platform\/dist\/esm\/index\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/^export \* as HttpApiSwagger .*$/m, "")
    }))
}

/**
 * An HTTP client and WebSockets, which @effect/platform-node imports for parts of it that we don't use: read and run at
 * every start, they took a tenth of a second and 5 MB.
 */
const unusedLeftOut = {
  name: "unused-left-out",
  setup: (build) => {
    build.onResolve({ filter: /^(undici|ws)$/ }, ({ path }) => ({ path, namespace: "absent", sideEffects: false }))
    build.onLoad({ filter: /.*/, namespace: "absent" }, ({ path }) => ({
      contents: `export default class Absent {
        constructor() { throw new Error("tools/build.mjs leaves ${path} out") }
      }
      export { Absent as Agent, Absent as WebSocket, Absent as WebSocketServer }`
    }))
  }
}

await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts", "src/migrate.ts", "src/facts.ts"],
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  plugins: [pageApart, unusedLeftOut],
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node20",
  // Some packages are CommonJS, and ask for node's own modules by require.
  banner: {
    js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);'
  },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "linked",
  logLevel: "warning"
})
