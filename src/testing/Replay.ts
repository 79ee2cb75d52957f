import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { DatabaseAddress } from "../Config.js"
import { connectionOptions } from "../Database/Session.js"
import * as Dump from "../Follower/Dump.js"
import * as Event from "../Follower/Event.js"
import * as Place from "../Follower/Place.js"

/** Rows that were written, changed, deleted: MariaDB's and MySQL's. */
const ROWS = [23, 24, 25, 30, 31, 32]

/** Of a table map and of its rows. */
const tableOf = (event: Buffer) => event.toString("hex", Event.HEADER, Event.HEADER + 6)

/**
 * What a statement leaves in the server's log, as `mysqlbinlog` prints it: statements that do the same by its rows, the way
 * in which a replica applies them and in which a database is restored to a point in time.
 */
export const recorded = <E, R>(address: DatabaseAddress, doing: Effect.Effect<unknown, E, R>) =>
  Effect.gen(function* () {
    const connection = connectionOptions(address, Duration.seconds(5))
    const dump = yield* Effect.orDie(Dump.connect({ connection, heartbeat: Duration.seconds(1) }))
    yield* doing
    const events = yield* dump.start(Place.make(dump.end.file, dump.end.offset))
    const statements: Array<string> = []
    // What the session writes next is numbered by MySQL again, and not by the log.
    const print = (...all: ReadonlyArray<Buffer>) =>
      statements.push(
        `BINLOG '\n${all.map((event) => event.toString("base64")).join("\n")}\n'`,
        "/*!80000 SET SESSION gtid_next = 'AUTOMATIC' */"
      )
    let map: Buffer | undefined
    let isOver = false
    while (!isOver) {
      for (const event of yield* Effect.orDie(events.take)) {
        const kind = Event.kindOf(event)
        if (kind === Event.Kind.FORMAT) print(event)
        // Others write into databases of theirs on the same server.
        if (kind === Event.Kind.TABLE_MAP && event.includes(`${address.database}\0`)) map = event
        if (map === undefined || !ROWS.includes(kind) || tableOf(event) !== tableOf(map)) continue
        print(map, event)
        isOver = true
      }
    }
    return statements
  }).pipe(Effect.scoped)
