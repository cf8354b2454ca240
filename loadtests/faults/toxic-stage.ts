/**
 * The toxics as transforms of what goes through a link in one direction: pure functions of what comes, when it comes and
 * seeded draws, which say what goes on and when. Nothing here waits or touches a socket; {@link Link} does.
 *
 * What each does is what toxiproxy's README says of the toxic of that name. Order is kept by all of them: what came first
 * goes on first.
 */
import type { Draws } from '../../datasets/random.ts'
import type { Toxic } from './fault.ts'

/** What goes through a link. */
export type Item =
  | { kind: 'data'; bytes: Buffer }
  /** The sender has no more to say (FIN); the other way stays open. */
  | { kind: 'end' }
  /** Both ways are closed, once what went before has been written. */
  | { kind: 'close' }
  /** The connection is torn down (RST). */
  | { kind: 'reset' }

/** When it goes on, ms on the clock of the link; never, while the toxic stays, when that is infinite. */
export type Timed = Item & { at_ms: number }

export interface ToxicStage {
  /** What it does of itself; called once, when it meets the connection. */
  begin?(now_ms: number): Timed[]
  take(item: Item, now_ms: number): Timed[]
  /** What is still owed to the connection when the toxic leaves; data and ends that it holds go on of themselves. */
  leave?(): Item[]
}

/** @param draws of this connection and this toxic alone */
export function stageOf(toxic: Toxic, draws: Draws): ToxicStage {
  switch (toxic.toxic) {
    case 'latency':
      return new Latency(toxic.latency_ms, toxic.jitter_ms, draws)
    case 'bandwidth':
      return new Bandwidth(toxic.rate_kb_per_s)
    case 'slow_close':
      return new SlowClose(toxic.delay_ms)
    case 'timeout':
      return new Timeout(toxic.timeout_ms)
    case 'reset_peer':
      return new ResetPeer(toxic.timeout_ms)
    case 'slicer':
      return new Slicer(toxic.average_size_bytes, toxic.size_variation_bytes, toxic.delay_us / 1000, draws)
    case 'limit_data':
      return new LimitData(toxic.limit_bytes)
  }
}

/** Holds everything until it leaves: a cut cable, behind which TCP keeps what it has not seen acknowledged. */
export class Hold implements ToxicStage {
  take(item: Item): Timed[] {
    return [{ ...item, at_ms: Number.POSITIVE_INFINITY }]
  }
}

/** Later by `latency` ± `jitter`, uniform. */
class Latency implements ToxicStage {
  #last_ms = Number.NEGATIVE_INFINITY
  readonly #latency_ms: number
  readonly #jitter_ms: number
  readonly #draws: Draws

  constructor(latency_ms: number, jitter_ms: number, draws: Draws) {
    this.#latency_ms = latency_ms
    this.#jitter_ms = jitter_ms
    this.#draws = draws
  }

