import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { FATES, type Fate, type LedgerEntry } from '../../datasets/ledger.ts'
import { Metrics } from '../metrics/metric.ts'
import { createLedger, EventLedger } from './event-ledger.ts'

const folder = await mkdtemp(join(tmpdir(), 'musicbox-ledger-'))
after(() => rm(folder, { recursive: true }))

const SUM = '0123456789abcdef'
const eidOf = (n: number): string => n.toString(16).padStart(32, '0')

describe('the event ledger', () => {
  it('writes a line for each answer, in order', async () => {
    const path = join(folder, 'deep', 'lines.ndjson')
    const ledger = new EventLedger(path)
    const told: [number, Fate][] = [
      [1, 'unknown'],
      [2, 'accepted'],
      [1, 'duplicate'],
    ]
    for (const [n, fate] of told) tell(ledger, eidOf(n), fate)
    await ledger.close()
    assert.deepEqual(
      await linesOf(path),
      told.map(([n, fate]) => ({ eid: eidOf(n), ts: 1_700_000_000_000, fate, sum: SUM, answered_ms: 5 })),
    )
  })

  it('is appended to by several processes at once, and no line is torn', async () => {
    const path = join(folder, 'shared.ndjson')
    await writeFile(path, 'of a run before\n')
    createLedger(path)
    const program = `
      const { EventLedger } = await import(${JSON.stringify(new URL('event-ledger.ts', import.meta.url).href)})
      const [path, digit] = process.argv.slice(1)
      const ledger = new EventLedger(path)
      for (let n = 0; n < 3000; n++) {
        const metadata = { eid: digit + String(n).padStart(31, '0'), ts: String(n), sum: digit.repeat(16) }
        ledger.sample({ value: 1, tags: { fate: 'accepted' }, time_ms: 5, metadata })
      }
      await ledger.close()`
    const digits = ['a', 'b', 'c']
    const codes = digits.map(async (digit) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, path, digit], { stdio: 'inherit' })
      return (await once(child, 'exit'))[0] as number
    })
    assert.deepEqual(await Promise.all(codes), [0, 0, 0])
    const entries = await linesOf(path)
    for (const digit of digits) {
      const own = entries.filter(({ eid }) => eid.startsWith(digit))
      assert.deepEqual(
        own.map(({ ts, sum }) => [ts, sum]),
        Array.from({ length: 3000 }, (_, n) => [n, digit.repeat(16)]),
      )
    }
    assert.equal(entries.length, 9000)
  })

  it('counts each event once, by the best of its fates, in whatever order they come', () => {
    const answers = fc.array(fc.tuple(fc.nat(20), fc.constantFrom(...FATES)), { maxLength: 100 })
    fc.assert(
      fc.property(answers, (told) => {
        const ledger = new EventLedger()
        const best = new Map<number, Fate>()
        for (const [n, fate] of told) {
          // Nobody asks again about what is durable.
          if (best.get(n) === 'accepted' || best.get(n) === 'duplicate') continue
          tell(ledger, eidOf(n), fate)
          const before = best.get(n)
          if (before === undefined || FATES.indexOf(fate) > FATES.indexOf(before)) best.set(n, fate)
        }
        const expected = { accepted: 0, duplicate: 0, refused: 0, unknown: 0 }
        for (const fate of best.values()) expected[fate]++
        assert.deepEqual(ledger.counts, expected)
        assert.equal(ledger.traffic.events, best.size)
      }),
    )
  })

  it('gives the same traffic digest for the same events in any order and however often sent, and another one else', () => {
    const digestOf = (eids: readonly string[], fate: Fate): string => {
      const ledger = new EventLedger()
      for (const eid of eids) tell(ledger, eid, fate)
      return ledger.traffic.text()
    }
    const eids = Array.from({ length: 50 }, () => crypto.randomUUID().replaceAll('-', ''))
    const digest = digestOf(eids, 'accepted')
    assert.equal(digestOf(eids.toReversed(), 'accepted'), digest)
    assert.equal(digestOf([...eids, ...eids], 'unknown'), digest)
    assert.notEqual(digestOf(eids.slice(1), 'accepted'), digest)
    assert.notEqual(digestOf([...eids.slice(1), eidOf(7)], 'accepted'), digest)
  })

  it('remembers no more open events than its bound, and says when it had to forget one', () => {
    const ledger = new EventLedger(undefined, 100)
    for (let n = 0; n < 100; n++) tell(ledger, eidOf(n), 'unknown')
    // Spoken of again, the first ones are the last to be forgotten.
    for (let n = 0; n < 50; n++) tell(ledger, eidOf(n), 'unknown')
    assert.equal(ledger.approximate, false)
    for (let n = 100; n < 150; n++) tell(ledger, eidOf(n), 'unknown')
    assert.equal(ledger.approximate, true)
    for (let n = 0; n < 50; n++) tell(ledger, eidOf(n), 'accepted')
    assert.deepEqual(ledger.counts, { accepted: 50, duplicate: 0, refused: 0, unknown: 100 })
    assert.equal(ledger.traffic.events, 150)
  })

  it('does not need to remember what is durable', () => {
    const ledger = new EventLedger(undefined, 10)
    for (let n = 0; n < 1000; n++) tell(ledger, eidOf(n), n % 2 === 0 ? 'accepted' : 'duplicate')
    assert.deepEqual([ledger.counts.accepted, ledger.counts.duplicate, ledger.approximate], [500, 500, false])
  })

  it('takes the sum of an event into the traffic digest: other content is other traffic', () => {
    const digests = [SUM, 'f'.repeat(16)].map((sum) => {
      const ledger = new EventLedger()
      tell(ledger, eidOf(1), 'accepted', sum)
      return ledger.traffic.text()
    })
    assert.notEqual(digests[0], digests[1])
  })

  it('takes events without a sum, as older scripts send them', async () => {
    const path = join(folder, 'without.ndjson')
    const ledger = new EventLedger(path)
    tell(ledger, eidOf(1), 'accepted', null)
    await ledger.close()
    assert.deepEqual(await linesOf(path), [{ eid: eidOf(1), ts: 1_700_000_000_000, fate: 'accepted', answered_ms: 5 }])
  })

  it('counts what names no event or no known fate as malformed, and writes none of it', async () => {
    const path = join(folder, 'malformed.ndjson')
    const ledger = new EventLedger(path)
    tell(ledger, 'XYZ', 'accepted')
    tell(ledger, eidOf(1), 'lost' as Fate)
    tell(ledger, undefined, 'accepted')
    tell(ledger, eidOf(1), 'accepted', 'no sum')
    await ledger.close()
    assert.equal(ledger.malformed, 4)
    assert.deepEqual(await linesOf(path), [])
  })

  it('has what it was told on disk soon, without being closed', async () => {
    const path = join(folder, 'soon.ndjson')
    const ledger = new EventLedger(path)
    // More than the buffer holds goes to the file at once.
    for (let n = 0; n < 2000; n++) tell(ledger, eidOf(n), 'accepted')
    assert.ok((await linesOf(path, true)).length > 500)
    await ledger.close()
    assert.equal((await linesOf(path)).length, 2000)
  })

  it('says clearly that it cannot be written', () => {
    assert.throws(() => new EventLedger(folder), /expected to write the ledger .*, but EISDIR/)
  })

  it('says at its end that lines are missing, and holds no run up before', async (t) => {
    if (!existsSync('/dev/full')) return t.skip('there is no /dev/full here')
    const ledger = new EventLedger('/dev/full')
    for (let n = 0; n < 2000; n++) tell(ledger, eidOf(n), 'accepted')
    await assert.rejects(ledger.close(), /expected to write the ledger \/dev\/full, but ENOSPC/)
  })
})

function tell(ledger: EventLedger, eid: string | undefined, fate: Fate, sum: string | null = SUM): void {
  const metric = new Metrics().custom('event_fate', 'counter', 'default')
  const metadata = { ts: '1700000000000', ...(eid !== undefined && { eid }), ...(sum !== null && { sum }) }
  ledger.sample({ metric, value: 1, tags: { fate }, time_ms: 5.2, metadata })
}

async function linesOf(path: string, mayBeCut = false): Promise<LedgerEntry[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  const last = lines.pop()
  if (!mayBeCut) assert.equal(last, '')
  return lines.map((line) => JSON.parse(line))
}
