import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EVENT_KINDS } from '../../datasets/event-kind.ts'
import type { Key } from '../../datasets/random.ts'
import { dayNumber } from './day-number.ts'
import { EventBlock } from './event-block.ts'
import { listenerAt } from './listener.ts'
import { addOriginalWalk, TRANSITIONS, type Transitions, WAITS_S } from './seed-2014.ts'
import { createWorld } from './world.ts'

const world = createWorld({ profile: 'seed-2014', songCount: 300, userCount: 10 })
const day = dayNumber(world.firstDay)

interface Step {
  at_ms: number
  event: string
  song: number
}

function walks(transitions: Transitions): Step[][] {
  const listener = listenerAt(world, 0)
  const block = new EventBlock()
  return Array.from({ length: 3_000 }, (_, i) => {
    block.clear()
    const conduct: Key = [i, 1, 2, 3]
    addOriginalWalk(block, world, listener, { day, start_ms: 0, offset_min: 0, id: [i, 1, 2, 3], conduct }, transitions)
    return Array.from({ length: block.count }, (_step, row) => ({
      at_ms: block.ts[row]!,
      event: EVENT_KINDS[block.kind[row]!]!,
      song: block.song[row]!,
    }))
  })
}

/** Transitions whose share is more than four deviations from the original's odds, or that it does not know. */
function oddTransitions(sample: readonly Step[][]): string[] {
  const seen = new Map<string, Map<string, number>>()
  for (const steps of sample) {
    for (let i = 1; i < steps.length; i++) {
      const row = seen.get(steps[i - 1]!.event) ?? new Map<string, number>()
      row.set(steps[i]!.event, (row.get(steps[i]!.event) ?? 0) + 1)
      seen.set(steps[i - 1]!.event, row)
    }
  }
  return Object.entries(TRANSITIONS).flatMap(([from, odds]) => {
    const row = seen.get(from) ?? new Map<string, number>()
    const total = [...row.values()].reduce((sum, count) => sum + count, 0)
    const unknown = [...row.keys()].filter((to) => !odds.some(([next]) => next === to))
    const far = odds.filter(
      ([to, share]) => Math.abs((row.get(to) ?? 0) / total - share) > 4 * Math.sqrt((share * (1 - share)) / total),
    )
    return [...unknown, ...far.map(([to]) => to)].map((to) => `${from} → ${to}`)
  })
}

describe('the walk of 2014', () => {
  const sample = walks(TRANSITIONS)

  it('has the original’s transition odds', () => {
    assert.deepEqual(oddTransitions(sample), [])
  })

  it('is told from walks with other odds', () => {
    const fewerThumbs: Transitions = {
      ...TRANSITIONS,
      play: [
        ['tup', 0.28],
        ['tdn', 0.3],
        ['play', 0.27],
        ['exit', 0.05],
        ['pause', 0.05],
        ['skip', 0.05],
      ],
    }
    assert.deepEqual(oddTransitions(walks(fewerThumbs)), ['play → tup', 'play → play'])
    const skipsSearch: Transitions = {
      ...TRANSITIONS,
      search: [
        ['play', 0.7],
        ['skip', 0.25],
        ['exit', 0.05],
      ],
    }
    assert.ok(oddTransitions(walks(skipsSearch)).includes('search → skip'))
  })

  it('waits as the original did, each wait as often as another', () => {
    const waits = sample.flatMap((steps) => steps.slice(1).map((step, i) => (step.at_ms - steps[i]!.at_ms) / 1000))
    const expected = waits.length / WAITS_S.length
    const chiSquare = WAITS_S.reduce(
      (sum, wait) => sum + (waits.filter((other) => other === wait).length - expected) ** 2 / expected,
      0,
    )
    assert.ok(waits.every((wait) => (WAITS_S as readonly number[]).includes(wait)))
    // 13 degrees of freedom: mean 13, deviation 5.1.
    assert.ok(chiSquare < 40, `chi-square ${chiSquare}`)
  })

  it('plays what the last search found', () => {
    const [search, play] = sample.flatMap((steps) =>
      steps.flatMap((step, i) =>
        step.event === 'search' && steps[i + 1]?.event === 'play' ? [[step, steps[i + 1]!]] : [],
      ),
    )[0]!
    assert.ok(search!.song >= 0)
    assert.equal(play!.song, search!.song)
  })
})
