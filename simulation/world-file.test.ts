import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { loadScenario } from './scenario/shipped.ts'
import { worldOf } from './scenario/world-of.ts'
import { planHistory } from './simulate.command.ts'
import { readWorldFile, writeWorldFile } from './world-file.ts'

describe('the world file', () => {
  it('gives back the world that it was written from, and whether the history is whole', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'musicbox-world-'))
    try {
      assert.equal(await readWorldFile(folder), undefined)
      const plan = planHistory(
        { seed: 'a seed', users: 10, songs: 20, days: 3, profile: 'seed-2014', lastDay: '2026-01-31' },
        0,
      )
      await writeWorldFile(folder, plan)
      assert.deepEqual(await readWorldFile(folder), plan)
      await writeWorldFile(folder, { ...plan, events: 7 })
      assert.equal((await readWorldFile(folder))?.events, 7)
      await writeFile(join(folder, 'world.json'), '{"seed": 1')
      await assert.rejects(readWorldFile(folder), { code: 'data.corrupt' })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('keeps the whole world: knobs, shocks, newest songs and the scenario that it follows', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'musicbox-world-'))
    try {
      const { world, lastDay } = worldOf(loadScenario('viral-and-outage'))
      const knobs = { ...world.knobs, skip: 1.25, nightCalm: 0 }
      const file = {
        scenario: 'viral-and-outage',
        seed: 'viral',
        world: { ...world, knobs, lastYear: 2019 },
        lastDay,
        events: 3,
      }
      await writeWorldFile(folder, file)
      assert.deepEqual(await readWorldFile(folder), file)
      assert.ok(file.world.shocks.length > 0)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('refuses one that another version made, or none that is written down, and says what to do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'musicbox-world-'))
    try {
      const path = join(folder, 'world.json')
      const old = { seed: 's', key: '0'.repeat(32), profile: 'realistic', songs: 1, users: 1, events: 1 }
      await writeFile(path, JSON.stringify({ ...old, first_day: '2026-01-01', last_day: '2026-01-02' }))
      await assert.rejects(readWorldFile(folder), { code: 'input.invalid', message: /before versions/, hint: /--data/ })
      await writeFile(path, JSON.stringify({ ...old, spec: 99 }))
      await assert.rejects(readWorldFile(folder), { code: 'input.invalid', message: /version 99/ })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('plans a history that ends the day before yesterday, so that live listeners live through a day that is over', () => {
    const options = { seed: 's', users: 1, songs: 1, days: 90, profile: 'realistic' } as const
    const { world, lastDay } = planHistory(options, Date.parse('2026-03-03T10:00:00Z'))
    assert.equal(lastDay, '2026-03-01')
    assert.equal(world.firstDay, '2025-12-02')
    assert.equal(world.liveDay, '2026-03-02')
  })
})
