import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { TestService } from "./Service.js"

type Service = typeof TestService.Service

/** A test whose steps with the service are promises. */
export const steps = (act: (service: Service) => Promise<void>): Effect.Effect<void, never, TestService> =>
  Effect.flatMap(TestService, (service) => Effect.promise(() => act(service)))

/** The same service with more rows in its database. */
export const withRows =
  (statement: string, values: ReadonlyArray<unknown> = []) =>
  <E>(service: Layer.Layer<TestService, E>): Layer.Layer<TestService, E> =>
    Layer.tap(service, (context) =>
      Effect.promise(() => Context.get(context, TestService).database.connection.query(statement, [...values]))
    )

/** Bot 1 of this admin. */
export const withBotOf = (owner: number) =>
  withRows("INSERT INTO bots (uid, bot_id, admin_id) VALUES (1, 7214036581, ?)", [owner])
