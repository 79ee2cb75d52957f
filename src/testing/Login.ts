import type { TestResponse, TestService } from "./Service.js"

/** POSTs to the login what a test wants to send. */
export const logIn = (
  service: typeof TestService.Service,
  initData: unknown,
  headers: Record<string, string> = {}
): Promise<TestResponse> => postLogin(service, JSON.stringify({ init_data: initData }), headers)

export const postLogin = (
  service: typeof TestService.Service,
  body: string,
  headers: Record<string, string> = {}
): Promise<TestResponse> =>
  service.request("/api/auth/telegram", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body
  })
