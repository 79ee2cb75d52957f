import * as HttpApi from "@effect/platform/HttpApi"
import type * as HttpApiGroup from "@effect/platform/HttpApiGroup"

/** The name of the service's Api (src/Api.ts). */
export const API_ID = "api"

/**
 * The Api of one group alone. A feature handles its group by this, and so needs to know of no other feature:
 * `HttpApiBuilder.group(apiOf(BotsApi), "bots", ...)` is the Layer of that group in the whole Api too.
 */
export const apiOf = <Group extends HttpApiGroup.HttpApiGroup.Any>(group: Group) => HttpApi.make(API_ID).add(group)
