import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { type Ran, runCommand } from '../../datasets/command.suite.ts'
import { planHistory } from '../simulate.command.ts'
import { writeWorldFile } from '../world-file.ts'
import { exportCommand } from './export.command.ts'
import { SHAPE_NAMES } from './shapes.ts'

const folder = mkdtempSync(join(tmpdir(), 'export-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const run = (args: string[], signal = new AbortController().signal): Promise<Ran> =>
  runCommand(exportCommand, ['export', ...args], { signal, now: () => Date.parse('2026-03-03T10:00:00Z') })

const small = ['--users', '30', '--songs', '100', '--days', '5', '--last-day', '2026-01-31']

describe('musicbox export', () => {
  it('writes a shape and says what is where', async () => {
    const out = join(folder, 'taste')
    const { exit, out: text } = await run(['taste-profile', '--out', out, ...small])
    assert.equal(exit, 0)
    const rows = readFileSync(join(out, 'train_triplets.txt'), 'utf8').split('\n').length - 1
    assert.equal(text, `${rows} rows in 1 file of ${out}, 2026-01-27 to 2026-01-31, in 0 ms\n`)
  })

  it('prints the same for programs, and takes the history of the data folder when none is asked for', async () => {
    const data = join(folder, 'data')
    const asked = {
      seed: 'other',
      users: 30,
      songs: 100,
      days: 5,
      profile: 'realistic',
      lastDay: '2026-02-05',
    } as const
    await writeWorldFile(data, { ...planHistory(asked, 0), events: 1 })
    const ofFolder = await run(['seed-json', '--out', join(folder, 'a'), '--data', data, '--json', '--quiet'])
    const ofOptions = await run([
      'seed-json',
      '--out',
      join(folder, 'b'),
      '--json',
      '--seed',
      'other',
      ...small.slice(0, 6),
      '--last-day',
      '2026-02-05',
    ])
    const { files, ...described } = JSON.parse(ofFolder.out)
    assert.deepEqual(described, {
      shape: 'seed-json',
      out: join(folder, 'a'),
      seed: 'other',
      first_day: '2026-02-01',
      last_day: '2026-02-05',
    })
    assert.deepEqual(files, JSON.parse(ofOptions.out).files)
    assert.ok(files['events.json'] > 0)
    assert.equal(
      readFileSync(join(folder, 'a', 'events.json'), 'utf8'),
      readFileSync(join(folder, 'b', 'events.json'), 'utf8'),
    )
  })

  it('lists the shapes, and names them when another is asked for', async () => {
    const { out, exit } = await run(['--help'])
    assert.equal(exit, 0)
    const { err, exit: failed } = await run(['parquet', '--out', folder])
    assert.equal(failed, 104)
    for (const name of SHAPE_NAMES) {
      assert.ok(out.includes(`  ${name} `), name)
      assert.ok(err.includes(name), name)
    }
  })

  it('ends with 105 and no file when it is interrupted', async () => {
    const out = join(folder, 'stopped')
    const { exit } = await run(['lastfm-1k', '--out', out, ...small], AbortSignal.abort())
    assert.equal(exit, 105)
    assert.ok(!existsSync(join(out, 'userid-profile.tsv')))
  })
})
