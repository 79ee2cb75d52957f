import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Layer from "effect/Layer"
import { BotAccess } from "./Access/BotAccess.js"
import { AnalyticsHttp } from "./Analytics/Http.js"
import { Api } from "./Api.js"
import { AdminsRepo } from "./Auth/AdminsRepo.js"
import { AuthenticationLive } from "./Auth/AuthenticationLive.js"
import { AuthHttp } from "./Auth/Http.js"
import { Jwt } from "./Auth/Jwt.js"
import { TelegramAuth } from "./Auth/TelegramAuth.js"
import { BotsHttp } from "./Bots/Http.js"
import { PoolMetricsLive } from "./Database/PoolMetrics.js"
import { Facts } from "./Facts/Facts.js"
import { FactsMetricsLive } from "./Facts/FactsMetrics.js"
import { FactsState } from "./Facts/State.js"
import { Cursors } from "./Lists/Cursors.js"
import { Lists } from "./Lists/Lists.js"
import { PaymentsHttp } from "./Payments/Http.js"
import { ServerLive } from "./Server/Server.js"
import { SubscriptionsHttp } from "./Subscriptions/Http.js"
import { SummaryHttp } from "./Summary/Http.js"
import { Draining } from "./System/Draining.js"
import { SystemHttp } from "./System/Http.js"
import { Metrics } from "./Telemetry/Metrics.js"
import { MetricsExportLive } from "./Telemetry/MetricsExport.js"
import { UsersHttp } from "./Users/Http.js"

const Login = Layer.mergeAll(TelegramAuth.Default, Jwt.Default, AdminsRepo.Default)

const Rows = Lists.Default.pipe(
  Layer.provide(Cursors.Default),
  Layer.provideMerge(Facts.Live),
  Layer.provideMerge(BotAccess.Default)
)

/** Every group of the Api. One that is missing does not compile. */
const Groups = Layer.mergeAll(
  AuthHttp,
  BotsHttp,
  AnalyticsHttp,
  SummaryHttp,
  UsersHttp,
  PaymentsHttp,
  SubscriptionsHttp,
  SystemHttp
).pipe(Layer.provide(AuthenticationLive), Layer.provide([Login, Rows]))

const ApiLive = HttpApiBuilder.api(Api).pipe(Layer.provide(Groups))

/** The API on the HTTP server that is provided. It asks for the database (`DatabaseLive`) and the configuration. */
export const HttpLive = ServerLive.pipe(
  HttpServer.withLogAddress,
  Layer.provide(ApiLive),
  Layer.provide(AdminsRepo.Default),
  Layer.merge(Layer.mergeAll(PoolMetricsLive, FactsMetricsLive, MetricsExportLive)),
  Layer.provide([FactsState.layer, Metrics.Default, Draining.Default])
)
