/**
 * A digest of what was sent, whatever the order and the answers: the same seed and run give the same one.
 * Event ids are hashes of what they stand for, so their sums, word by word, tell sets of events apart.
 */
export class TrafficDigest {
  events = 0
  readonly #sums = new Uint32Array(4)

  /** @param eid 32 hex digits; each event is to be added once, however often it was sent */
  add(eid: string): void {
    this.events++
    // An array of 32-bit words wraps by itself.
    for (let word = 0; word < 4; word++) this.#sums[word]! += Number.parseInt(eid.slice(word * 8, word * 8 + 8), 16)
  }

  /** 32 hex digits. */
  text(): string {
    return Array.from(this.#sums, (word) => word.toString(16).padStart(8, '0')).join('')
  }
}
