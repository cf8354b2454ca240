import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { daysBetween } from '../datasets/day.ts'
import { createWorld } from './kernel/world.ts'
import { mergeLines, type SimulatedDay, simulateDays, userRanges } from './simulate.ts'
import { dayLines, type HistoryLine } from './stored-line.ts'

const world = createWorld({ songCount: 300, userCount: 61 })
const range = { firstDay: '2026-01-01', lastDay: '2026-01-06' }

async function collect(workers: number, lastDay = range.lastDay): Promise<SimulatedDay[]> {
  const days: SimulatedDay[] = []
  for await (const day of simulateDays(world, { ...range, lastDay, workers })) days.push(day)
  return days
}

describe('simulating days', () => {
  it('gives the same bytes on one worker, on two and on three as without any', async () => {
    const alone = daysBetween(range.firstDay, range.lastDay).map((day) => ({
      day,
      entries: dayLines(world, day).map(({ line }) => {
        const { eid, uid } = JSON.parse(line) as { eid: string; uid: string }
        return { eid, key: uid, line }
      }),
    }))
    assert.ok(alone.every(({ entries }) => entries.length > 0))
    assert.deepEqual(await collect(1), alone)
    assert.deepEqual(await collect(2), alone)
    assert.deepEqual(await collect(3), alone)
  })

  it('leaves earlier days as they were when the history goes on for longer', async () => {
    assert.deepEqual(await collect(2, '2026-01-03'), (await collect(2)).slice(0, 3))
  })

  it('ends its workers when the reader has had enough', async () => {
    for await (const { day } of simulateDays(world, { ...range, workers: 2 })) {
      assert.equal(day, '2026-01-01')
      break
    }
  })

  it('hands a worker’s failure to the reader', async () => {
    const broken = { ...world, songCount: -1 }
    await assert.rejects(async () => {
      for await (const _ of simulateDays(broken, { ...range, workers: 2 }));
    })
  })

  it('has no days when the last precedes the first', async () => {
    const days = simulateDays(world, { firstDay: '2026-01-02', lastDay: '2026-01-01' })
    assert.equal((await days.next()).done, true)
  })

  it('refuses a number of workers that cannot be', async () => {
    await assert.rejects(simulateDays(world, { ...range, workers: 0 }).next(), /1 to 64 workers, got 0/)
  })

  it('splits users into ranges without gap, overlap or emptiness', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 64 }), (userCount, parts) => {
        const ranges = userRanges(userCount, parts)
        assert.equal(ranges.length, Math.min(userCount, parts))
        let next = 0
        for (const { first, count } of ranges) {
          assert.equal(first, next)
          assert.ok(count >= 1)
          next = first + count
        }
        assert.equal(next, userCount)
      }),
    )
  })

  it('merges parts as a stable sort of their concatenation would', () => {
    const part = fc
      .array(fc.integer({ min: 0, max: 20 }), { maxLength: 15 })
      .map((times) => times.sort((a, b) => a - b).map((ts, i): HistoryLine => ({ ts, line: `${i}` })))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const tagged = parts.map((lines, p) => lines.map(({ ts, line }) => ({ ts, line: `${p}.${line}` })))
        assert.deepEqual(
          mergeLines(tagged),
          tagged.flat().sort((a, b) => a.ts - b.ts),
        )
      }),
    )
  })
})
