/**
 * Reads one partition by offset, without a consumer group. What a fetch brought beyond what was asked for is kept for the next
 * read, so that who reads on from where he was fetches nothing twice.
 */
import { MusicboxError } from '../../../datasets/failure.ts'
import type { StoredLine } from '../../event-log.ts'
import type { KafkaLink } from './kafka-link.ts'
import { retryUntil } from './retry-until.ts'

export interface PartitionReaderOptions {
  link: Pick<KafkaLink, 'fetch' | 'offsets'>
  partition: number
  /** Where from, for messages: topic and brokers. */
  where: string
  deadline_ms: number
  isOpen: () => boolean
}

const FETCH_BYTES_MIN = 64 * 1024
/** Bounds what is kept in memory for a partition, together with the largest batch that the topic takes. */
const FETCH_BYTES_MAX = 4 * 1024 * 1024
/** Of a line before one has been seen; then it follows what was read. */
const LINE_BYTES_FIRST = 400
/** Batch headers, keys and ids beside the lines, and the batch that is cut off at the end. */
const SURPLUS = 1.25

export class PartitionReader {
  readonly #options: PartitionReaderOptions
  #kept: readonly StoredLine[] = []
  #lineBytes = LINE_BYTES_FIRST

  constructor(options: PartitionReaderOptions) {
    this.#options = options
  }

  async read(from: number, max: number): Promise<readonly StoredLine[]> {
    if (max <= 0) return []
    // A read that runs beside this one fetches for itself.
    const kept = this.#kept
    this.#kept = []
    const first = kept[0]?.offset ?? 0
    let lines = from >= first && from < first + kept.length ? kept.slice(from - first) : []
    while (lines.length < max) {
      const more = await this.#fetch(from + lines.length, max - lines.length)
      if (more.length === 0) break
      lines = lines.length === 0 ? more : lines.concat(more)
    }
    this.#kept = lines.slice(max)
    return lines.length > max ? lines.slice(0, max) : lines
  }

  async #fetch(from: number, count: number): Promise<StoredLine[]> {
    const { link, partition, where, deadline_ms, isOpen } = this.#options
    const bytes = Math.min(FETCH_BYTES_MAX, Math.max(FETCH_BYTES_MIN, Math.ceil(count * this.#lineBytes * SURPLUS)))
    return await retryUntil(
      async () => {
        const fetched = await link.fetch(partition, from, bytes)
        if (fetched.state === 'outside') return await this.#outside(from)
        const { lines, end } = fetched
        if (lines.length === 0) {
          if (from < end) throw new Error(`expected events from offset ${from} to ${end}, got none`)
          return []
        }
        const size = lines.reduce((sum, { line }) => sum + line.length, 0)
        this.#lineBytes = (this.#lineBytes + size / lines.length) / 2
        const gap = lines.findIndex(({ offset }, at) => offset !== from + at)
        if (gap === 0) throw this.#hole(from, lines[0]!.offset)
        // What stands before a gap is sound; who reads on meets the gap at its own offset.
        return gap < 0 ? [...lines] : lines.slice(0, gap)
      },
      { deadline_ms, doing: `could not read ${where}, partition ${partition}`, goOn: isOpen },
    )
  }

  /** Beyond the end there is nothing yet; before the beginning there is nothing any more. */
  async #outside(from: number): Promise<[]> {
    const { link, partition } = this.#options
    const first = (await link.offsets('first'))[partition]!
    if (from >= first) return []
    const hint = 'They were removed before they were collected: check retention.ms and retention.bytes of the topic.'
    throw this.#missing(from, first, `they are gone: it begins at ${first}`, hint)
  }

  /** Offsets are skipped in the midst of the log, which this log's own producer never does. */
  #hole(from: number, next: number): MusicboxError {
    const hint =
      'Compaction and transactions make such gaps: check cleanup.policy of the topic, and who else writes to it.'
    return this.#missing(from, next, `it goes on with ${next}`, hint)
  }

  #missing(from: number, to: number, found: string, hint: string): MusicboxError {
    const { partition, where } = this.#options
    const expected = `expected events ${from} to ${to - 1} in partition ${partition} of ${where}`
    return new MusicboxError('data.corrupt', `${expected}, but ${found}`, hint)
  }
}
