export interface Welcome {
  readonly url: string
  readonly initData: string
  readonly token: string
  /** `2026-01-07`, in UTC. */
  readonly today: string
  /** Where the data stay. */
  readonly place: string
}

/** What the demo prints when it is ready: where to look, how to log in, and lines to paste. */
export const welcome = ({ initData, place, today, token, url }: Welcome): string => {
  const yearAgo = `${Number(today.slice(0, 4)) - 1}${today.slice(4)}`.replace("02-29", "02-28")
  return `
The API is ready at ${url}

  Documentation   ${url}/docs
  OpenAPI         ${url}/openapi.json

The demo owner has the bots 1, 2 and 3. Three ways to be that owner, good for 24 hours:

  Authorization: Bearer ${token}

  X-Telegram-Init-Data: ${initData}

  Authorization: tma <the same initData>

Try:

  export TOKEN='${token}'
  curl -s ${url}/api/bots -H "Authorization: Bearer $TOKEN"
  curl -s '${url}/api/analytics?bot_id=1&start_date=${yearAgo}&end_date=${today}&tz=Europe/Moscow' -H "Authorization: Bearer $TOKEN"
  curl -s ${url}/api/bots/1/summary -H "Authorization: Bearer $TOKEN"
  curl -s '${url}/api/payments?bot_id=1&limit=3' -H "Authorization: Bearer $TOKEN"
  curl -s ${url}/api/auth/telegram -H 'Content-Type: application/json' -d '${JSON.stringify({ init_data: initData })}'

Ctrl-C stops it; the data stay in ${place}.
`
}
