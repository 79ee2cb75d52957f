import { assert, describe, it } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import * as LogEvents from "../testing/LogEvents.js"
import * as Interpreter from "./Interpreter.js"
import * as Place from "./Place.js"

const FILE = "binlog.000001"
const IDS = { names: ["id", "user_id", "bot_id"], unsigned: [false, false, false] }
const COLUMNS = [LogEvents.INT, LogEvents.INT, LogEvents.INT]
const OWN = { table: "kept", botColumn: "bot_id", tokenColumn: "token" }

/** An interpreter that knows every table's columns, and what it said, in words. */
const start = (from = 100) => {
  const said: Array<string> = []
  const interpreter = Interpreter.make(
    { database: "app", own: OWN, ignoresCase: false, limit: 100 },
    {
      committed: ({ changes, doubts, place, tokens }) => {
        const users = [...changes.bots].flatMap(([bot, users]) =>
          users === "all" ? [`${bot}:all`] : [...users].map((user) => `${bot}:${user}`)
        )
        const words = [
          ...users,
          ...(changes.allBots ? ["all bots"] : []),
          ...doubts.map(({ kind, table }) => `${kind} ${table ?? "everything"}`),
          ...[...tokens].map(([bot, token]) => `${bot}=${token}`)
        ]
        said.push(`${place.offset}: ${words.join(", ")}`)
      },
      entered: () => {}
    }
  )
  const read = (...events: ReadonlyArray<Buffer>) => {
    for (const event of events) {
      for (let wanted = interpreter.read(event); wanted !== undefined; wanted = interpreter.read(event)) {
        interpreter.learn(wanted, wanted === "kept" ? { names: ["bot_id", "token"], unsigned: [] } : IDS)
      }
    }
    return said.splice(0)
  }
  interpreter.begin(Place.make(FILE, from), false)
  read(LogEvents.rotate(FILE, from), LogEvents.format(0))
  return { interpreter, read, place: () => interpreter.place().offset }
}

const { INT, event, format, int, mariaGtid, prepare, query, rotate, rows, tableMap, xid } = LogEvents
const BEGIN = query("BEGIN")
const users = tableMap(7, "app", "users", COLUMNS)
const row = (user: number, bot: number) => [int(1), int(user), int(bot)]

