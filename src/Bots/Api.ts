import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Authentication } from "../Auth/Authentication.js"
import { ServiceUnavailable } from "../Domain/Errors.js"
import { Bot } from "../Tables/Bots.js"

export class BotsApi extends HttpApiGroup.make("bots")
  .add(
    HttpApiEndpoint.get("listBots", "/api/bots")
      .addSuccess(Schema.Array(Bot))
      .addError(ServiceUnavailable)
      .annotate(OpenApi.Identifier, "listBots")
      .annotate(OpenApi.Summary, "My bots")
      .annotate(
        OpenApi.Description,
        "The bots that the admin owns, by `uid`. A bot added to the database is there from the next request on."
      )
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Bots")
  .annotate(OpenApi.Description, "The bots of an admin") {}
