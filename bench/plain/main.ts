import { makeApp } from "./App.js"
import { readConfig } from "./Config.js"

const config = readConfig()
const app = await makeApp(config)
await app.listen({ host: config.host, port: config.port })
