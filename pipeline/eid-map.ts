/**
 * A map from event id to a small number, in flat memory: 20 bytes a slot, so ten million ids take about 400 MB where a
 * `Map` of text would take over a gigabyte, and past 16.7 million fail.
 *
 * Open addressing with linear probing; slots double before they are two thirds full.
 */
export class EidMap {
  /** Four words of an id per slot. */
  #words: Uint32Array
  /** What is stored plus one; 0 = free. */
  #values: Uint32Array
  #mask: number
  #size = 0

  /** @param slots a power of two, at least 4: a search ends at a free slot, so one must always be left */
  constructor(slots = 1024) {
    this.#words = new Uint32Array(slots * 4)
    this.#values = new Uint32Array(slots)
    this.#mask = slots - 1
  }

  get size(): number {
    return this.#size
  }

  /** @param eid 32 lower-case hex digits */
  get(eid: string): number | undefined {
    const value = this.#values[this.#slotOf(wordAt(eid, 0), wordAt(eid, 8), wordAt(eid, 16), wordAt(eid, 24))]!
    return value === 0 ? undefined : value - 1
  }

  /**
   * Sets the value of an id.
   * @param value a whole number from 0 to 2^32 − 2
   * @returns whether the id is new
   */
  set(eid: string, value: number): boolean {
    // One slot at least stays free, else a search for an id that is not there would never end. An id that is there needs
    // none, so that values may be changed while entries are read.
    if ((this.#size + 1) * 3 > this.#values.length * 2 && this.get(eid) === undefined) this.#grow()
    return this.#put(wordAt(eid, 0), wordAt(eid, 8), wordAt(eid, 16), wordAt(eid, 24), value + 1)
  }

  /** Every id and its value, in no order that means anything. */
  *entries(): Generator<[eid: string, value: number]> {
    for (let slot = 0; slot < this.#values.length; slot++) {
      const value = this.#values[slot]!
      if (value === 0) continue
      let eid = ''
      for (let word = 0; word < 4; word++) eid += this.#words[slot * 4 + word]!.toString(16).padStart(8, '0')
      yield [eid, value - 1]
    }
  }

  #put(a: number, b: number, c: number, d: number, value: number): boolean {
    const slot = this.#slotOf(a, b, c, d)
    const isNew = this.#values[slot] === 0
    if (isNew) {
      const words = this.#words
      words[slot * 4] = a
      words[slot * 4 + 1] = b
      words[slot * 4 + 2] = c
      words[slot * 4 + 3] = d
      this.#size++
    }
    this.#values[slot] = value
    return isNew
  }

  /** The slot that holds the id, or the free one where it would go. */
  #slotOf(a: number, b: number, c: number, d: number): number {
    const words = this.#words
    // Ids are random, but a client may count: all words are mixed.
    let mixed =
      Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(c ^ Math.imul(d, 0xc2b2ae35), 0x27d4eb2f)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
    let slot = (mixed ^ (mixed >>> 13)) & this.#mask
    while (
      this.#values[slot] !== 0 &&
      !(words[slot * 4] === a && words[slot * 4 + 1] === b && words[slot * 4 + 2] === c && words[slot * 4 + 3] === d)
    ) {
      slot = (slot + 1) & this.#mask
    }
    return slot
  }

  #grow(): void {
    const [words, values] = [this.#words, this.#values]
    this.#words = new Uint32Array(words.length * 2)
    this.#values = new Uint32Array(values.length * 2)
    this.#mask = this.#values.length - 1
    this.#size = 0
    for (let slot = 0; slot < values.length; slot++) {
      if (values[slot] === 0) continue
      const at = slot * 4
      this.#put(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!, values[slot]!)
    }
  }
}

/** Eight hex digits as an unsigned 32-bit number. */
function wordAt(eid: string, from: number): number {
  return Number.parseInt(eid.slice(from, from + 8), 16)
}
