import { SqlError } from "@effect/sql/SqlError"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { makeClient } from "../testing/Database.js"
import { makeDatabase } from "../testing/Service.js"
import {
  explainLimit,
  isConnectionLost,
  isDenied,
  isUnavailable,
  isWorthRepeating,
  orUnavailable,
  reasonOf,
  speaksOfTables,
  unavailable
} from "./Failure.js"

const serverError = (errno: number) =>
  new SqlError({ message: "The statement failed", cause: { errno, message: "secret text" } })

describe("a failed statement", () => {
  it("means that the database can't answer now, for what passes by itself or by an operator", () => {
    for (const errno of [1040, 1203, 1045, 1049, 1053, 1205, 1213, 1290, 1317, 1836, 1927, 1969, 3024, 4031]) {
      assert.isTrue(isUnavailable(serverError(errno)), String(errno))
    }
  })

  it("means that the server says no, for its limits: the log names them", () => {
    for (const errno of [1040, 1104, 1153, 1203, 1226, 1301, 1436, 1461, 3159]) {
      assert.isTrue(isUnavailable(serverError(errno)), String(errno))
      assert.isString(explainLimit(serverError(errno)), String(errno))
    }
    assert.include(explainLimit(serverError(1461)), "max_prepared_stmt_count")
    assert.isUndefined(explainLimit(serverError(1205)))
  })

  it("means that a cluster takes no transaction now, or that a row was changed meanwhile", () => {
    for (const errno of [1020, 1047, 3098, 3100, 3101, 3796, 3797, 3798]) {
      assert.isTrue(isUnavailable(serverError(errno)), String(errno))
    }
  })

  it("means that the bots' tables have to be looked at, where it speaks of them", () => {
    for (const errno of [1054, 1146, 1356]) assert.isTrue(speaksOfTables(serverError(errno)), String(errno))
    for (const errno of [1064, 1205, 1461]) assert.isFalse(speaksOfTables(serverError(errno)), String(errno))
  })

  it("means that our text is wrong, for the rest", () => {
    for (const errno of [1054, 1064, 1146, 1366, 1062, 1364, 1142]) {
      assert.isFalse(isUnavailable(serverError(errno)), String(errno))
    }
  })

  it("without a number of the server's never reached it", () => {
    for (const cause of [
      { code: "ECONNREFUSED", errno: -111 },
      { code: "ETIMEDOUT" },
      "PoolExhausted",
      new Error("")
    ]) {
      assert.isTrue(isUnavailable(new SqlError({ message: "x", cause })))
    }
  })

  it("is a lost connection where another one may do", () => {
    assert.isTrue(isConnectionLost(new SqlError({ message: "x", cause: { code: "PROTOCOL_CONNECTION_LOST" } })))
    assert.isTrue(isConnectionLost(serverError(4031)))
    assert.isFalse(isConnectionLost(serverError(1317)))
    for (const number of [1243, 1412, 1615, 4031]) assert.isTrue(isWorthRepeating(serverError(number)))
    for (const number of [1205, 1317, 3024]) assert.isFalse(isWorthRepeating(serverError(number)))
    assert.isFalse(isConnectionLost(new SqlError({ message: "x", cause: { code: "ECONNREFUSED" } })))
  })

  it("has a reason for the log, also where the driver has a code only", () => {
    assert.strictEqual(reasonOf(serverError(1045)), "secret text")
    assert.strictEqual(
      reasonOf(new SqlError({ message: "x", cause: { code: "ECONNREFUSED", message: "" } })),
      "ECONNREFUSED"
    )
    assert.strictEqual(reasonOf(new SqlError({ message: "x", cause: "QueryTimeout" })), "QueryTimeout")
  })

  it.effect("is a 503 that tells nothing, or a defect; other errors pass", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* Effect.flip(orUnavailable(Effect.fail(serverError(1290)))), unavailable)
      assert.notInclude(JSON.stringify(unavailable), "secret text")
      const wrong = serverError(1064)
      assert.deepStrictEqual(yield* Effect.exit(orUnavailable(Effect.fail(wrong))), Exit.die(wrong))
      const undecoded = yield* Effect.exit(orUnavailable(Schema.decodeUnknown(Schema.Number)("x")))
      assert.isTrue(Exit.isFailure(undecoded) && undecoded.cause._tag === "Die")
      assert.strictEqual(yield* Effect.flip(orUnavailable(Effect.fail("other"))), "other")
    })
  )

  it.scopedLive("comes from the real server with the number that we know it by", () =>
    Effect.gen(function* () {
      const { sql } = yield* makeClient((yield* makeDatabase).address)
      const failure = (text: string) => Effect.flip(sql.unsafe(text))
      assert.isFalse(isUnavailable(yield* failure("SELECT nonsense FROM nowhere")))
      assert.isFalse(isDenied(yield* failure("SELEC 1")))
      assert.isTrue(isUnavailable(yield* failure("KILL QUERY CONNECTION_ID()")))
    })
  )
})
