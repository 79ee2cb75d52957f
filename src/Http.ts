import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { BotAccess } from "./Access/BotAccess.js"
import { AnalyticsHttp } from "./Analytics/Http.js"
import { AnalyticsRepo } from "./Analytics/Repo.js"
import { AdminsRepo } from "./Auth/AdminsRepo.js"
import { Credentials } from "./Auth/Credentials.js"
import { AuthHttp } from "./Auth/Http.js"
import { Jwt } from "./Auth/Jwt.js"
import { LoginLimit } from "./Auth/LoginLimit.js"
import { TelegramAuth } from "./Auth/TelegramAuth.js"
import { BotsHttp } from "./Bots/Http.js"
import { BotsRepo } from "./Bots/Repo.js"
import { Facts } from "./Facts/Facts.js"
import { FactsState } from "./Facts/State.js"
import { Cursors } from "./Lists/Cursors.js"
import { Lists } from "./Lists/Lists.js"
import { PaymentsHttp } from "./Payments/Http.js"
import { PaymentsRepo } from "./Payments/Repo.js"
import { ClientAddress } from "./Server/ClientAddress.js"
import * as Endpoints from "./Server/Endpoints.js"
import { HttpListener } from "./Server/Listening.js"
import { Load } from "./Server/Load.js"
import { makePipeline } from "./Server/Pipeline.js"
import { SubscriptionsHttp } from "./Subscriptions/Http.js"
import { SubscriptionsRepo } from "./Subscriptions/Repo.js"
import { SummaryHttp } from "./Summary/Http.js"
import { SummaryRepo } from "./Summary/Repo.js"
import { SystemHttp } from "./System/Http.js"
import { Metrics } from "./System/Metrics.js"
import { MetricsExportLive } from "./Telemetry/MetricsExport.js"
import { UsersHttp } from "./Users/Http.js"
import { UsersRepo } from "./Users/Repo.js"

const Repositories = Layer.mergeAll(
  AnalyticsRepo.Default,
  BotsRepo.Default,
  PaymentsRepo.Default,
  SubscriptionsRepo.Default,
  SummaryRepo.Default,
  UsersRepo.Default
).pipe(
  Layer.provide(Lists.Default.pipe(Layer.provide(Cursors.Default))),
  Layer.provide(Facts.Live),
  Layer.provide(BotAccess.Default)
)

const Login = Layer.mergeAll(
  TelegramAuth.Default,
  Jwt.Default,
  AdminsRepo.Default,
  LoginLimit.Default,
  ClientAddress.Default
)

const EndpointsLive = Endpoints.layer(
  Effect.all({
    auth: AuthHttp,
    bots: BotsHttp,
    analytics: AnalyticsHttp,
    summary: SummaryHttp,
    users: UsersHttp,
    payments: PaymentsHttp,
    subscriptions: SubscriptionsHttp,
    system: SystemHttp
  })
).pipe(Layer.provide(Credentials.Default), Layer.provide([Repositories, Login]), Layer.provide(FactsState.layer))

const MetricsLive = Metrics.Default.pipe(Layer.provideMerge(Load.Default), Layer.provide(FactsState.layer))

const serve = Effect.gen(function* () {
  const listener = yield* HttpListener
  yield* listener.serve(yield* makePipeline)
  yield* Effect.logInfo(`Listening on ${listener.url}`)
})

/** The API on the HTTP server that is provided. It asks for the database (`Database.layer`) and the configuration. */
export const HttpLive = Layer.scopedDiscard(serve).pipe(
  Layer.merge(MetricsExportLive),
  Layer.provide(EndpointsLive),
  Layer.provide(AdminsRepo.Default),
  Layer.provide(MetricsLive)
)
