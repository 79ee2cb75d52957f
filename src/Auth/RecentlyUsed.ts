interface Entry<K, V> {
  readonly key: K
  value: V
  newer: Entry<K, V> | undefined
  older: Entry<K, V> | undefined
}

/**
 * A map of bounded size: past `capacity`, what was not used for longest is forgotten. The order is a list of its own: a Map
 * knows one too, but to use an entry would be to delete and to set it, and the tables that a Map leaves behind are garbage
 * of the kind that stays (src/Server/FiberRoots.ts).
 */
export class RecentlyUsed<K, V> {
  private readonly entries = new Map<K, Entry<K, V>>()
  private newest: Entry<K, V> | undefined
  private oldest: Entry<K, V> | undefined

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.entries.size
  }

  get(key: K): V | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined) return undefined
    if (entry !== this.newest) {
      this.unlink(entry)
      this.link(entry)
    }
    return entry.value
  }

  set(key: K, value: V): void {
    if (this.get(key) !== undefined && this.newest !== undefined) {
      this.newest.value = value
      return
    }
    const entry: Entry<K, V> = { key, value, newer: undefined, older: undefined }
    this.entries.set(key, entry)
    this.link(entry)
    if (this.entries.size > this.capacity && this.oldest !== undefined) {
      this.entries.delete(this.oldest.key)
      this.unlink(this.oldest)
    }
  }

  private link(entry: Entry<K, V>): void {
    entry.older = this.newest
    if (this.newest !== undefined) this.newest.newer = entry
    this.newest = entry
    this.oldest ??= entry
  }

  private unlink(entry: Entry<K, V>): void {
    if (entry.newer === undefined) this.newest = entry.older
    else entry.newer.older = entry.older
    if (entry.older === undefined) this.oldest = entry.newer
    else entry.older.newer = entry.newer
    entry.newer = undefined
    entry.older = undefined
  }
}
