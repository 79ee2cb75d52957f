import { createServer } from "node:net"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise"

const host = "127.0.0.1"
const lowest = 20_000
const highest = 32_000

/** Whether nobody listens on this port of the machine's own address. */
export const isFree = (port: number) =>
  Effect.async<boolean>((resume) => {
    const probe = createServer()
    probe.once("error", () => resume(Effect.succeed(false)))
    probe.listen(port, host, () => probe.close(() => resume(Effect.succeed(true))))
  })

/**
 * A free port below Linux' ephemeral range: there, a client that reconnects while its server is down can meet itself, and the server
 * could not bind the port again.
 */
export const freePort: Effect.Effect<number> = Effect.sync(
  () => lowest + Math.floor(Math.random() * (highest - lowest))
).pipe(Effect.repeat({ until: isFree }))

/** Lets root, who has no password, do something on a fresh connection. */
export const withConnection = <A>(port: number, use: (connection: Connection) => Promise<A>) =>
  Effect.acquireUseRelease(
    Effect.tryPromise(() => createConnection({ host, port, user: "root", connectTimeout: 2_000 })),
    (connection) => Effect.tryPromise(() => use(connection)),
    // Not `end`: a frozen server would never answer it.
    (connection) => Effect.sync(() => connection.destroy())
  )

/** Waits until the server answers, and gives its version. */
export const serverVersion = (port: number) =>
  withConnection(port, (connection) => connection.query<Array<RowDataPacket>>("SELECT VERSION() AS version")).pipe(
    Effect.map(([rows]) => String(rows[0]?.version)),
    Effect.retry(Schedule.spaced("50 millis")),
    // Endless retries leave no error.
    Effect.orDie
  )
