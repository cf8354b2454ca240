import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createWorld } from '../kernel/world.ts'
import { dayLines } from '../stored-line.ts'
import { cleaned } from './clean.ts'
import { NO_DIRT } from './dirt.ts'
import { dirtyDay } from './dirty.ts'
import { writeDirt } from './write-dirt.ts'

const world = createWorld({ userCount: 80, songCount: 300, knobs: { growthPerYear: 0 } })
const dirt = { ...NO_DIRT, duplicates: 0.1, late: 0.1, late_ms_max: 60_000, missing_fields: 0.1 }

describe('the dirty twin on disk', () => {
  it('has each day as it arrived, and a key row for everything that is wrong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'musicbox-dirt-'))
    try {
      const days = { firstDay: '2026-01-01', lastDay: '2026-01-02' }
      await writeDirt(world, dirt, days, folder)
      const key = (await readFile(join(folder, 'dirty/dirt.csv'), 'utf8')).trimEnd().split('\n').slice(1)
      for (const day of [days.firstDay, days.lastDay]) {
        const name = `events/dt=${day}/part-0000.jsonl`
        const { text, marks } = dirtyDay(world, dirt, day)
        assert.equal(await readFile(join(folder, 'dirty', name), 'utf8'), text)
        assert.ok(marks.length > 0)
        assert.equal(key.filter((row) => row.startsWith(`${name},`)).length, marks.length)
        const clean = dayLines(world, day).map(({ line }) => `${line}\n`)
        assert.equal(cleaned({ text, marks }), clean.join(''))
        assert.notEqual(text, clean.join(''))
      }
      const users = (await readFile(join(folder, 'dirty/users.csv'), 'utf8')).trimEnd().split('\n')
      assert.equal(users.length, 1 + world.userCount)
      assert.ok(key.some((row) => row.startsWith('users.csv,')))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