describe("events", () => {
  it("rows are told with the end of their transaction, and not before", () => {
    const { place, read } = start()
    assert.deepStrictEqual(read(BEGIN, users, rows(30, 7, [row(1, 5), row(2, 5)])), [])
    assert.strictEqual(place(), 100)
    assert.deepStrictEqual(read(xid(300)), ["300: 5:1, 5:2"])
    assert.strictEqual(place(), 300)
    assert.deepStrictEqual(read(BEGIN, users, rows(31, 7, [row(1, 5), row(3, 6)]), query("COMMIT", { end: 400 })), [
      "400: 5:1, 6:3"
    ])
  })

  it("rows of other databases and tables are of no interest", () => {
    const { place, read } = start()
    const others = [tableMap(8, "other", "users", COLUMNS), tableMap(9, "app", "bots", COLUMNS)]
    assert.deepStrictEqual(read(BEGIN, ...others, rows(30, 8, [row(1, 1)]), rows(32, 9, [row(1, 1)]), xid(200)), [])
    assert.strictEqual(place(), 200)
  })

  it("rows of one's own table tell the token of each bot", () => {
    const { read } = start()
    const kept = tableMap(7, "app", "kept", [INT, { type: 15, meta: [40, 0] }])
    const text = (token: string) => Buffer.concat([Buffer.from([token.length]), Buffer.from(token)])
    assert.deepStrictEqual(
      read(
        BEGIN,
        kept,
        rows(31, 7, [
          [int(5), text("a")],
          [int(5), text("b")]
        ]),
        xid(300)
      ),
      ["300: 5=b"]
    )
  })

  it("rows that can't be read are doubts", () => {
    const { read } = start()
    const said = (...events: ReadonlyArray<Buffer>) => read(BEGIN, ...events, xid(300))
    assert.deepStrictEqual(said(users, rows(30, 7, [[int(1), undefined, int(5)]])), ["300: image users"])
    assert.deepStrictEqual(
      said(
        users,
        rows(30, 7, [
          [int(1), null, int(5)],
          [int(1), int(1), null]
        ])
      ),
      ["300: 5:null"]
    )
    assert.deepStrictEqual(said(rows(30, 7, [row(1, 5)])), ["300: event everything"])
    assert.deepStrictEqual(said(users, rows(30, 7, [row(1, 5)]).subarray(0, -3)), ["300: event everything"])
    assert.deepStrictEqual(said(tableMap(7, "app", "users", [INT, INT]), rows(30, 7, [[int(1), int(2)]])), [
      "300: columns users"
    ])
    const unknown = tableMap(7, "app", "users", [{ type: 99, meta: [] }, INT, INT])
    assert.deepStrictEqual(said(unknown, rows(30, 7, [row(1, 5)])), ["300: columns users"])
  })

  it("a definition in the middle makes the columns be asked for again", () => {
    const { interpreter, read } = start()
    read(BEGIN, users, rows(30, 7, [row(1, 5)]), xid(200))
    assert.strictEqual(interpreter.read(users), undefined)
    assert.deepStrictEqual(read(query("ALTER TABLE users ADD a INT", { end: 300 })), ["300: definition users"])
    assert.strictEqual(interpreter.read(users), "users")
    assert.deepStrictEqual(read(query("ALTER TABLE kept ADD a INT", { end: 400 })), [])
  })

  it("kinds that say where the log is move the place, and nothing more", () => {
    for (const kind of [3, 35, 161, 163, 164]) {
      const { place, read } = start()
      assert.deepStrictEqual(read(event(kind, Buffer.alloc(20), { end: 333 })), [])
      assert.strictEqual(place(), 333, String(kind))
    }
    const { place, read } = start()
    for (const kind of [5, 29, 33, 34, 36, 37, 42, 160]) {
      assert.deepStrictEqual(read(event(kind, Buffer.alloc(20), { end: 200 })), [])
    }
    // After a transaction's number, before its beginning: no place to begin at.
    assert.strictEqual(place(), 100)
  })

  it("heartbeats move the place of their own file, and never back", () => {
    const { place, read } = start()
    read(event(27, Buffer.from(FILE), { end: 400 }))
    assert.strictEqual(place(), 400)
    read(event(27, Buffer.from(FILE), { end: 300 }), event(27, Buffer.from("binlog.000009"), { end: 900 }))
    assert.strictEqual(place(), 400)
    read(query("BEGIN", { end: 500 }), event(27, Buffer.from(FILE), { end: 600 }))
    assert.strictEqual(place(), 400)
  })

  it("any other kind is a doubt of everything, unless it may be passed over", () => {
    const known = [2, 3, 4, 5, 15, 16, 19, 27, 29, 33, 34, 35, 36, 37, 38, 40, 41, 42, 160, 161, 162, 163, 164, 165]
    const rowKinds = [23, 24, 25, 30, 31, 32, 39, 166, 167, 168, 169, 170, 171]
    for (let kind = 0; kind < 256; kind++) {
      if ([...known, ...rowKinds].includes(kind)) continue
      const { read } = start()
      const doubt = kind === 26 ? "incident" : "event"
      assert.deepStrictEqual(read(event(kind, Buffer.alloc(4), { end: 300 })), [`300: ${doubt} everything`])
      assert.deepStrictEqual(read(event(kind, Buffer.alloc(4))), [`301: ${doubt} everything`])
      const passed = read(event(kind, Buffer.alloc(4), { end: 400, flags: 0x80 }))
      assert.deepStrictEqual(passed, kind === 26 ? ["400: incident everything"] : [])
    }
  })

  it("doubts inside a transaction lie at its end", () => {
    const { place, read } = start()
    assert.deepStrictEqual(read(BEGIN, query("UPDATE t SET a = 1", { end: 200 })), [])
    assert.strictEqual(place(), 100)
    assert.deepStrictEqual(read(query("COMMIT", { end: 300 })), ["300: statement everything"])
    assert.deepStrictEqual(read(query("TRUNCATE users", { end: 350 })), ["350: definition users"])
  })

  it("MariaDB's numbers open a transaction, save where one event stands alone", () => {
    const { place, read } = start()
    read(mariaGtid(1), query("ANALYZE TABLE users", { end: 200 }))
    assert.strictEqual(place(), 200)
    // Inside there are no ends.
    assert.deepStrictEqual(read(mariaGtid(0), users, rows(30, 7, [row(1, 5)]), query("SAVEPOINT s")), [])
    assert.strictEqual(place(), 200)
    assert.deepStrictEqual(read(xid(300)), ["300: 5:1"])
  })

  it("what was prepared is told when it is committed; what was not seen is a doubt", () => {
    const { place, read } = start()
    const begin = query("XA START X'61',X'',1")
    assert.deepStrictEqual(read(begin, users, rows(30, 7, [row(1, 5)]), prepare("a", false, 200)), [])
    assert.strictEqual(place(), 200)
    assert.deepStrictEqual(read(query("XA COMMIT X'61',X'',1", { end: 300 })), ["300: 5:1"])
    assert.deepStrictEqual(read(query("XA COMMIT X'61',X'',1", { end: 400 })), ["400: xa everything"])
    assert.deepStrictEqual(
      read(
        begin,
        users,
        rows(30, 7, [row(1, 5)]),
        prepare("a", false, 500),
        query("XA ROLLBACK X'61',X'',1", { end: 600 })
      ),
      []
    )
    assert.deepStrictEqual(read(begin, users, rows(30, 7, [row(1, 5)]), prepare("a", true, 700)), ["700: 5:1"])
  })

  it("a transaction that can't be inflated is a doubt of everything", () => {
    const { interpreter, read, place } = start()
    const [GZIP, ZSTD] = [7, 0]
    for (const compression of [GZIP, ZSTD]) {
      const end = place() + 100
      const body = Buffer.from([2, 1, compression, 0, 1, 2, 3, 4, 5, 6, 7, 8])
      for (const wanted of interpreter.inflate(event(40, body, { end }))) assert.isUndefined(wanted)
      assert.deepStrictEqual(read(), [`${end}: compression everything`])
    }
    // Not compressed: its events as they are.
    const inner = Buffer.concat([BEGIN, tableMap(9, "other", "t", COLUMNS), rows(30, 9, [row(1, 5)]), xid(0)])
    for (const wanted of interpreter.inflate(
      event(40, Buffer.concat([Buffer.from([2, 3, 252, 255, 0, 0]), inner]), { end: 900 })
    )) {
      assert.isUndefined(wanted)
    }
    assert.deepStrictEqual(read(), [])
    assert.strictEqual(place(), 900)
  })

  it("checksums are those of the newest format event", () => {
    const { read } = start()
    const checked = (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("rs!!")])
    assert.deepStrictEqual(read(format(1), checked(query("TRUNCATE users", { end: 200 }))), ["200: definition users"])
    assert.deepStrictEqual(read(checked(format(0)), query("TRUNCATE users", { end: 300 })), ["300: definition users"])
  })

  it("ends of 32 bits begin anew in a file of more than 4 GiB", () => {
    const { place, read } = start(2 ** 32 - 50)
    read(query("BEGIN", { end: 2 ** 32 - 10 }), users, rows(30, 7, [row(1, 5)]))
    assert.deepStrictEqual(read(xid(70)), [`${2 ** 32 + 70}: 5:1`])
    assert.strictEqual(place(), 2 ** 32 + 70)
    assert.throws(() => read(xid(60)), Interpreter.Disordered)
  })

  it("a file that is read from its start, since its place is past 4 GiB, tells nothing twice", () => {
    const { interpreter, read, place } = start()
    interpreter.begin(Place.make(FILE, 500), false)
    assert.deepStrictEqual(read(rotate(FILE, 4), format(0), BEGIN, users, rows(30, 7, [row(1, 5)]), xid(500)), [])
    assert.strictEqual(place(), 500)
    assert.deepStrictEqual(read(BEGIN, users, rows(30, 7, [row(2, 5)]), xid(600)), ["600: 5:2"])
  })

  it("another file begins at its start", () => {
    const { interpreter, read } = start()
    read(rotate("binlog.000002", 4))
    assert.deepStrictEqual(interpreter.place(), Place.make("binlog.000002", 4))
  })
})

