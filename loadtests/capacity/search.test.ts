import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SYSTEMS, systemProbe } from './model.suite.ts'
import { type Capacity, type Outcome, type StepResult, searchCapacity } from './search.ts'

const plain = (load: number, outcome: Outcome): StepResult => ({
  load,
  outcome,
  reasons: [],
  throughput_per_s: load,
  p95_ms: 1,
})

describe('the search for capacity', () => {
  it('finds the limit of a system without noise within its resolution, in few steps', async () => {
    for (const limit of [1, 2, 7, 63, 64, 65, 300, 999]) {
      const found = await searchCapacity(async (load) => plain(load, load <= limit ? 'holds' : 'breaks'), {
        from: 1,
        to: 1000,
      })
      assert.equal(found.limit, 'system')
      assert.ok(found.capacity <= limit && found.capacity >= limit / 1.06 - 1, `${found.capacity} of ${limit}`)
      assert.ok(found.steps.length <= 30, `${found.steps.length} steps`)
    }
  })

  it('says that the range ends before the system does', async () => {
    const found = await searchCapacity(async (load) => plain(load, 'holds'), { from: 1, to: 1000 })
    assert.deepEqual([found.capacity, found.limit, found.beyond], [1000, 'range', undefined])
  })

  it('finds 0 where the smallest load breaks', async () => {
    const found = await searchCapacity(async (load) => plain(load, 'breaks'), { from: 5, to: 1000 })
    assert.deepEqual([found.capacity, found.limit], [0, 'system'])
  })

  it('never takes the generator’s limit for the system’s', async () => {
    const found = await searchCapacity(async (load) => plain(load, load <= 100 ? 'holds' : 'invalid'), {
      from: 1,
      to: 1000,
    })
    assert.equal(found.limit, 'generator')
    assert.ok(found.capacity >= 95 && found.capacity <= 100)
  })

  it('forgives one unfit step and one odd break', async () => {
    const tries = new Map<number, number>()
    const found = await searchCapacity(
      async (load) => {
        const nth = (tries.get(load) ?? 0) + 1
        tries.set(load, nth)
        if (nth === 1 && load === 8) return plain(load, 'invalid')
        if (nth === 1 && load === 16) return plain(load, 'breaks')
        return plain(load, load <= 200 ? 'holds' : 'breaks')
      },
      { from: 1, to: 1000 },
    )
    assert.equal(found.limit, 'system')
    assert.ok(found.capacity >= 190 && found.capacity <= 200, String(found.capacity))
  })

  it('agrees with itself within 15 % over 50 noisy trials, and with the truth', async () => {
    for (const [name, system] of Object.entries(SYSTEMS)) {
      const found: Capacity[] = []
      for (let seed = 0; seed < 50; seed++) {
        found.push(await searchCapacity(systemProbe(system, seed), { from: 1, to: 1000 }))
      }
      const capacities = found.map(({ capacity }) => capacity)
      const [least, most] = [Math.min(...capacities), Math.max(...capacities)]
      assert.ok(most / least <= 1.15, `${name}: from ${least} to ${most}`)
      assert.ok(most <= system.limit * 1.05 && least >= system.limit * 0.8, `${name}: ${least} to ${most}`)
      assert.ok(found.every(({ limit }) => limit === 'system'))
    }
  })

  it('would accept a system whose backlog grows if it looked at thresholds alone', async () => {
    const system = SYSTEMS.open
    const found = await searchCapacity(systemProbe(system, 1, { slope: false }), { from: 1, to: 1000 })
    assert.ok(found.capacity > system.limit * 1.05, String(found.capacity))
  })
})
