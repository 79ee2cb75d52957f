import type { FastifyInstance } from "fastify"

/** An answer other than the one asked for. */
export class HttpError extends Error {
  constructor(
    readonly statusCode: number,
    message: string
  ) {
    super(message)
  }
}

export const answerErrors = (app: FastifyInstance): void => {
  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) request.log.error(error)
    return reply.status(status).send({ message: status >= 500 ? "Internal error" : error.message })
  })
  app.setNotFoundHandler((_request, reply) => reply.status(404).send({ message: "No such route" }))
}
