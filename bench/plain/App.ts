import Fastify, { type FastifyInstance, LogController } from "fastify"
import { addAnalytics } from "./Analytics.js"
import { addAuth } from "./Auth.js"
import { addBots } from "./Bots.js"
import type { Config } from "./Config.js"
import { connect } from "./Database.js"
import { answerErrors } from "./Errors.js"
import { addPayments } from "./Payments.js"
import { addSubscriptions } from "./Subscriptions.js"
import { addSummary } from "./Summary.js"
import { addUsers } from "./Users.js"

/** The same API as the service's, written as one does with Fastify and mysql2. */
export const makeApp = async (config: Config): Promise<FastifyInstance> => {
  const database = connect(config)
  const app = Fastify({
    logger: { level: "info" },
    logController: new LogController({ disableRequestLogging: true })
  })
  answerErrors(app)

  app.addHook("onRequest", async (request, reply) => {
    reply.header("X-Request-Id", request.id).header("Cache-Control", "no-store")
  })
  // One line for each request, as the service writes one.
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url
    request.log.info({
      method: request.method,
      route,
      status: reply.statusCode,
      duration_ms: reply.elapsedTime,
      admin_id: request.adminId
    })
  })

  app.get("/readyz", async () => {
    await database.ping()
    return { status: "ready" }
  })
  const authenticate = await addAuth(app, database, config)
  await app.register(async (api) => {
    api.addHook("onRequest", authenticate)
    addBots(api, database)
    addAnalytics(api, database)
    addSummary(api, database)
    addUsers(api, database)
    addPayments(api, database)
    addSubscriptions(api, database)
  })
  return app
}
