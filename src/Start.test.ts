import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

/** What an operator sees who starts the service, or a command, from a shell. */

const source = (name: string) => new URL(name, import.meta.url).pathname
const tsx = pathToFileURL(source("../node_modules/tsx/dist/loader.mjs")).href

const GOOD = {
  // Nobody listens there: the service waits for it.
  DATABASE_URL: "mysql://bot:secret@127.0.0.1:1/bots",
  SECRET_KEY: "kCw1oYtZ3b8H5s0mQ9xV2nL7pR4dF6gJ",
  BOT_TOKEN: "7214036581:AAEexampleexampleexample_example1234",
  HOST: "127.0.0.1"
}

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bot-analytics-start-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** Each process compiles the sources as it starts. */
const TIMEOUT = 180_000

/** The real environment has these variables and no others; `.env` is looked for in `cwd`. */
const run = (cwd: string, program: string, variables: Readonly<Record<string, string>>, ...words: Array<string>) =>
  Effect.promise(async () => {
    const child = spawn(process.execPath, ["--import", tsx, source(program), ...words], {
      cwd,
      env: { PATH: process.env.PATH, ...variables },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let [stdout, stderr] = ["", ""]
    child.stdout.on("data", (chunk) => (stdout += chunk))
    child.stderr.on("data", (chunk) => (stderr += chunk))
    const [code] = await once(child, "close")
    return { code, stdout, stderr }
  })

const portInUse = Effect.acquireRelease(
  Effect.promise(async () => {
    const server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    return server
  }),
  (server) => Effect.promise(() => new Promise((resolve) => server.close(resolve)))
).pipe(Effect.map((server) => (server.address() as AddressInfo).port))

describe("a start that can't listen ends with one line", () => {
  it.scopedLive(
    "of a port in use",
    () =>
      Effect.gen(function* () {
        const port = yield* portInUse
        const ended = yield* run(yield* folder, "main.ts", { ...GOOD, PORT: String(port) })
        assert.strictEqual(ended.stderr, `Port ${port} is in use: set PORT\n`)
        assert.strictEqual(ended.code, 1)
      }),
    TIMEOUT
  )

  it.scopedLive(
    "of a host that is none, or none of this machine",
    () =>
      Effect.gen(function* () {
        for (const [HOST, line] of [
          ["nonsense.invalid", "HOST nonsense.invalid is not known: set HOST to an address of this machine\n"],
          ["192.0.2.1", "HOST 192.0.2.1 is no address of this machine: set HOST\n"]
        ] as const) {
          const ended = yield* run(yield* folder, "main.ts", { ...GOOD, HOST, PORT: "0" })
          assert.strictEqual(ended.stderr, line)
          assert.strictEqual(ended.code, 1)
        }
      }),
    TIMEOUT
  )
})

describe("a file of variables", () => {
  const file = (path: string, variables: Readonly<Record<string, string>>) =>
    Effect.sync(() =>
      writeFileSync(
        path,
        Object.entries(variables)
          .map(([name, value]) => `${name}=${value}\n`)
          .join("")
      )
    )

  it.scopedLive(
    "is read where it lies, by the service and by the commands; the real environment goes before it",
    () =>
      Effect.gen(function* () {
        const cwd = yield* folder
        yield* file(join(cwd, ".env"), { ...GOOD, PORT: "http" })
        const wrong = yield* run(cwd, "main.ts", {})
        assert.strictEqual(wrong.stderr, "PORT must be a whole number from 0 to 65535\n")
        const port = yield* portInUse
        const right = yield* run(cwd, "main.ts", { PORT: String(port) })
        assert.strictEqual(right.stderr, `Port ${port} is in use: set PORT\n`)
        for (const [program, word] of [
          ["migrate.ts", "--print"],
          ["facts.ts", "status"]
        ] as const) {
          const { code, stderr } = yield* run(cwd, program, {}, word)
          assert.match(stderr, /ECONNREFUSED 127\.0\.0\.1:1\n$/)
          assert.strictEqual(code, 1)
          assert.strictEqual(
            (yield* run(cwd, program, { DATABASE_URL: "mysql://h/n" }, word)).stderr,
            "DATABASE_URL must look like mysql://user:password@host:3306/name; the user is missing\n"
          )
        }
      }),
    TIMEOUT
  )

  it.scopedLive(
    "may be another one, or none",
    () =>
      Effect.gen(function* () {
        const cwd = yield* folder
        yield* file(join(cwd, ".env"), { ...GOOD, PORT: "http" })
        yield* file(join(cwd, "other.env"), { ...GOOD, PORT: "ftp", HOST: "/" })
        const stderr = (ENV_FILE: string) => Effect.map(run(cwd, "main.ts", { ENV_FILE }), ({ stderr }) => stderr)
        assert.lengthOf((yield* stderr("other.env")).trim().split("\n"), 2)
        assert.include(yield* stderr(""), "DATABASE_URL is missing")
        assert.strictEqual(yield* stderr("not-there.env"), "ENV_FILE is no file that can be read by this account\n")
      }),
    TIMEOUT
  )
})

it("without a build npm says what to run", () => {
  const cwd = mkdtempSync(join(tmpdir(), "bot-analytics-start-"))
  try {
    const program = join(cwd, "tools", "built.mjs")
    mkdirSync(join(cwd, "tools"))
    copyFileSync(source("../tools/built.mjs"), program)
    const { status, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8" })
    assert.strictEqual(stderr, "There is no build yet: run npm run build first\n")
    assert.strictEqual(status, 1)
  } finally {
    rmSync(cwd, { recursive: true })
  }
})
