import { HttpApiBuilder, HttpMiddleware, HttpRouter } from "@effect/platform"
import { Layer } from "effect"
import { BotAccess } from "./Access/BotAccess.js"
import { AnalyticsHttp } from "./Analytics/Http.js"
import { AnalyticsRepo } from "./Analytics/Repo.js"
import { Api } from "./Api.js"
import { AdminsRepo } from "./Auth/AdminsRepo.js"
import { AuthenticationLive } from "./Auth/AuthenticationLive.js"
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
import { DocsLive } from "./Server/Docs.js"
import { Load } from "./Server/Load.js"
import { PipelineLive } from "./Server/Pipeline.js"
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

const Handlers = Layer.mergeAll(
  AuthHttp,
  BotsHttp,
  AnalyticsHttp,
  SummaryHttp,
  UsersHttp,
  PaymentsHttp,
  SubscriptionsHttp,
  SystemHttp
).pipe(Layer.provide(AuthenticationLive), Layer.provide([Repositories, Login]), Layer.provide(FactsState.layer))

/** Paths match exactly, as src/Server/Routes.ts has it, and a parameter may be as long as a request's line. */
const RouterLive = HttpRouter.setRouterConfig({
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false,
  maxParamLength: 16 * 1024
})

/** The platform's spans tell too much, and their making costs even where nobody asked for spans (src/Server/RequestSpan.ts). */
const withoutPlatformSpans = Layer.locally(HttpMiddleware.currentTracerDisabledWhen, () => true)

const MetricsLive = Metrics.Default.pipe(Layer.provideMerge(Load.Default), Layer.provide(FactsState.layer))

/** The API on whichever HTTP server is provided. It asks for the database (`Database.layer`) and the configuration. */
export const HttpLive = HttpApiBuilder.serve().pipe(
  withoutPlatformSpans,
  Layer.merge(MetricsExportLive),
  Layer.provide(DocsLive),
  Layer.provide(PipelineLive.pipe(Layer.provide(AdminsRepo.Default))),
  Layer.provide(HttpApiBuilder.api(Api).pipe(Layer.provide(Handlers))),
  Layer.provide(MetricsLive),
  Layer.provide(RouterLive)
)