  take(item: Item, now_ms: number): Timed[] {
    const delay_ms = this.#latency_ms + this.#jitter_ms * (2 * this.#draws.unit() - 1)
    this.#last_ms = Math.max(this.#last_ms, now_ms + Math.max(0, delay_ms))
    return [{ ...item, at_ms: this.#last_ms }]
  }
}

/** Data goes on in pieces of a tenth of a second, so that a slow line trickles rather than stutters. */
const PIECE_MS = 100

/** No more than `rate` KB (1,000 bytes) a second: a byte goes on when the line has had the time for it. */
class Bandwidth implements ToxicStage {
  /** When the line has sent all that it took. */
  #free_ms = Number.NEGATIVE_INFINITY
  readonly #bytes_per_ms: number

  constructor(rate_kb_per_s: number) {
    this.#bytes_per_ms = rate_kb_per_s
  }

  take(item: Item, now_ms: number): Timed[] {
    this.#free_ms = Math.max(this.#free_ms, now_ms)
    if (item.kind !== 'data') return [{ ...item, at_ms: this.#free_ms }]
    return pieces(item.bytes, () => this.#bytes_per_ms * PIECE_MS).map((bytes) => {
      this.#free_ms += bytes.length / this.#bytes_per_ms
      return { kind: 'data', bytes, at_ms: this.#free_ms }
    })
  }
}

/** The end of the connection comes `delay` later; data are not touched. */
class SlowClose implements ToxicStage {
  readonly #delay_ms: number

  constructor(delay_ms: number) {
    this.#delay_ms = delay_ms
  }

  take(item: Item, now_ms: number): Timed[] {
    return [{ ...item, at_ms: item.kind === 'end' || item.kind === 'close' ? now_ms + this.#delay_ms : now_ms }]
  }
}

/**
 * Nothing gets through, and the connection is closed after `timeout`; with 0 it stays open. When the toxic leaves, a
 * connection that has lost data is closed, since nobody could make sense of the rest.
 */
class Timeout implements ToxicStage {
  #lost = false
  readonly #timeout_ms: number

  constructor(timeout_ms: number) {
    this.#timeout_ms = timeout_ms
  }

  begin(now_ms: number): Timed[] {
    return this.#timeout_ms === 0 ? [] : [{ kind: 'close', at_ms: now_ms + this.#timeout_ms }]
  }

  take(): Timed[] {
    this.#lost = true
    return []
  }

  leave(): Item[] {
    return this.#lost ? [{ kind: 'close' }] : []
  }
}

/** The connection is reset after `timeout`, at once with 0; until then nothing gets through. */
class ResetPeer implements ToxicStage {
  #lost = false
  readonly #timeout_ms: number

  constructor(timeout_ms: number) {
    this.#timeout_ms = timeout_ms
  }

  begin(now_ms: number): Timed[] {
    return [{ kind: 'reset', at_ms: now_ms + this.#timeout_ms }]
  }

  take(): Timed[] {
    this.#lost = true
    return []
  }

  leave(): Item[] {
    return this.#lost ? [{ kind: 'reset' }] : []
  }
}

/** Data goes on in slices of `average_size` ± `size_variation` bytes, each `delay` after the one before. */
class Slicer implements ToxicStage {
  #last_ms = Number.NEGATIVE_INFINITY
  readonly #average_bytes: number
  readonly #variation_bytes: number
  readonly #delay_ms: number
  readonly #draws: Draws

  constructor(average_bytes: number, variation_bytes: number, delay_ms: number, draws: Draws) {
    this.#average_bytes = average_bytes
    this.#variation_bytes = variation_bytes
    this.#delay_ms = delay_ms
    this.#draws = draws
  }

  take(item: Item, now_ms: number): Timed[] {
    this.#last_ms = Math.max(this.#last_ms, now_ms)
    if (item.kind !== 'data') return [{ ...item, at_ms: this.#last_ms }]
    const smallest = this.#average_bytes - this.#variation_bytes
    return pieces(item.bytes, () => smallest + this.#draws.below(2 * this.#variation_bytes + 1)).map((bytes) => {
      this.#last_ms += this.#delay_ms
      return { kind: 'data', bytes, at_ms: this.#last_ms }
    })
  }
}

/** The connection is closed when it has carried `bytes`. */
class LimitData implements ToxicStage {
  #left_bytes: number

  constructor(limit_bytes: number) {
    this.#left_bytes = limit_bytes
  }

  take(item: Item, now_ms: number): Timed[] {
    if (item.kind !== 'data') return [{ ...item, at_ms: now_ms }]
    const passed = item.bytes.subarray(0, this.#left_bytes)
    const exceeded = item.bytes.length > this.#left_bytes
    this.#left_bytes -= passed.length
    const out: Timed[] = passed.length > 0 ? [{ kind: 'data', bytes: passed, at_ms: now_ms }] : []
    return exceeded ? [...out, { kind: 'close', at_ms: now_ms }] : out
  }
}

/** @param nextSize bytes of the next piece; at least 1 is taken */
function pieces(bytes: Buffer, nextSize: () => number): Buffer[] {
  const out: Buffer[] = []
  for (let from = 0; from < bytes.length; ) {
    const size = Math.max(1, Math.floor(nextSize()))
    out.push(bytes.subarray(from, from + size))
    from += size
  }
  return out
}
