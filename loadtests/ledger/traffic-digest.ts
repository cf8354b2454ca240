/**
 * A digest of what was sent, whatever the order and the answers: the same seed and run give the same one.
 *
 * Each event (id, time and sum of its content) becomes 128 bits of SHA-256, and a set of events is their sum, word by
 * word modulo 2^32. A sum does not depend on order and can be added up over processes; unlike exclusive-or, it does not
 * lose an event that is counted twice. Two sets that differ have the same digest once in 2^128.
 */
import { hash } from 'node:crypto'

/** What has been added so far, as plain data. */
export interface TrafficState {
  events: number
  /** Four words of 32 bits. */
  sums: number[]
}

export class TrafficDigest {
  events = 0
  readonly #sums = new Uint32Array(4)

  /**
   * Each event is to be added once, however often it was sent.
   * @param ts event time, ms UTC
   * @param sum of its content; see datasets/content-sum.ts
   */
  add(eid: string, ts: number, sum = ''): void {
    this.events++
    const digest = hash('sha256', `${eid} ${ts} ${sum}`, 'hex')
    // An array of 32-bit words wraps by itself.
    for (let word = 0; word < 4; word++) this.#sums[word]! += Number.parseInt(digest.slice(word * 8, word * 8 + 8), 16)
  }

  /** Adds what another process has sent. */
  merge({ events, sums }: TrafficState): void {
    this.events += events
    for (let word = 0; word < 4; word++) this.#sums[word]! += sums[word]!
  }

  state(): TrafficState {
    return { events: this.events, sums: [...this.#sums] }
  }

  /** 32 hex digits. */
  text(): string {
    return Array.from(this.#sums, (word) => word.toString(16).padStart(8, '0')).join('')
  }
}
