import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { createPool } from "mysql2/promise"

/**
 * The least that any server can cost: it reads the request, waits for the cheapest statement there is, and writes bytes
 * that are ready. `FLOOR_ANSWERS` names a file of them, by method and path, as the other servers answered.
 */
const answers = new Map(
  Object.entries(JSON.parse(readFileSync(process.env.FLOOR_ANSWERS ?? "", "utf8")) as Record<string, string>).map(
    ([key, body]) => [key, Buffer.from(body)]
  )
)
const pool = createPool({
  uri: process.env.DATABASE_URL ?? "",
  connectionLimit: Number(process.env.DATABASE_POOL_SIZE ?? 10)
})

createServer(async (request, response) => {
  const body = answers.get(`${request.method} ${request.url}`)
  if (body === undefined) {
    response.writeHead(404).end()
    return
  }
  await pool.execute("SELECT 1")
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length }).end(body)
}).listen(Number(process.env.PORT), process.env.HOST)