/** A column of a type, and values of it as they stand in an image. */
const column = FC.oneof(
  FC.constantFrom(
    ...[
      [1, 1],
      [2, 2],
      [3, 4],
      [9, 3],
      [8, 8],
      [10, 3],
      [12, 8],
      [13, 1]
    ].map(([type = 0, size = 0]) => ({ type, meta: [], size }))
  ),
  FC.constantFrom({ type: 4, meta: [4], size: 4 }, { type: 5, meta: [8], size: 8 }),
  FC.nat(6).map((digits) => ({ type: 18, meta: [digits], size: 5 + Math.ceil(digits / 2) })),
  FC.constantFrom(
    { type: 246, meta: [20, 8], size: 10 },
    { type: 246, meta: [38, 18], size: 17 },
    { type: 254, meta: [247, 1], size: 1 }
  ),
  FC.nat(63).map((bits) => ({ type: 16, meta: [bits % 8, bits >> 3], size: Math.ceil(bits / 8) }))
)
const variable = FC.constantFrom(
  { type: 15, meta: [40, 0], prefix: 1 },
  { type: 15, meta: [0x58, 2], prefix: 2 },
  { type: 252, meta: [4], prefix: 4 },
  { type: 245, meta: [4], prefix: 4 },
  { type: 254, meta: [254, 100], prefix: 1 }
)
const cell = FC.oneof(
  FC.record({ column, bytes: FC.uint8Array({ minLength: 17, maxLength: 17 }), isNull: FC.boolean() }).map(
    ({ bytes, column: { meta, size, type }, isNull }) => ({
      column: { type, meta },
      value: isNull ? null : Buffer.from(bytes.subarray(0, size))
    })
  ),
  FC.record({ variable, bytes: FC.uint8Array({ maxLength: 39 }), isNull: FC.boolean() }).map(
    ({ bytes, isNull, variable: { meta, prefix, type } }) => {
      const length = Buffer.alloc(prefix)
      length.writeUIntLE(bytes.length, 0, prefix)
      return { column: { type, meta }, value: isNull ? null : Buffer.concat([length, Buffer.from(bytes)]) }
    }
  )
)

