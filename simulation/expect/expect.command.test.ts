import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Ran, runCommand } from '../../datasets/command.suite.ts'
import { createWorld } from '../kernel/world.ts'
import { writeWorldFile } from '../world-file.ts'
import { expectCommand } from './expect.command.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musicbox-expect-'))
  const world = createWorld({ songCount: 100, userCount: 120 })
  await writeWorldFile(folder, { seed: 'x', world, lastDay: '2026-01-06', events: undefined })
})
after(() => rm(folder, { recursive: true, force: true }))

interface Row {
  id: string
  day: string
  period: string
  plays: number
  listeners: number
}

const run = (...args: string[]): Promise<Ran> => runCommand(expectCommand, ['expect', '--data', folder, ...args])

async function json(...args: string[]): Promise<{ events: number; rows: Row[] }> {
  const { exit, out, err } = await run('--json', '--workers', '1', ...args)
  assert.equal(exit, 0, err)
  return JSON.parse(out) as { events: number; rows: Row[] }
}

const sum = (rows: readonly Row[], column: 'plays' | 'listeners'): number =>
  rows.reduce((total, row) => total + row[column], 0)

describe('musicbox expect', () => {
  it('tells the same plays by whatever they are counted', async () => {
    const totals = []
    for (const by of ['song', 'artist', 'album', 'zip', 'genre', 'hour']) {
      totals.push(sum((await json('--by', by, '--top', '1000')).rows, 'plays'))
    }
    assert.ok(totals[0]! > 100)
    assert.deepEqual(new Set(totals).size, 1)
  })

  it('follows one id day by day, and through the periods', async () => {
    const [first] = (await json('--by', 'artist', '--top', '1')).rows
    const days = (await json('--by', 'artist', '--id', first!.id)).rows
    assert.ok(days.length > 1 && days.every(({ id }) => id === first!.id))
    assert.equal(sum(days, 'plays'), first!.plays)
    assert.ok(sum(days, 'listeners') > first!.listeners, 'listeners of days do not add up')
    const periods = (await json('--by', 'period', '--id', first!.id)).rows
    const total = periods.find(({ period }) => period === 'total')!
    assert.deepEqual([total.plays, total.listeners], [first!.plays, first!.listeners])
  })

  it('shows one day, and prints a table', async () => {
    const { rows } = await json('--day', '2026-01-03', '--top', '3')
    assert.deepEqual(
      rows.map(({ day }) => day),
      ['2026-01-03', '2026-01-03', '2026-01-03'],
    )
    const { out } = await run('--day', '2026-01-03', '--top', '3', '--workers', '1')
    assert.match(out, new RegExp(rows[0]!.id))
  })

  it('says what is wrong with days and ids', async () => {
    assert.match((await run('--day', '2025-01-01')).err, /expected days from 2026-01-01 to 2026-01-06/)
    assert.match((await run('--day', 'x')).err, /--day to be a day/)
    assert.match((await run('--by', 'song', '--id', 'TRX')).err, /the id of one song of this history, got "TRX"/)
    assert.match((await run('--data', '/nowhere')).err, /expected a history in \/nowhere/)
    assert.equal((await run('--by', 'year')).exit, 104)
  })
})
