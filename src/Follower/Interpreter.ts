import * as Changes from "./Changes.js"
import { type DoubtKind, type Seen, TABLES, type Table } from "./Doubt.js"
import * as Event from "./Event.js"
import * as Place from "./Place.js"
import * as Rows from "./Rows.js"
import { type Meaning, meaningOf } from "./Statement.js"

/**
 * Turns the log's events, in their order, into what was committed: whose rows changed, and what is in doubt. Pure but for
 * what it remembers. Its rule: a kind of event that is not named here is a doubt of everything.
 */

/** What was committed together, and where it ends in the log. */
export interface Group {
  readonly place: Place.Place
  readonly changes: Changes.Changes
  readonly doubts: ReadonlyArray<Seen>
  /** By bot: the token that our own table's row has since. */
  readonly tokens: ReadonlyMap<Changes.Bot, string>
}

/** Our own table, with a row for each bot: whoever writes a row gives it a new token. */
export interface OwnTable {
  readonly table: string
  readonly botColumn: string
  readonly tokenColumn: string
}

export interface Options {
  readonly database: string
  readonly own: OwnTable
  /** `lower_case_table_names` is not 0: `Users` and `users` are one table. */
  readonly ignoresCase: boolean
  /** Users, bots and transactions that are remembered at most. */
  readonly limit: number
}

/** A table whose columns' names are needed before the event can be read again. */
export type Wanted = string

export interface Interpreter {
  /** A dump begins after this place; whether the first events have checksums. */
  readonly begin: (from: Place.Place, checksums: boolean) => void
  readonly read: (event: Buffer) => Wanted | undefined
  /** The same for an event that holds a whole transaction: between two steps other work may be done. */
  readonly inflate: (event: Buffer) => Generator<Wanted | undefined>
  readonly learn: (table: Wanted, layout: Rows.Layout | undefined) => void
  /** The end of the last whole transaction. */
  readonly place: () => Place.Place
}

/** What the log says, to whom it is told at once. */
export interface Listener {
  readonly committed: (group: Group) => void
  /** A file begins, or the reading of one: born then, in seconds since 1970. */
  readonly entered: (file: string, born: number) => void
}

/** A table of ours whose columns can't be read has no plan. */
interface Known {
  readonly table: string
  readonly plan: Rows.Plan | undefined
}

const FOREIGN = "foreign"
/** Stands for no table at all: an event that only ends a statement. */
const NO_TABLE = 0xffffff
const TWO_32 = 0x1_0000_0000

/** The events do not come in their order: the connection is of no use. */
export class Disordered extends Error {}

interface Gathered {
  changes: Changes.Changes
  doubts: Array<Seen>
  tokens: Map<Changes.Bot, string>
}

const nothingYet = (): Gathered => ({ changes: Changes.empty(), doubts: [], tokens: new Map() })

const isTable = (name: string): name is Table => (TABLES as ReadonlyArray<string>).includes(name)