describe("rows", () => {
  it.prop(
    "are read over whatever columns stand between, before and after",
    [
      FC.tuple(FC.array(cell), FC.array(cell), FC.array(cell)),
      FC.array(FC.tuple(FC.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), FC.nat()), { minLength: 1, maxLength: 5 })
    ],
    ([[before, between, after], ids]) => {
      const names = (cells: ReadonlyArray<unknown>, part: string) => cells.map((_, i) => `${part}${i}`)
      const layout = {
        names: [...names(before, "a"), "user_id", ...names(between, "b"), "bot_id", ...names(after, "c")],
        unsigned: []
      }
      const said: Array<string> = []
      const interpreter = Interpreter.make(
        { database: "app", own: OWN, ignoresCase: false, limit: 100 },
        {
          committed: ({ changes, doubts }) => {
            said.push(...doubts.map(({ kind }) => kind))
            for (const [bot, users] of changes.bots) said.push(...[...users].map((user) => `${bot}:${user}`))
          },
          entered: () => {}
        }
      )
      interpreter.begin(Place.make(FILE, 4), false)
      const columns = (cells: typeof before) => cells.map(({ column }) => column)
      const values = (cells: typeof before) => cells.map(({ value }) => value)
      const map = tableMap(1, "app", "users", [...columns(before), INT, ...columns(between), INT, ...columns(after)])
      const images = ids.map(([user, bot]) => [
        ...values(before),
        int(user),
        ...values(between),
        int(bot),
        ...values(after)
      ])
      assert.strictEqual(interpreter.read(map), "users")
      interpreter.learn("users", layout)
      interpreter.read(map)
      interpreter.read(rows(30, 1, images))
      interpreter.read(xid(1000))
      assert.sameMembers(said, [...new Set(ids.map(([user, bot]) => `${bot}:${user}`))])
    }
  )
})
