import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isFailure } from '../../event-log.suite.ts'
import type { StoredLine } from '../../event-log.ts'
import type { Fetched } from './kafka-link.ts'
import { PartitionReader } from './partition-reader.ts'

/** A partition whose first offset that is left is `first`, without the offsets of `gaps`; answers as a broker does. */
class FakePartition {
  fetches = 0
  readonly #lines: readonly StoredLine[]
  readonly #first: number
  readonly #batch: number
  readonly #gaps: ReadonlySet<number>
  /** Errors that come first, in turn. */
  readonly errors: Error[] = []

  constructor(count: number, { first = 0, batch = 100, gaps = [] as number[] } = {}) {
    this.#lines = Array.from({ length: count }, (_, offset) => ({ offset, line: `line ${offset} `.padEnd(100, '.') }))
    this.#first = first
    this.#batch = batch
    this.#gaps = new Set(gaps)
  }

  async fetch(_partition: number, from: number, bytesMax: number): Promise<Fetched> {
    this.fetches++
    const error = this.errors.shift()
    if (error) throw error
    if (from < this.#first || from > this.#lines.length) return { state: 'outside' }
    const begin = from - (from % this.#batch)
    const batches = Math.max(1, Math.floor(bytesMax / (100 * this.#batch)))
    const lines = this.#lines.slice(begin, begin + batches * this.#batch).filter((each) => this.#holds(each, from))
    return { state: 'read', lines, end: this.#lines.length }
  }

  #holds({ offset }: StoredLine, from: number): boolean {
    return offset >= from && !this.#gaps.has(offset)
  }

  async offsets(): Promise<number[]> {
    return [this.#first]
  }

  slice(from: number, max: number): readonly StoredLine[] {
    return this.#lines.slice(from, from + max)
  }
}

function reader(link: FakePartition, deadline_ms = 5000): PartitionReader {
  return new PartitionReader({ link, partition: 0, where: 'topic t at nowhere:1', deadline_ms, isOpen: () => true })
}

describe('partition reader', () => {
  it('gives what is asked for, whatever was read before', async () => {
    const read = fc.tuple(fc.nat(1300), fc.nat(700))
    await fc.assert(
      fc.asyncProperty(fc.array(read, { maxLength: 30 }), fc.integer({ min: 1, max: 400 }), async (reads, batch) => {
        const partition = new FakePartition(1234, { batch })
        const of = reader(partition)
        for (const [from, max] of reads) assert.deepEqual(await of.read(from, max), partition.slice(from, max))
      }),
      { numRuns: 100 },
    )
  })

  it('fetches nothing twice for one who reads on', async () => {
    const partition = new FakePartition(20_000, { batch: 500 })
    const of = reader(partition)
    let at = 0
    while (at < 20_000) at += (await of.read(at, 700)).length
    const bytes = 20_000 * 100
    assert.ok(partition.fetches < bytes / (64 * 1024) + 5, `${partition.fetches} fetches`)
  })

  it('reads beside another read of the same partition', async () => {
    const partition = new FakePartition(5000)
    const of = reader(partition)
    const reads = await Promise.all(Array.from({ length: 20 }, (_, at) => of.read(at * 250, 250)))
    reads.forEach((lines, at) => {
      assert.deepEqual(lines, partition.slice(at * 250, 250))
    })
  })

  it('tries again after errors, until its deadline', async () => {
    const partition = new FakePartition(10)
    partition.errors.push(new Error('connect ECONNREFUSED'), new Error('not the leader'))
    assert.equal((await reader(partition).read(0, 10)).length, 10)
    partition.errors.push(...Array.from({ length: 100 }, () => new Error('connect ECONNREFUSED')))
    await assert.rejects(
      reader(partition, 100).read(0, 10),
      (error) => isFailure(error, 'backend.unreachable') && /topic t at nowhere:1.*ECONNREFUSED/.test(String(error)),
    )
  })

  it('finds a gap, and nothing beyond the end', async () => {
    const partition = new FakePartition(100, { first: 60 })
    await assert.rejects(
      reader(partition).read(20, 10),
      (error) => isFailure(error, 'data.corrupt') && /events 20 to 59 in partition 0/.test(String(error)),
    )
    assert.deepEqual(await reader(partition).read(100, 10), [])
    assert.deepEqual(await reader(partition).read(105, 10), [])
  })

  it('finds a gap in the midst of what it fetches, and gives what stands before and behind it', async () => {
    const partition = new FakePartition(100, { gaps: [2, 3, 50] })
    const of = reader(partition)
    const isGap = (range: RegExp) => (error: unknown) => isFailure(error, 'data.corrupt') && range.test(String(error))
    await assert.rejects(of.read(0, 5), isGap(/events 2 to 3 in partition 0 .*goes on with 4/))
    assert.deepEqual(await of.read(0, 2), partition.slice(0, 2))
    await assert.rejects(of.read(2, 1), isGap(/events 2 to 3 in/))
    assert.deepEqual(await of.read(4, 46), partition.slice(4, 46))
    await assert.rejects(of.read(4, 47), isGap(/events 50 to 50 in/))
    assert.deepEqual(await of.read(51, 100), partition.slice(51, 100))
  })
})
