import { isDeepStrictEqual } from "node:util"
import { MEASURED_BOT } from "../fill/BaseRows.js"
import type { Size } from "../Sizes.js"
import { type Call, type Caller, daysBefore, get, lastDays, logIn, ROUTES, send } from "./Calls.js"

/**
 * What is compared must do the same work: before anything is measured, the service and the other server have to give the
 * same JSON, member by member. `next_cursor` is left out: the plain server has none, and that of another build may be another.
 */

/** Of more than so many payments no year is compared: the plain server takes minutes for each. */
const HUGE = 1_000_000

const bot = `bot_id=${MEASURED_BOT}`
const ZONES = ["America/New_York", "Asia/Kathmandu", "Pacific/Chatham"]

/** Beside the measured routes: other zones, dates, statuses, currencies and pages. */
const variants = (caller: Caller, isHuge: boolean): ReadonlyArray<Call> => {
  const dates = (first: number, last: number) =>
    `${bot}&start_date=${daysBefore(caller.now, first)}&end_date=${daysBefore(caller.now, last)}`
  return [
    ...(isHuge ? [] : [`/api/analytics?${lastDays(365, caller)}&tz=Europe/Berlin`]),
    ...(isHuge ? [] : [`/api/analytics?${lastDays(731, caller)}`]),
    ...ZONES.map((zone) => `/api/analytics?${lastDays(40, caller)}&tz=${zone}`),
    `/api/analytics?${dates(200, 200)}&tz=Europe/Moscow`,
    ...["RUB", "xtr", "USDT", "EUR"].map((currency) => `/api/bots/${MEASURED_BOT}/summary?currency=${currency}`),
    "/api/bots/2/summary",
    `/api/users?${bot}&page=2&limit=7`,
    `/api/users?${bot}&page=1000000`,
    `/api/payments?${dates(100, 90)}&tz=America/New_York&page=3`,
    `/api/payments?${bot}&start_date=${daysBefore(caller.now, 10)}`,
    `/api/payments?${bot}&end_date=${daysBefore(caller.now, 400)}&tz=Asia/Kathmandu&limit=1000`,
    `/api/payments?${bot}&page=1000000`,
    ...["Active", "EXPIRED", "notified", "Unknown"].map((status) => `/api/subscriptions?${bot}&status=${status}`)
  ].map((path) => get(path, caller))
}

/** Refused by both, with the same status. */
const refused = (caller: Caller): ReadonlyArray<Call> => [
  { method: "GET", path: "/api/bots", headers: {} },
  { method: "GET", path: "/api/bots", headers: { authorization: "Bearer x.y.z" } },
  get("/api/users", caller),
  get(`/api/analytics?${bot}&start_date=2026-02-30&end_date=2026-03-01`, caller),
  get("/api/users?bot_id=4", caller),
  get("/api/users?bot_id=999999", caller)
]

/** The call for the last page of a list, with the default limit. */
export const lastPage = async (url: string, path: string, caller: Caller): Promise<{ call: Call; page: number }> => {
  const { text } = await send(url, get(path, caller))
  const { limit, total } = JSON.parse(text) as { total: number; limit: number }
  const page = Math.max(1, Math.ceil(total / limit))
  return { call: get(`${path}&page=${page}`, caller), page }
}

export const LISTS: Readonly<Record<string, string>> = {
  users: `/api/users?${bot}`,
  payments: `/api/payments?${bot}`,
  subscriptions: `/api/subscriptions?${bot}`
}

type Json = Readonly<Record<string, unknown>>

/** An answer without what may differ: the cursor, and the token of a login. */
const comparable = (text: string): unknown => {
  const value = JSON.parse(text) as Json | ReadonlyArray<unknown>
  if (Array.isArray(value)) return value
  const { next_cursor: _, token: __, ...rest } = value as Json
  return rest
}

/** Where two values differ first, for whoever has to find out why. */
const firstDifference = (ours: unknown, theirs: unknown, path = ""): string | undefined => {
  if (isDeepStrictEqual(ours, theirs)) return undefined
  if (typeof ours === "object" && typeof theirs === "object" && ours !== null && theirs !== null) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      const found = firstDifference((ours as Json)[key], (theirs as Json)[key], `${path}.${key}`)
      if (found !== undefined) return found
    }
  }
  return `${path}: ${JSON.stringify(ours)} and ${JSON.stringify(theirs)}`
}

/** A month that ends now has moved on between two requests: only what differs three times does. */
const ATTEMPTS = 3

/** Fails where service and other server do not both answer, and alike. */
export const compare = async (service: string, other: string, call: Call): Promise<void> => {
  let difference: string | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [ours, theirs] = await Promise.all([send(service, call), send(other, call)])
    for (const [name, answer] of Object.entries({ service: ours, other: theirs })) {
      if (answer.status !== 200) {
        throw new Error(`${call.method} ${call.path}: the ${name} server answers ${answer.status} ${answer.text}`)
      }
    }
    difference = firstDifference(comparable(ours.text), comparable(theirs.text))
    if (difference === undefined) return
  }
  throw new Error(`${call.method} ${call.path}: the servers differ at ${difference}`)
}

const compareRefusals = async (service: string, other: string, call: Call): Promise<void> => {
  const [ours, theirs] = await Promise.all([send(service, call), send(other, call)])
  if (ours.status !== theirs.status || ours.status < 400) {
    throw new Error(
      `${call.method} ${call.path}: the service answers ${ours.status}, the other server ${theirs.status}`
    )
  }
}

/** Fails where the servers' answers differ; gives how many were compared. */
export const compareAnswers = async (
  service: string,
  other: string,
  caller: Caller,
  { payments }: Size
): Promise<number> => {
  const isHuge = payments > HUGE
  const lists = await Promise.all(Object.values(LISTS).map((path) => lastPage(other, path, caller)))
  const calls = [
    ...ROUTES.filter(({ name }) => !isHuge || name !== "analytics-year").map(({ call }) => call(caller)),
    ...variants(caller, isHuge),
    ...lists.map(({ call }) => call),
    logIn(caller)
  ]
  for (const call of calls) await compare(service, other, call)
  const refusals = refused(caller)
  for (const call of refusals) await compareRefusals(service, other, call)
  return calls.length + refusals.length
}