export const make = (options: Options, { committed, entered }: Listener): Interpreter => {
  const { limit, own } = options
  const watched = { database: options.database, ownTable: own.table }
  const cased = (name: string) => (options.ignoresCase ? name.toLowerCase() : name)
  const [database, ownTable] = [cased(options.database), cased(own.table)]

  let from = Place.make("none.0", 0)
  let place = from
  let file = from.file
  let fileNumber = from.number
  /** The last end in this file that an event told: 32 bits, and how many times they were full. */
  let low = 0
  let high = 0
  let checksums = false

  /** Between the beginning of a transaction and its end. */
  let isOpen = false
  /** After its number, before its beginning. */
  let isAnnounced = false
  let isInflating = false
  let gathered = nothingYet()
  /** By the number that row events use, for one transaction. */
  const maps = new Map<number, Known | typeof FOREIGN>()
  /** Of each table the last map that was worked out. A definition that changes takes them all away. */
  const known = new Map<string, Known & { readonly map: Buffer }>()
  const learned = new Map<Wanted, Rows.Layout | undefined>()
  /** XA: what was prepared and is neither committed nor rolled back, hours later perhaps. */
  const prepared = new Map<string, Gathered>()
  let preparedSize = 0

  const here = (): Place.Place => ({ file, number: fileNumber, offset: high + low })

  const move = (event: Buffer) => {
    const end = Event.endOf(event)
    if (end === 0) return
    if (end < low) {
      if (low - end < TWO_32 / 2) throw new Disordered("the places of the log's events fall")
      high += TWO_32
    }
    low = end
  }

  const enter = (name: string, offset: number) => {
    file = name
    fileNumber = Place.make(name, offset).number
    low = offset % TWO_32
    high = offset - low
  }

  const hasGathered = () => gathered.doubts.length > 0 || gathered.tokens.size > 0 || !Changes.isEmpty(gathered.changes)

  const advance = () => {
    if (isOpen || isAnnounced || isInflating) return
    const reached = here()
    if (Place.isAfter(reached, place)) place = reached
  }

  const finish = () => {
    if (isInflating) return
    isOpen = false
    isAnnounced = false
    maps.clear()
    advance()
    if (!hasGathered()) return
    const group = gathered
    gathered = nothingYet()
    // Read once before: a dump can't begin past 4 GiB, and begins at its file's start then.
    if (Place.isAfter(here(), from)) committed({ place: here(), ...group })
  }

  const doubt = (kind: DoubtKind, table?: Table) => {
    if (!gathered.doubts.some((seen) => seen.kind === kind && seen.table === table)) {
      gathered.doubts.push({ kind, table })
    }
  }

  /** A doubt that belongs to no transaction. */
  const doubtNow = (kind: DoubtKind, event: Buffer) => {
    doubt(kind)
    if (isOpen || isAnnounced || isInflating) return
    if (Event.endOf(event) !== 0) return finish()
    // Without an end of its own it lies somewhere after the last one.
    committed({ place: Place.make(file, here().offset + 1), ...gathered })
    gathered = nothingYet()
  }

  const rotate = (event: Buffer, end: number) => {
    const next = Event.rotation(event, end)
    enter(next.file, next.offset)
    // A transaction that the last file left open was never committed; its rows are looked at in vain.
    isOpen = false
    isAnnounced = false
    maps.clear()
    advance()
  }

  const mapped = (event: Buffer, end: number): Wanted | undefined => {
    const id = Rows.tableIdOf(event)
    const named = Rows.tableOf(event)
    const table = cased(named.table)
    if (cased(named.schema) !== database || !(isTable(table) || table === ownTable)) {
      maps.set(id, FOREIGN)
      return undefined
    }
    // All but its number, which is another each time that the server opens the table.
    const map = event.subarray(Event.HEADER + 6, end)
    const last = known.get(table)
    if (last?.map.equals(map)) {
      maps.set(id, last)
      return undefined
    }
    const whole = Rows.readTableMap(event, end)
    let layout: Rows.Layout | undefined
    if (whole.names !== undefined) layout = { names: whole.names, unsigned: whole.unsigned ?? [] }
    else if (learned.has(table)) {
      layout = learned.get(table)
      learned.delete(table)
    } else return table
    const [first, second] = table === ownTable ? [own.botColumn, own.tokenColumn] : ["bot_id", "user_id"]
    const made = { table, plan: layout && Rows.plan(whole, layout, first, second), map: Buffer.from(map) }
    known.set(table, made)
    maps.set(id, made)
    return undefined
  }

  const rows = (event: Buffer, end: number, kind: number) => {
    const id = Rows.tableIdOf(event)
    const map = maps.get(id)
    if (map === FOREIGN || (map === undefined && id === NO_TABLE)) return
    if (map === undefined) return doubt("event")
    const { plan, table } = map
    if (!isTable(table)) {
      if (plan === undefined) return
      return Rows.readRows(event, end, kind, plan, (bot, token) => {
        if (typeof bot === "string" && typeof token === "string") gathered.tokens.set(bot, token)
      })
    }
    if (plan === undefined) return doubt("columns", table)
    let isIncomplete = false
    const { changes } = gathered
    Rows.readRows(event, end, kind, plan, (bot, user) => {
      if (bot === undefined || user === undefined) isIncomplete = true
      // Rows without a bot are in nobody's figures.
      else if (bot !== null) Changes.add(changes, bot, user, limit)
    })
    if (isIncomplete) doubt("image", table)
  }

  const keepPrepared = (xid: string) => {
    prepared.set(xid, gathered)
    preparedSize += 1 + gathered.changes.size
    gathered = nothingYet()
    for (const oldest of prepared.keys()) {
      if (preparedSize <= limit) break
      dropPrepared(oldest)
    }
    finish()
  }

  const dropPrepared = (xid: string): Gathered | undefined => {
    const found = prepared.get(xid)
    if (found === undefined) return undefined
    prepared.delete(xid)
    preparedSize -= 1 + found.changes.size
    return found
  }

  const commitPrepared = (xid: string) => {
    const found = dropPrepared(xid)
    if (found === undefined) doubt("xa")
    else {
      Changes.merge(gathered.changes, found.changes, limit)
      for (const { kind, table } of found.doubts) doubt(kind, table)
      for (const [bot, token] of found.tokens) gathered.tokens.set(bot, token)
    }
    finish()
  }

  const defined = ({ concernsUs, everything, tables }: Extract<Meaning, { _tag: "Definition" }>) => {
    if (concernsUs) known.clear()
    if (everything) doubt("definition")
    for (const table of tables) doubt("definition", table)
  }

  const statement = (event: Buffer, end: number) => {
    const { schema, text } = Event.query(event, end)
    const meaning = meaningOf(schema, text, watched)
    switch (meaning._tag) {
      case "Begin":
        isOpen = true
        return
      case "End":
        return finish()
      case "XaCommit":
        return commitPrepared(meaning.xid)
      case "XaRollback":
        dropPrepared(meaning.xid)
        return finish()
      case "Definition":
        defined(meaning)
        if (meaning.begins) isOpen = true
        break
      case "Unknown":
        doubt("statement")
        break
      case "Nothing":
        break
    }
    if (!isOpen) finish()
  }

  const heartbeat = (event: Buffer, end: number) => {
    // Of the place that the server waits at. Never less than what has been read.
    const at = Event.endOf(event)
    if (at < low || event.toString("utf8", Event.HEADER, end) !== file) return
    low = at
    advance()
  }

  const handle = (event: Buffer, kind: number, end: number): Wanted | undefined => {
    if (Rows.isRows(kind)) {
      rows(event, end, kind)
      return undefined
    }
    switch (kind) {
      case Event.Kind.TABLE_MAP:
        return mapped(event, end)
      case Event.Kind.QUERY:
      case Event.Kind.MARIA_QUERY_COMPRESSED:
        statement(event, end)
        return undefined
      case Event.Kind.XID:
        finish()
        return undefined
      case Event.Kind.XA_PREPARE: {
        const { isCommit, xid } = Event.prepared(event)
        if (isCommit) finish()
        else keepPrepared(xid)
        return undefined
      }
      case Event.Kind.MARIA_GTID:
        isAnnounced = true
        isOpen = !Event.standsAlone(event)
        return undefined
      case Event.Kind.GTID:
      case Event.Kind.ANONYMOUS_GTID:
      case Event.Kind.TAGGED_GTID:
        isAnnounced = true
        return undefined
      case Event.Kind.ROTATE:
        rotate(event, end)
        return undefined
      case Event.Kind.FORMAT:
        checksums = Event.hasChecksums(event)
        entered(file, Event.timeOf(event))
        advance()
        return undefined
      case Event.Kind.HEARTBEAT:
        heartbeat(event, end)
        return undefined
      case Event.Kind.STOP:
      case Event.Kind.PREVIOUS_GTIDS:
      case Event.Kind.MARIA_CHECKPOINT:
      case Event.Kind.MARIA_GTID_LIST:
      case Event.Kind.MARIA_ENCRYPTION:
        advance()
        return undefined
      case Event.Kind.INTVAR:
      case Event.Kind.ROWS_QUERY:
      case Event.Kind.TRANSACTION_CONTEXT:
      case Event.Kind.VIEW_CHANGE:
      case Event.Kind.MARIA_ANNOTATE:
      case Event.Kind.HEARTBEAT_V2:
        return undefined
      case Event.Kind.INCIDENT:
        doubtNow("incident", event)
        return undefined
      default:
        if (!Event.isIgnorable(event)) doubtNow("event", event)
        return undefined
    }
  }

  /** What is not formed as it should be hides what it says. */
  const attempt = (event: Buffer, kind: number, end: number): Wanted | undefined => {
    try {
      return handle(event, kind, end)
    } catch {
      doubtNow("event", event)
      return undefined
    }
  }

  const endIn = (event: Buffer) => event.length - (checksums ? Event.CHECKSUM : 0)

  const read = (event: Buffer): Wanted | undefined => {
    const kind = Event.kindOf(event)
    if (kind !== Event.Kind.HEARTBEAT) move(event)
    return attempt(event, kind, endIn(event))
  }

  function* inflate(event: Buffer): Generator<Wanted | undefined> {
    move(event)
    isInflating = true
    try {
      for (const inner of Event.payload(event, endIn(event))) {
        if (inner === undefined) {
          yield undefined
          continue
        }
        const kind = Event.kindOf(inner)
        for (let wanted = attempt(inner, kind, inner.length); wanted !== undefined; ) {
          yield wanted
          wanted = attempt(inner, kind, inner.length)
        }
        yield undefined
      }
    } catch {
      doubt("compression")
    }
    isInflating = false
    finish()
  }

  const begin: Interpreter["begin"] = (start, withChecksums) => {
    from = start
    place = start
    enter(start.file, start.offset)
    checksums = withChecksums
    isOpen = false
    isAnnounced = false
    isInflating = false
    gathered = nothingYet()
    maps.clear()
  }

  return {
    begin,
    read,
    inflate,
    learn: (table, layout) => void learned.set(table, layout),
    place: () => place
  }
}
