import net from "node:net"
import * as Effect from "effect/Effect"

/** A network between the follower and its server, with the faults that networks have. */
export interface TcpProxy {
  readonly port: number
  /** Where new connections lead. */
  readonly lead: (port: number) => void
  /** Connections that there are carry nothing any more, and nobody is told. */
  readonly swallow: () => void
  /** What comes from the server waits. */
  readonly hold: () => void
  readonly release: () => void
  /** Closes all connections; new ones are refused until `repair`. */
  readonly cut: () => void
  /** What clients send that holds this text is sent on when this has been done. */
  readonly before: (text: string, act: () => Promise<unknown>) => void
  readonly repair: () => void
}

export const makeTcpProxy = (target: number) =>
  Effect.acquireRelease(
    Effect.async<TcpProxy & { readonly close: () => void }>((resume) => {
      let to = target
      let isCut = false
      let text = ""
      let act: (() => Promise<unknown>) | undefined
      const pairs = new Set<readonly [client: net.Socket, server: net.Socket]>()
      const listener = net.createServer((client) => {
        if (isCut) {
          client.destroy()
          return
        }
        const server = net.connect(to, "127.0.0.1")
        const pair = [client, server] as const
        pairs.add(pair)
        const end = () => {
          pairs.delete(pair)
          client.destroy()
          server.destroy()
        }
        for (const socket of pair) socket.on("error", end).on("close", end)
        client.on("data", (bytes) => {
          if (act === undefined || !bytes.includes(text)) return void server.write(bytes)
          client.pause()
          const done = act().finally(() => {
            server.write(bytes)
            client.resume()
          })
          done.catch(end)
        })
        server.pipe(client)
      })
      const all = (act: (client: net.Socket, server: net.Socket) => void) => {
        for (const [client, server] of pairs) act(client, server)
      }
      const cut = () => {
        isCut = true
        all((client) => client.destroy())
      }
      listener.listen(0, "127.0.0.1", () => {
        const address = listener.address()
        resume(
          Effect.succeed({
            port: typeof address === "object" && address !== null ? address.port : 0,
            lead: (port: number) => {
              to = port
            },
            swallow: () =>
              all((client, server) => {
                client.removeAllListeners("data").resume()
                server.unpipe(client).resume()
              }),
            before: (needle: string, action: () => Promise<unknown>) => {
              text = needle
              act = action
            },
            hold: () => all((client, server) => void server.unpipe(client).pause()),
            release: () => all((client, server) => void server.pipe(client)),
            cut,
            repair: () => {
              isCut = false
            },
            close: () => {
              cut()
              listener.close()
            }
          })
        )
      })
    }),
    (proxy) => Effect.sync(proxy.close)
  )
