/**
 * Which event ids the log holds, and where: exact, and durable in the transaction that stores the events.
 *
 * Event ids are random, so in a plain B-tree each new one dirties a page of its own: 4 KB written for 24 bytes, and the
 * log slows down threefold by its first million events. So new ids wait: in memory, in one of 4,096 slots by their first
 * twelve bits, and on disk as one record a commit (`fresh`), which costs a sequential write. A hand sweeps over the
 * slots in order, for ever, and moves a slot's waiting ids into the B-tree (`ids`) together, neighbours beside
 * neighbours; each commit moves it on just far enough that no more than `waitingMax` ids wait. So there is no pause for a
 * merge, memory is bounded, and a page is written once for many ids.
 *
 * The hand's place is a number that only grows. Everything in memory is a function of the fresh records and that number:
 * ids of a record whose commit began with the hand at h are in the B-tree once the hand has passed their slot after h,
 * and the record itself may go once the hand is a whole round past h. A process that finds on disk a commit it has not
 * made itself reads the records it has missed.
 */
import type { Database, RootDatabase } from 'lmdb'

/** What the index keeps in the log's own state record. */
export interface IndexMark {
  /** Commits that added ids, from 1; 0 = none yet. */
  commit: number
  /** Slots that the hand has passed. */
  swept: number
}

const SLOTS = 4096
const ID_BYTES = 16
/** An id and its place, a float64. */
const ENTRY_BYTES = 24
const ENTRY_WORDS = ENTRY_BYTES / 4
/** Records dropped in one commit, at most: more than one, so that dropping keeps up. */
const DROPS_MAX = 64

/** All methods are for the inside of a write transaction, between {@link EidIndex.begin} and {@link EidIndex.finish}. */
export class EidIndex {
  readonly #ids: Database<Buffer, Buffer>
  /** By [commit, the hand's place when it began]. */
  readonly #fresh: Database<Buffer, number[]>
  readonly #waitingMax: number
  readonly #slots = Array.from({ length: SLOTS }, () => new Map<string, number>())
  /** One entry; also the key and the value of the B-tree, as views. */
  readonly #entry = Buffer.alloc(ENTRY_BYTES)
  readonly #words = new Uint32Array(this.#entry.buffer, this.#entry.byteOffset, ENTRY_WORDS)
  readonly #key = this.#entry.subarray(0, ID_BYTES)
  readonly #place = this.#entry.subarray(ID_BYTES)
  /** Entries of the commit under way, as they will stand in its fresh record. */
  #added = new Uint32Array(1024 * ENTRY_WORDS)
  #addedCount = 0
  #waiting = 0
  #known: IndexMark | undefined

  constructor(root: RootDatabase, waitingMax: number) {
    this.#ids = root.openDB({ name: 'ids', keyEncoding: 'binary', encoding: 'binary' })
    this.#fresh = root.openDB({ name: 'fresh', encoding: 'binary' })
    this.#waitingMax = waitingMax
  }

  /** Brings memory up to what is on disk. */
  begin(mark: IndexMark): void {
    this.#addedCount = 0
    if (this.#known?.commit === mark.commit) return
    if (!this.#known || !this.#readMissed(this.#known.commit)) {
      this.forget()
      this.#readMissed(0)
    }
    this.#pass(mark.swept)
    this.#known = { ...mark }
  }

  /** The place that was added with an id; undefined when the log does not hold it. */
  find(eid: string): number | undefined {
    const waiting = this.#slots[slotOf(eid)]!.get(eid)
    if (waiting !== undefined) return waiting
    this.#key.write(eid, 'hex')
    return this.#ids.getBinaryFast(this.#key)?.readDoubleLE(0)
  }

  /** @param eid one that {@link find} does not know */
  add(eid: string, place: number): void {
    this.#slots[slotOf(eid)]!.set(eid, place)
    this.#waiting++
    this.#key.write(eid, 'hex')
    this.#place.writeDoubleLE(place)
    const at = this.#addedCount++ * ENTRY_WORDS
    if (at === this.#added.length) {
      const longer = new Uint32Array(at * 2)
      longer.set(this.#added)
      this.#added = longer
    }
    // Six words by hand: `set` would cost more than the copy.
    for (let word = 0; word < ENTRY_WORDS; word++) this.#added[at + word] = this.#words[word]!
  }

  /** Writes what was added. Returns the mark to store with it. */
  finish(): IndexMark {
    const before = this.#known!
    const commit = before.commit + 1
    this.#fresh.putSync([commit, before.swept], Buffer.from(this.#added.buffer, 0, this.#addedCount * ENTRY_BYTES))
    let swept = before.swept
    for (; this.#waiting > this.#waitingMax; swept++) this.#settle(this.#slots[swept % SLOTS]!)
    const done = [...this.#fresh.getKeys({ limit: DROPS_MAX })].filter(([, start]) => start! + SLOTS <= swept)
    for (const key of done) this.#fresh.removeSync(key)
    this.#known = { commit, swept }
    return this.#known
  }

  /** Drops what is in memory: for when a transaction failed and memory may be ahead of the disk. */
  forget(): void {
    for (const slot of this.#slots) slot.clear()
    this.#waiting = 0
    this.#known = undefined
  }

  /** Moves a slot's ids into the B-tree, in key order. */
  #settle(slot: Map<string, number>): void {
    for (const eid of [...slot.keys()].sort()) {
      this.#key.write(eid, 'hex')
      this.#place.writeDoubleLE(slot.get(eid)!)
      this.#ids.putSync(this.#key, this.#place)
    }
    this.#waiting -= slot.size
    slot.clear()
  }

  /** Adds the records after a commit. False when some of them are gone already, so that all must be read anew. */
  #readMissed(after: number): boolean {
    let next = after + 1
    for (const { key, value } of this.#fresh.getRange({ start: [next] })) {
      const [commit, swept] = key as [number, number]
      if (after > 0 && commit !== next) return false
      if (!this.#known) this.#known = { commit: 0, swept }
      this.#pass(swept)
      for (const [eid, place] of unpack(value)) {
        this.#slots[slotOf(eid)]!.set(eid, place)
        this.#waiting++
      }
      next = commit + 1
    }
    return true
  }

  /** Another commit has moved the hand: what it passed is in the B-tree. */
  #pass(swept: number): void {
    if (!this.#known) return
    const from = Math.max(this.#known.swept, swept - SLOTS)
    for (let at = from; at < swept; at++) {
      const slot = this.#slots[at % SLOTS]!
      this.#waiting -= slot.size
      slot.clear()
    }
    this.#known = { ...this.#known, swept }
  }
}

/** The first three hex digits as a number. */
function slotOf(eid: string): number {
  return (digit(eid.charCodeAt(0)) << 8) | (digit(eid.charCodeAt(1)) << 4) | digit(eid.charCodeAt(2))
}

/** Of `0` to `9` and `a` to `f`. */
function digit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57
}

function* unpack(bytes: Buffer): Generator<[eid: string, place: number]> {
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    yield [bytes.toString('hex', at, at + ID_BYTES), bytes.readDoubleLE(at + ID_BYTES)]
  }
}
