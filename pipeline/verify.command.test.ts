import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Ran, runCommand } from '../datasets/command.suite.ts'
import type { StoredEvent } from '../datasets/event.ts'
import type { Fate } from '../datasets/ledger.ts'
import { embeddedPaths } from './backend.ts'
import { type Proof, verifyCommand } from './verify.command.ts'
import { openWay, someEvents, type Way } from './way.suite.ts'

const EVENTS = someEvents(['2026-03-01'], 12)
const LATER = someEvents(['2026-03-09'], 3)
const MISSING = someEvents(['2026-03-01'], 30, 99)

describe('musicbox verify', () => {
  let way: Way
  before(async () => {
    way = await openWay()
    await way.feed(EVENTS)
    await way.night()
    await way.backend.close()
    await mkdir(embeddedPaths(way.folder).ledgers)
    await writeFile(join(embeddedPaths(way.folder).ledgers, 'run.ndjson'), linesOf(EVENTS, 'accepted'))
  })
  after(() => rm(way.folder, { recursive: true }))

  const run = (...args: string[]): Promise<Ran> => runCommand(verifyCommand, ['verify', '--data', way.folder, ...args])
  const runWith = async (ledger: string, ...args: string[]): Promise<Ran> => {
    const path = join(way.folder, 'given.ndjson')
    await writeFile(path, ledger)
    return run(path, ...args)
  }

  it('takes the ledgers of the data folder and ends with 0 when all is proven', async () => {
    const { exit, out } = await run()
    assert.equal(exit, 0, out)
    assert.match(out, /^accepted +12$/m)
    assert.match(out, /^proof +PROVEN$/m)
  })

  it('ends with 1 and shows what is wrong, the first few with how many more there are', async () => {
    const { exit, out } = await runWith(linesOf(MISSING, 'accepted'))
    assert.equal(exit, 1)
    assert.match(out, /^proof +FAILED$/m)
    const rows = out.split('\n').filter((line) => / lost +log +accepted +[0-9a-f]{32}$/.test(line))
    assert.equal(rows.length, 20)
    assert.match(out, /^ {2}and 10 more$/m)
  })

  it('gives every finding as JSON', async () => {
    const { exit, out } = await runWith(linesOf(MISSING, 'accepted'), '--json')
    const proof = JSON.parse(out) as Proof
    assert.deepEqual([exit, proof.verdict, proof.found.length, proof.found_total], [1, 'FAILED', 30, 30])
    assert.deepEqual(proof.found.map(({ eid }) => eid).sort(), MISSING.map(({ eid }) => eid).sort())
  })

  it('is no proof, and ends with 1, while events wait for their night', async () => {
    const { exit, out } = await runWith(linesOf(LATER, 'accepted'))
    assert.equal(exit, 1)
    assert.match(out, /^of unpublished days +3$/m)
    assert.match(out, /^proof +OPEN/m)
  })

  it('names a ledger whose last line was never finished', async () => {
    const { exit, out } = await runWith(`${linesOf(EVENTS, 'accepted')}{"eid":"0`)
    assert.equal(exit, 0)
    assert.match(out, /given\.ndjson: the last line was not finished/)
  })

  it('says when a ledger or the data folder is not there', async () => {
    const ledger = await run(join(way.folder, 'none.ndjson'))
    assert.equal(ledger.exit, 7)
    assert.match(ledger.err, /expected a ledger at .*none\.ndjson, but there is none/)
    const empty = await mkdtemp(join(tmpdir(), 'musicbox-verify-'))
    const data = await runCommand(verifyCommand, ['verify', '--data', empty])
    await rm(empty, { recursive: true })
    assert.equal(data.exit, 7)
    assert.match(data.err, /expected the event log of a data folder/)
  })
})

function linesOf(events: readonly StoredEvent[], fate: Fate): string {
  return events.map(({ eid, ts }) => `${JSON.stringify({ eid, ts, fate })}\n`).join('')
}
