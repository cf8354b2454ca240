import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { FATES, type Fate, type LedgerEntry } from '../datasets/ledger.ts'
import { EventLedger } from './event-ledger.ts'
import { Metrics } from './metric.ts'

const folder = await mkdtemp(join(tmpdir(), 'musicbox-ledger-'))
after(() => rm(folder, { recursive: true }))

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
      told.map(([n, fate]) => ({ eid: eidOf(n), ts: 1_700_000_000_000, fate })),
    )
  })

  it('counts each event once, by the best of its fates, in whatever order they come', () => {
    const answers = fc.array(fc.tuple(fc.nat(20), fc.constantFrom(...FATES)), { maxLength: 100 })
    fc.assert(
      fc.property(answers, (told) => {
        const ledger = new EventLedger()
        const best = new Map<number, Fate>()
        for (const [n, fate] of told) {
          // Nobody asks again about what is accepted.
          if (best.get(n) === 'accepted') continue
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

  it('counts what names no event or no known fate as malformed, and writes none of it', async () => {
    const path = join(folder, 'malformed.ndjson')
    const ledger = new EventLedger(path)
    tell(ledger, 'XYZ', 'accepted')
    tell(ledger, eidOf(1), 'lost' as Fate)
    tell(ledger, undefined, 'accepted')
    await ledger.close()
    assert.equal(ledger.malformed, 3)
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
    assert.throws(() => new EventLedger(folder), /cannot write the ledger/)
  })
})

function tell(ledger: EventLedger, eid: string | undefined, fate: Fate): void {
  const metric = new Metrics().custom('event_fate', 'counter', 'default')
  const metadata = { ts: '1700000000000', ...(eid !== undefined && { eid }) }
  ledger.sample({ metric, value: 1, tags: { fate }, time_ms: 0, metadata })
}

async function linesOf(path: string, mayBeCut = false): Promise<LedgerEntry[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  const last = lines.pop()
  if (!mayBeCut) assert.equal(last, '')
  return lines.map((line) => JSON.parse(line))
}
