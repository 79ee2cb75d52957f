// Generated from openapi.json by `npm run openapi`: do not edit.
export interface paths {
    "/api/analytics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A bot's figures, day by day
         * @description One entry for every day from `start_date` to `end_date`, both included, zeros where nothing happened. A day is a calendar day in `tz`: from the first instant whose local date is that day to the first instant of the next, so 23, 24 or 25 hours. What a row counts as depends on the data alone, never on the range asked for: days add up to the range.
         *
         *     - **registrations**: `users` rows by `reg_date`.
         *     - **payments**: `PAID` payments by `date`. Each is a key purchase, a renewal, or other (a top-up, a gift, an add-on).
         *     - **keys**, **renewals**: what a PAID payment was for is what its `meta` says under `kind`, else `type`, else `purpose`: `key`, `purchase`, `buy`, `new` is a key purchase; `renewal`, `renew`, `extend`, `prolong` is a renewal; any other text is other. Where `meta` says nothing, it is a key purchase if it is the user's first PAID payment in this bot, those marked other not counted, or if a subscription of the user in this bot started within 15 minutes before or after it; else a renewal.
         *     - **trials**: subscriptions by `start_date` that are trials. `meta` says yes: `trial` or `is_trial` is true, or `kind`, else `type`, is `trial`. It says no: one of these is there with another value. Where it says nothing: it is a trial if it is the user's first subscription in this bot and the user has no PAID payment in this bot up to 15 minutes after it started.
         */
        get: operations["getAnalytics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/telegram": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in with Telegram initData
         * @description Checks the initData of a Mini App and answers with a bearer token. Makes the account on the first login, and takes over the names that Telegram has now on each.
         *
         *     Valid is what Telegram signed for the service's own bot (HMAC-SHA256), or for any bot in `bots` (Ed25519 `signature`), not older than the service allows. At most 10 failed attempts and 60 in all a minute from one address.
         */
        post: operations["loginWithTelegram"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My bots
         * @description The bots that the admin owns, by `uid`. A bot added to the database is there from the next request on.
         */
        get: operations["listBots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A bot's figures at this moment
         * @description Users and revenue of one bot, all at one moment.
         *
         *     - **total_users**: `users` rows. **new_users_month**: those registered in the last 30 × 24 hours.
         *     - **active_users**: distinct `user_id` with a subscription whose status is `Active`.
         *     - **total_revenue**, **monthly_revenue**, **average_check**: sum, sum over the last 30 × 24 hours, and mean of the PAID amounts in one currency, the one named in `currency`. Amounts of different currencies are never added. Sums are exact.
         *     - A currency asked for in which nothing is PAID is named in the answer, with zeros.
         */
        get: operations["getSummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A bot's payments
         * @description Newest `date` first, then `bill_id` descending by its code points. Of all statuses; each of the dates alone or both, included.
         */
        get: operations["listPayments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A bot's subscriptions
         * @description Newest `start_date` first (those without one last), then highest `uid`. `keys` and `sub_url` are live credentials.
         */
        get: operations["listSubscriptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A bot's users
         * @description Newest `reg_date` first (those without one last), then highest `uid`. One person has one row in each bot.
         */
        get: operations["listUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The process lives
         * @description Answers as long as the process does, with the database up or down.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Figures for Prometheus
         * @description Request counts and durations by route and status, pool and process figures, in Prometheus' text format.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The service can answer
         * @description The database answers, the migrations are in, the bots' tables have what is needed, and with `FACTS=on` the log is followed; 503 where not, and the message names what is missing.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Not this bot's admin, or no such bot: the answer does not tell which. `bot_id` is the `uid` of `GET /api/bots`, not Telegram's id of the bot
         * @example {
         *       "_tag": "AccessDenied",
         *       "message": "Access denied to this bot; bot_id is the `uid` of GET /api/bots"
         *     }
         */
        AccessDenied: {
            /** @enum {string} */
            _tag: "AccessDenied";
            /** @description What is wrong and what to do, for a person */
            message: string;
        };
        /**
         * @description `uid` is what every parameter called `bot_id` means; `bot_id` here alone is Telegram's own id of the bot
         * @example {
         *       "uid": 1,
         *       "bot_id": 7214036581,
         *       "username": "fox_vpn_bot",
         *       "admin_id": 777000123,
         *       "ref_percent": 15,
         *       "balance": 48210.55,
         *       "status": "ACTIVE",
         *       "meta": {
         *         "lang": "ru"
         *       }
         *     }
         */
        Bot: {
            /** Format: int64 */
            admin_id: number;
            balance: components["schemas"]["Decimal"];
            /** @description Telegram's own id of the bot; null where it has none yet */
            bot_id: number | null;
            meta: components["schemas"]["Json"];
            ref_percent: components["schemas"]["Decimal"];
            /** @example ACTIVE */
            status: string;
            /** Format: int64 */
            uid: number;
            username: string | null;
        };
        /**
         * Format: date
         * @description A calendar day
         * @example 2026-01-31
         */
        CalendarDate: string;
        CurrencyRevenue: {
            /**
             * Format: double
             * @description A decimal as a JSON number: the double nearest to the exact value
             * @example 199.99
             */
            average_check: number;
            /**
             * @description In upper case
             * @example RUB
             */
            currency: string;
            /**
             * Format: double
             * @description A decimal as a JSON number: the double nearest to the exact value
             * @example 199.99
             */
            monthly_revenue: number;
            /** @description How many are PAID in this currency */
            payments: number;
            /**
             * Format: double
             * @description A decimal as a JSON number: the double nearest to the exact value
             * @example 199.99
             */
            total_revenue: number;
        };
        /**
         * @example {
         *       "date": "2026-01-31",
         *       "registrations": 130,
         *       "payments": 136,
         *       "trials": 90,
         *       "keys": 31,
         *       "renewals": 91
         *     }
         */
        DayFigures: {
            date: components["schemas"]["CalendarDate"];
            /** @description PAID payments that were key purchases */
            keys: number;
            /** @description PAID payments of any kind */
            payments: number;
            /** @description Users who registered */
            registrations: number;
            /** @description PAID payments that were renewals */
            renewals: number;
            /** @description Trial subscriptions that started */
            trials: number;
        };
        /**
         * Format: double
         * @description A decimal as a JSON number: the double nearest to the exact value
         * @example 199.99
         */
        Decimal: number;
        /**
         * @description The request's line and headers are over 16 KiB
         * @example {
         *       "_tag": "HeadersTooLarge",
         *       "message": "The request's line and headers are over 16 KiB"
         *     }
         */
        HeadersTooLarge: {
            /** @enum {string} */
            _tag: "HeadersTooLarge";
            /** @description What is wrong and what to do, for a person */
            message: string;
        };
        Health: {
            /** @enum {string} */
            status: "ok";
        };
        /**
         * @description The initData is too old: relaunch the Mini App
         * @example {
         *       "_tag": "InitDataExpired",
         *       "message": "init_data expired; reopen the Mini App"
         *     }
         */
        InitDataExpired: {
            /** @enum {string} */
            _tag: "InitDataExpired";
            /** @description What is wrong and what to do, for a person */
            message: string;
        };
        /**
         * @description A fault of the service; `X-Request-Id` finds it in the log
         * @example {
         *       "_tag": "InternalError",
         *       "message": "The service failed; the X-Request-Id header of this answer finds the cause in its log"
         *     }
         */
        InternalError: {
            /** @enum {string} */
            _tag: "InternalError";
            /** @description What is wrong and what to do, for a person */
            message: string;
        };
        /**
         * @description A parameter or the body is wrong; `issues` names each
         * @example {
         *       "_tag": "InvalidRequest",
         *       "message": "The request is not valid: limit must be a whole number from 1 to 1000",
         *       "issues": [
         *         {
         *           "path": "limit",
         *           "message": "must be a whole number from 1 to 1000"
         *         }
         *       ]
         *     }
         */
        InvalidRequest: {
            /** @enum {string} */
            _tag: "InvalidRequest";
            issues: components["schemas"]["ValidationIssue"][];
            /** @description What is wrong and what to do, for a person */
            message: string;
        };
        /** @description Any JSON value, as the bot wrote it; null where the column is null */
        Json: {
            [key: string]: unknown;
        } | unknown[] | string | number | boolean | null;
        LoginRequest: {
            /**
             * @description The raw initData string that Telegram hands the Mini App, as it is
             * @example query_id=AAH...&user=%7B%22id%22%3A777000123%7D&auth_date=1767225600&hash=...
             */
            init_data: string;
        };
        LoginResponse: {
            /** @description For `Authorization: Bearer` */
            token: string;
            user: components["schemas"]["User"];
        };
        /**
         * @description The service is not ready, or not any more
         * @example {
         *       "_tag": "ServiceUnavailable",
         *       "message": "The service is not ready: it waits for the database. Try again soon.",
         *       "status": "not ready",
         *       "figures": "rows",
         *       "reasons": [
         *         "the service is starting"
         *       ],
         *       "remedy": null
         *     }
         */
        NotReady: {
            /** @enum {string} */
            _tag: "ServiceUnavailable";
            /**
             * @description Where figures come from: `facts`, tables of the service's own that follow the server's binary log; or each time from the bots' `rows`, because the server or the account's rights allow no more, or while facts are `building`. They are the same figures.
             * @enum {string}
             */
            figures: "facts" | "building" | "rows";
            /** @description What is wrong and what to do, for a person */
            message: string;
            /** @description What is not as it should be, all at once */
            reasons: string[];
            /** @description What an administrator pastes to mend it */
            remedy: string | null;
            /** @enum {string} */
            status: "not ready";
        };
        /**
         * @description The body is over 64 KiB
         * @example {
         *       "_tag": "PayloadTooLarge",
         *       "message": "The body is over 64 KiB; send less"
         *     }
         */
        PayloadTooLarge: {
            /** @enum {string} */
            _tag: "PayloadTooLarge";
            /** @description What is wrong and what to do, for a person */
            message: string;
        };
        /**
         * @example {
         *       "bill_id": "2c9f4a1e-000f-5000-8000-1b7a3d2e9c40",
         *       "user_id": 5876512345,
         *       "bot_id": 1,
         *       "amount": 199,
         *       "currency": "RUB",
         *       "status": "PAID",
         *       "provider": "yookassa",
         *       "date": "2026-01-31T20:59:59Z",
         *       "meta": {
         *         "kind": "renewal",
         *         "months": 1
         *       }
         *     }
         */
        Payment: {
            /**
             * Format: double
             * @description A decimal as a JSON number: the double nearest to the exact value
             * @example 199.99
             */
            amount: number;
            bill_id: string;
            /** Format: int64 */
            bot_id: number;
            /**
             * @description In upper case
             * @example RUB
             */
            currency: string;
            /** @description Null only where an older bot wrote a payment without a date: such a row is in no day */
            date: components["schemas"]["UtcTime"] | null;
            meta: components["schemas"]["Json"];
            provider: string | null;
            /** @description `PAID`, in any case, is money received; nothing else is */
            status: string;
            user_id: number | null;
        };
        PaymentsPage: {
            /** @description How many rows a page has at most, as asked */
            limit: number;
            /**
             * @description `cursor` of the next page; null on the last one. Every answer has it, by `page` too
             * @example uUzH6Wf9rcjV0w1uYyD0WlsiMjAyNi0wMS0zMSAyMDo1OTo1OSIsNDk5OTcsMTAwXQ
             */
            next_cursor: string | null;
            /** @description The page's number. By cursor: the number of the page, with this `limit`, that its first row would be on, by the rows of the pages that led here */
            page: number;
            payments: components["schemas"]["Payment"][];
            /** @description How many there are on all pages together */
            total: number;
        };
        Ready: {
            /**
             * @description Where figures come from: `facts`, tables of the service's own that follow the server's binary log; or each time from the bots' `rows`, because the server or the account's rights allow no more, or while facts are `building`. They are the same figures.
             * @enum {string}
             */
            figures: "facts" | "building" | "rows";
            /** @description What is not as it should be, all at once */
            reasons: string[];
            /** @description What an administrator pastes to mend it */
            remedy: string | null;
            /** @enum {string} */
            status: "ready";
        };
        /**
         * @description The database does not answer in time or is down, or the service is overloaded; `Retry-After` says when to try again, in seconds
         * @example {
         *       "_tag": "ServiceUnavailable",
         *       "message": "The database does not answer at the moment. Try again in a few seconds."
         *     }
         */
        ServiceUnavailable: {
            /** @enum {string} */
            _tag: "ServiceUnavailable";
            /** @description What is wrong and what to do, for a person */
            message: string;
        };
        /**
         * @description `keys` and `sub_url` are live credentials: do not log them or pass them on
         * @example {
         *       "uid": 44772,
         *       "sub_uid": "ecd48af1-931a-49c8-a44e-507f8fe62662",
         *       "sub_url": "https://sub.example.org/HCu1VkmMdfLoyXcSdloqCE",
         *       "user_id": 5876512345,
         *       "bot_id": 1,
         *       "status": "Active",
         *       "start_date": "2026-01-31T20:59:59Z",
         *       "stop_date": "2026-02-28T20:59:59Z",
         *       "meta": {
         *         "devices": 2
         *       },
         *       "keys": [
         *         "vless://1db81157-fc2e-4edd-a87e-0b49fb4820c0@nl5.example.org:443"
         *       ]
         *     }
         */
        Subscription: {
            /** Format: int64 */
            bot_id: number;
            keys: components["schemas"]["Json"];
            meta: components["schemas"]["Json"];
            start_date: components["schemas"]["UtcTime"] | null;
            /** @description `Active`, `Expired` and `Notified` are in use; others may appear */
            status: string;
            stop_date: components["schemas"]["UtcTime"] | null;
            sub_uid: string;
            /** @description A live credential: do not log it or pass it on */
            sub_url: string | null;
            /** Format: int64 */
            uid: number;
            user_id: number | null;
        };
        SubscriptionsPage: {
            /** @description How many rows a page has at most, as asked */
            limit: number;
            /**
             * @description `cursor` of the next page; null on the last one. Every answer has it, by `page` too
             * @example uUzH6Wf9rcjV0w1uYyD0WlsiMjAyNi0wMS0zMSAyMDo1OTo1OSIsNDk5OTcsMTAwXQ
             */
            next_cursor: string | null;
            /** @description The page's number. By cursor: the number of the page, with this `limit`, that its first row would be on, by the rows of the pages that led here */
            page: number;
            subscriptions: components["schemas"]["Subscription"][];
            /** @description How many there are on all pages together */
            total: number;
        };
        /**
         * @example {
         *       "total_users": 24000,
         *       "active_users": 3432,
         *       "new_users_month": 2348,
         *       "total_revenue": 4543428.3,
         *       "monthly_revenue": 514730.5,
         *       "average_check": 281.12,
         *       "currency": "RUB",
         *       "revenue_by_currency": [
         *         {
         *           "currency": "RUB",
         *           "payments": 16162,
         *           "total_revenue": 4543428.3,
         *           "monthly_revenue": 514730.5,
         *           "average_check": 281.12
         *         }
         *       ]
         *     }
         */
        Summary: {
            /** @description Distinct users with a subscription whose status is Active */
            active_users: number;
            /**
             * Format: double
             * @description A decimal as a JSON number: the double nearest to the exact value
             * @example 199.99
             */
            average_check: number;
            /** @description The currency of the three figures of revenue; null where nothing was ever PAID */
            currency: string | null;
            /**
             * Format: double
             * @description A decimal as a JSON number: the double nearest to the exact value
             * @example 199.99
             */
            monthly_revenue: number;
            /** @description Users registered in the last 30 × 24 hours */
            new_users_month: number;
            /** @description Each currency with a PAID payment, most payments first, then by name */
            revenue_by_currency: components["schemas"]["CurrencyRevenue"][];
            /**
             * Format: double
             * @description A decimal as a JSON number: the double nearest to the exact value
             * @example 199.99
             */
            total_revenue: number;
            /** @description Rows of the bot's users */
            total_users: number;
        };
        /**
         * @description The token is too old: log in again
         * @example {
         *       "_tag": "TokenExpired",
         *       "message": "The token has expired; log in again"
         *     }
         */
        TokenExpired: {
            /** @enum {string} */
            _tag: "TokenExpired";
            /** @description What is wrong and what to do, for a person */
            message: string;
        };
        /**
         * @description Too many attempts to log in from this address; `Retry-After` says when to come back, in seconds
         * @example {
         *       "_tag": "TooManyRequests",
         *       "message": "Too many attempts to log in from this address; try again in 42 s",
         *       "limit": 10,
         *       "retry_after": 42
         *     }
         */
        TooManyRequests: {
            /** @enum {string} */
            _tag: "TooManyRequests";
            /** @description Attempts a minute */
            limit: number;
            /** @description What is wrong and what to do, for a person */
            message: string;
            /** @description Seconds */
            retry_after: number;
        };
        /**
         * @description No credentials, or bad ones; the message says which
         * @example {
         *       "_tag": "Unauthorized",
         *       "message": "No credentials: send Authorization: Bearer <token>, Authorization: tma <initData> or X-Telegram-Init-Data: <initData>"
         *     }
         */
        Unauthorized: {
            /** @enum {string} */
            _tag: "Unauthorized";
            /** @description What is wrong and what to do, for a person */
            message: string;
        };
        /**
         * @description The body is not JSON
         * @example {
         *       "_tag": "UnsupportedMediaType",
         *       "message": "Send the body as JSON, with Content-Type: application/json"
         *     }
         */
        UnsupportedMediaType: {
            /** @enum {string} */
            _tag: "UnsupportedMediaType";
            /** @description What is wrong and what to do, for a person */
            message: string;
        };
        /**
         * @description A user of a bot; also a dashboard account, which is a user of no bot and has `bot_id` 0
         * @example {
         *       "uid": 49997,
         *       "user_id": 5876512345,
         *       "bot_id": 1,
         *       "username": "max",
         *       "invited": "ref_8778557407",
         *       "reg_date": "2026-01-31T20:59:59Z",
         *       "ref_percent": 0,
         *       "meta": {
         *         "language_code": "ru"
         *       }
         *     }
         */
        User: {
            /** Format: int64 */
            bot_id: number;
            /** @description Who or what brought the user */
            invited: string | null;
            meta: components["schemas"]["Json"];
            ref_percent: components["schemas"]["Decimal"];
            reg_date: components["schemas"]["UtcTime"] | null;
            /** Format: int64 */
            uid: number;
            user_id: number | null;
            username: string | null;
        };
        UsersPage: {
            /** @description How many rows a page has at most, as asked */
            limit: number;
            /**
             * @description `cursor` of the next page; null on the last one. Every answer has it, by `page` too
             * @example uUzH6Wf9rcjV0w1uYyD0WlsiMjAyNi0wMS0zMSAyMDo1OTo1OSIsNDk5OTcsMTAwXQ
             */
            next_cursor: string | null;
            /** @description The page's number. By cursor: the number of the page, with this `limit`, that its first row would be on, by the rows of the pages that led here */
            page: number;
            /** @description How many there are on all pages together */
            total: number;
            users: components["schemas"]["User"][];
        };
        /**
         * Format: date-time
         * @description An instant in UTC, ISO 8601 with Z
         * @example 2026-01-31T23:59:59Z
         */
        UtcTime: string;
        ValidationIssue: {
            /** @description What is wrong with it */
            message: string;
            /**
             * @description The parameter or field
             * @example start_date
             */
            path: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getAnalytics: {
        parameters: {
            query: {
                /**
                 * @description The bot: its `uid` in `GET /api/bots`, not Telegram's id of the bot
                 * @example 1
                 */
                bot_id: number;
                /**
                 * @description The last day, included. At most 731 days in all
                 * @example 2026-01-31
                 */
                end_date: string;
                /**
                 * @description The first day
                 * @example 2026-01-01
                 */
                start_date: string;
                /** @description The time zone whose days are meant, an IANA name or alias */
                tz?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DayFigures"][];
                };
            };
            /** @description A parameter or the body is wrong; `issues` names each */
            400: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvalidRequest"];
                };
            };
            /** @description No credentials, or bad ones; the message says which */
            401: {
                headers: {
                    /** @description The schemes that are taken */
                    "WWW-Authenticate"?: string;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unauthorized"] | components["schemas"]["InitDataExpired"] | components["schemas"]["TokenExpired"];
                };
            };
            /** @description Not this bot's admin, or no such bot: the answer does not tell which. `bot_id` is the `uid` of `GET /api/bots`, not Telegram's id of the bot */
            403: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessDenied"];
                };
            };
            /** @description The request's line and headers are over 16 KiB */
            431: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadersTooLarge"];
                };
            };
            /** @description A fault of the service; `X-Request-Id` finds it in the log */
            500: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InternalError"];
                };
            };
            /** @description The database does not answer in time or is down, or the service is overloaded; `Retry-After` says when to try again, in seconds */
            503: {
                headers: {
                    /** @description Seconds until it is worth trying again */
                    "Retry-After"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceUnavailable"];
                };
            };
        };
    };
    loginWithTelegram: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            /** @description LoginResponse */
            200: {
                headers: {
                    /** @description Attempts in a minute, by the limit that will be met first */
                    "RateLimit-Limit"?: number;
                    /** @description All limits: `10;w=60` are 10 in 60 seconds */
                    "RateLimit-Policy"?: string;
                    /** @description How many of them are left */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until the minute is over */
                    "RateLimit-Reset"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginResponse"];
                };
            };
            /** @description A parameter or the body is wrong; `issues` names each */
            400: {
                headers: {
                    /** @description Attempts in a minute, by the limit that will be met first */
                    "RateLimit-Limit"?: number;
                    /** @description All limits: `10;w=60` are 10 in 60 seconds */
                    "RateLimit-Policy"?: string;
                    /** @description How many of them are left */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until the minute is over */
                    "RateLimit-Reset"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvalidRequest"];
                };
            };
            /** @description No credentials, or bad ones; the message says which */
            401: {
                headers: {
                    /** @description Attempts in a minute, by the limit that will be met first */
                    "RateLimit-Limit"?: number;
                    /** @description All limits: `10;w=60` are 10 in 60 seconds */
                    "RateLimit-Policy"?: string;
                    /** @description How many of them are left */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until the minute is over */
                    "RateLimit-Reset"?: number;
                    /** @description The schemes that are taken */
                    "WWW-Authenticate"?: string;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unauthorized"] | components["schemas"]["InitDataExpired"];
                };
            };
            /** @description The body is over 64 KiB */
            413: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PayloadTooLarge"];
                };
            };
            /** @description The body is not JSON */
            415: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnsupportedMediaType"];
                };
            };
            /** @description Too many attempts to log in from this address; `Retry-After` says when to come back, in seconds */
            429: {
                headers: {
                    /** @description Attempts in a minute, by the limit that will be met first */
                    "RateLimit-Limit"?: number;
                    /** @description All limits: `10;w=60` are 10 in 60 seconds */
                    "RateLimit-Policy"?: string;
                    /** @description How many of them are left */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until the minute is over */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth trying again */
                    "Retry-After"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TooManyRequests"];
                };
            };
            /** @description The request's line and headers are over 16 KiB */
            431: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadersTooLarge"];
                };
            };
            /** @description A fault of the service; `X-Request-Id` finds it in the log */
            500: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InternalError"];
                };
            };
            /** @description The database does not answer in time or is down, or the service is overloaded; `Retry-After` says when to try again, in seconds */
            503: {
                headers: {
                    /** @description Attempts in a minute, by the limit that will be met first */
                    "RateLimit-Limit"?: number;
                    /** @description All limits: `10;w=60` are 10 in 60 seconds */
                    "RateLimit-Policy"?: string;
                    /** @description How many of them are left */
                    "RateLimit-Remaining"?: number;
                    /** @description Seconds until the minute is over */
                    "RateLimit-Reset"?: number;
                    /** @description Seconds until it is worth trying again */
                    "Retry-After"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceUnavailable"];
                };
            };
        };
    };
    listBots: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bot"][];
                };
            };
            /** @description No credentials, or bad ones; the message says which */
            401: {
                headers: {
                    /** @description The schemes that are taken */
                    "WWW-Authenticate"?: string;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unauthorized"] | components["schemas"]["InitDataExpired"] | components["schemas"]["TokenExpired"];
                };
            };
            /** @description The request's line and headers are over 16 KiB */
            431: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadersTooLarge"];
                };
            };
            /** @description A fault of the service; `X-Request-Id` finds it in the log */
            500: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InternalError"];
                };
            };
            /** @description The database does not answer in time or is down, or the service is overloaded; `Retry-After` says when to try again, in seconds */
            503: {
                headers: {
                    /** @description Seconds until it is worth trying again */
                    "Retry-After"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceUnavailable"];
                };
            };
        };
    };
    getSummary: {
        parameters: {
            query?: {
                /** @description The currency of the revenue, in any case. Left out: the one with the most PAID payments, then the first by name */
                currency?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The bot: its `uid` in `GET /api/bots`, not Telegram's id of the bot
                 * @example 1
                 */
                bot_id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Summary */
            200: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Summary"];
                };
            };
            /** @description A parameter or the body is wrong; `issues` names each */
            400: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvalidRequest"];
                };
            };
            /** @description No credentials, or bad ones; the message says which */
            401: {
                headers: {
                    /** @description The schemes that are taken */
                    "WWW-Authenticate"?: string;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unauthorized"] | components["schemas"]["InitDataExpired"] | components["schemas"]["TokenExpired"];
                };
            };
            /** @description Not this bot's admin, or no such bot: the answer does not tell which. `bot_id` is the `uid` of `GET /api/bots`, not Telegram's id of the bot */
            403: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessDenied"];
                };
            };
            /** @description The request's line and headers are over 16 KiB */
            431: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadersTooLarge"];
                };
            };
            /** @description A fault of the service; `X-Request-Id` finds it in the log */
            500: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InternalError"];
                };
            };
            /** @description The database does not answer in time or is down, or the service is overloaded; `Retry-After` says when to try again, in seconds */
            503: {
                headers: {
                    /** @description Seconds until it is worth trying again */
                    "Retry-After"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceUnavailable"];
                };
            };
        };
    };
    listPayments: {
        parameters: {
            query: {
                /**
                 * @description The bot: its `uid` in `GET /api/bots`, not Telegram's id of the bot
                 * @example 1
                 */
                bot_id: number;
                /** @description Where the page begins: `next_cursor` of an answer for the same bot and the same filters; instead of `page`. A page costs the same however far down the list it lies, and rows that come or go meanwhile make no other row come twice or be left out. `limit` may change on the way */
                cursor?: string;
                /** @description The last day, included to its end; open where left out */
                end_date?: string;
                /** @description How many rows a page has at most. A page also ends before its rows are more than 4 MiB of text, but never before the first: where rows are that wide, go on by `next_cursor`, which leaves none out */
                limit?: number;
                /** @description The page, from 1. One past the end has an empty list and the right total */
                page?: number;
                /** @description The first day; open where left out */
                start_date?: string;
                /** @description The time zone whose days are meant, an IANA name or alias */
                tz?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description PaymentsPage */
            200: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentsPage"];
                };
            };
            /** @description A parameter or the body is wrong; `issues` names each */
            400: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvalidRequest"];
                };
            };
            /** @description No credentials, or bad ones; the message says which */
            401: {
                headers: {
                    /** @description The schemes that are taken */
                    "WWW-Authenticate"?: string;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unauthorized"] | components["schemas"]["InitDataExpired"] | components["schemas"]["TokenExpired"];
                };
            };
            /** @description Not this bot's admin, or no such bot: the answer does not tell which. `bot_id` is the `uid` of `GET /api/bots`, not Telegram's id of the bot */
            403: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessDenied"];
                };
            };
            /** @description The request's line and headers are over 16 KiB */
            431: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadersTooLarge"];
                };
            };
            /** @description A fault of the service; `X-Request-Id` finds it in the log */
            500: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InternalError"];
                };
            };
            /** @description The database does not answer in time or is down, or the service is overloaded; `Retry-After` says when to try again, in seconds */
            503: {
                headers: {
                    /** @description Seconds until it is worth trying again */
                    "Retry-After"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceUnavailable"];
                };
            };
        };
    };
    listSubscriptions: {
        parameters: {
            query: {
                /**
                 * @description The bot: its `uid` in `GET /api/bots`, not Telegram's id of the bot
                 * @example 1
                 */
                bot_id: number;
                /** @description Where the page begins: `next_cursor` of an answer for the same bot and the same filters; instead of `page`. A page costs the same however far down the list it lies, and rows that come or go meanwhile make no other row come twice or be left out. `limit` may change on the way */
                cursor?: string;
                /** @description How many rows a page has at most. A page also ends before its rows are more than 4 MiB of text, but never before the first: where rows are that wide, go on by `next_cursor`, which leaves none out */
                limit?: number;
                /** @description The page, from 1. One past the end has an empty list and the right total */
                page?: number;
                /** @description Only those of this status, compared without regard to case. One that no row has gives an empty list */
                status?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description SubscriptionsPage */
            200: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriptionsPage"];
                };
            };
            /** @description A parameter or the body is wrong; `issues` names each */
            400: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvalidRequest"];
                };
            };
            /** @description No credentials, or bad ones; the message says which */
            401: {
                headers: {
                    /** @description The schemes that are taken */
                    "WWW-Authenticate"?: string;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unauthorized"] | components["schemas"]["InitDataExpired"] | components["schemas"]["TokenExpired"];
                };
            };
            /** @description Not this bot's admin, or no such bot: the answer does not tell which. `bot_id` is the `uid` of `GET /api/bots`, not Telegram's id of the bot */
            403: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessDenied"];
                };
            };
            /** @description The request's line and headers are over 16 KiB */
            431: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadersTooLarge"];
                };
            };
            /** @description A fault of the service; `X-Request-Id` finds it in the log */
            500: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InternalError"];
                };
            };
            /** @description The database does not answer in time or is down, or the service is overloaded; `Retry-After` says when to try again, in seconds */
            503: {
                headers: {
                    /** @description Seconds until it is worth trying again */
                    "Retry-After"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceUnavailable"];
                };
            };
        };
    };
    listUsers: {
        parameters: {
            query: {
                /**
                 * @description The bot: its `uid` in `GET /api/bots`, not Telegram's id of the bot
                 * @example 1
                 */
                bot_id: number;
                /** @description Where the page begins: `next_cursor` of an answer for the same bot and the same filters; instead of `page`. A page costs the same however far down the list it lies, and rows that come or go meanwhile make no other row come twice or be left out. `limit` may change on the way */
                cursor?: string;
                /** @description How many rows a page has at most. A page also ends before its rows are more than 4 MiB of text, but never before the first: where rows are that wide, go on by `next_cursor`, which leaves none out */
                limit?: number;
                /** @description The page, from 1. One past the end has an empty list and the right total */
                page?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description UsersPage */
            200: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsersPage"];
                };
            };
            /** @description A parameter or the body is wrong; `issues` names each */
            400: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvalidRequest"];
                };
            };
            /** @description No credentials, or bad ones; the message says which */
            401: {
                headers: {
                    /** @description The schemes that are taken */
                    "WWW-Authenticate"?: string;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unauthorized"] | components["schemas"]["InitDataExpired"] | components["schemas"]["TokenExpired"];
                };
            };
            /** @description Not this bot's admin, or no such bot: the answer does not tell which. `bot_id` is the `uid` of `GET /api/bots`, not Telegram's id of the bot */
            403: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessDenied"];
                };
            };
            /** @description The request's line and headers are over 16 KiB */
            431: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadersTooLarge"];
                };
            };
            /** @description A fault of the service; `X-Request-Id` finds it in the log */
            500: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InternalError"];
                };
            };
            /** @description The database does not answer in time or is down, or the service is overloaded; `Retry-After` says when to try again, in seconds */
            503: {
                headers: {
                    /** @description Seconds until it is worth trying again */
                    "Retry-After"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceUnavailable"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Health */
            200: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The request's line and headers are over 16 KiB */
            431: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadersTooLarge"];
                };
            };
            /** @description A fault of the service; `X-Request-Id` finds it in the log */
            500: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InternalError"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a string */
            200: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/plain; version=0.0.4; charset=utf-8": string;
                };
            };
            /** @description The request's line and headers are over 16 KiB */
            431: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadersTooLarge"];
                };
            };
            /** @description A fault of the service; `X-Request-Id` finds it in the log */
            500: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InternalError"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready */
            200: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ready"];
                };
            };
            /** @description The request's line and headers are over 16 KiB */
            431: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeadersTooLarge"];
                };
            };
            /** @description A fault of the service; `X-Request-Id` finds it in the log */
            500: {
                headers: {
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InternalError"];
                };
            };
            /** @description The service is not ready, or not any more */
            503: {
                headers: {
                    /** @description Seconds until it is worth trying again */
                    "Retry-After"?: number;
                    /** @description Names this answer; for a 5xx it finds the line in the service's log */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotReady"];
                };
            };
        };
    };
}
