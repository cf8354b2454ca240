import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addDays, daysBetween } from '../../datasets/day.ts'
import { drawsAt } from '../../datasets/random.ts'
import { dayEvents } from '../kernel/history.ts'
import type { Knobs } from '../kernel/knobs.ts'
import { createWorld } from '../kernel/world.ts'
import { worldOf } from '../scenario/world-of.ts'
import { fit, type LoggedEvent } from './fit.ts'
import { checkCopies, SessionPrints } from './nearest-record.ts'

/** The knobs of the log, and how far the estimate may be from each: three standard errors of a log of this size. */
const KNOWN: Partial<Record<keyof Knobs, { value: number; band: number }>> = {
  sessionsPerDay: { value: 0.4, band: 0.25 },
  activitySpread: { value: 0.8, band: 0.27 },
  sessionSpread: { value: 0.8, band: 0.08 },
  skip: { value: 1.3, band: 0.15 },
  reactions: { value: 0.5, band: 0.3 },
  search: { value: 1.5, band: 0.3 },
}
const world = createWorld({
  key: [11, 22, 33, 44],
  userCount: 600,
  songCount: 1_500,
  firstDay: '2025-03-03',
  // All are there from the first day: so small a log would else be of half its listeners.
  knobs: { growthPerYear: 0, ...Object.fromEntries(Object.entries(KNOWN).map(([knob, { value }]) => [knob, value])) },
})
const days = daysBetween(world.firstDay, addDays(world.firstDay, 24))
const log: LoggedEvent[] = days.flatMap((day) => dayEvents(world, day))

async function* stream(events: readonly LoggedEvent[]): AsyncGenerator<LoggedEvent> {
  yield* events
}

/** The knobs whose estimate is out of its band. */
function missed(knobs: Partial<Record<keyof Knobs, number | null>>): string[] {
  return Object.entries(KNOWN)
    .filter(([knob, { value, band }]) => {
      const estimate = knobs[knob as keyof Knobs]
      return estimate === null || !(Math.abs(estimate! / value - 1) <= band)
    })
    .map(([knob]) => `${knob} ${knobs[knob as keyof Knobs]}`)
}

const options = { catalogue: { songs: 1_500 }, users_min: 500, rounds: 4 }
const fitted = fit(stream(log), options)

describe('fitting', () => {
  it('recovers the knobs that a history was made with, within their bands', async () => {
    const { knobs, estimates, events, log: moments } = await fitted
    assert.equal(events, log.length)
    assert.equal(moments.days, days.length)
    assert.deepEqual(missed(knobs), [])
    assert.ok(Math.abs(estimates.users / 600 - 1) < 0.1, `${estimates.users} users`)
  })

  it('fails on a log whose labels are shuffled', async () => {
    const draws = drawsAt([1, 2, 3, 4], 0x6000, 0)
    const kinds = log.map(({ event }) => event)
    for (let i = kinds.length - 1; i > 0; i--) {
      const j = draws.below(i + 1)
      ;[kinds[i], kinds[j]] = [kinds[j]!, kinds[i]!]
    }
    const shuffled = log.map((event, i) => ({ ...event, event: kinds[i]! }))
    const { knobs, goodness } = await fit(stream(shuffled), { ...options, users_min: 1, rounds: 2 })
    assert.ok(missed(knobs).length >= 2, missed(knobs).join())
    assert.ok(goodness.filter(({ verdict }) => verdict === 'differs').length >= 3)
  })

  it('says how well each parameter fits', async () => {
    const { goodness } = await fitted
    const verdictOf = (name: string): string => goodness.find(({ parameter }) => parameter === name)!.verdict
    for (const name of ['session_plays', 'left_by_5s', 'left_by_30s', 'left_before_end', 'session_plays_median']) {
      assert.equal(verdictOf(name), 'fits', name)
    }
    // Three weeks do not show how interest fades.
    assert.equal(verdictOf('half_life_days'), 'unknown')
  })

  it('describes a synthetic twin that has no session, listener or id of the log', async () => {
    const { copies, scenario } = await fitted
    assert.ok(copies.sessions > 1_000)
    const { sessions: _, ...copied } = copies
    assert.deepEqual(copied, { sessions_copied: 0, timings_copied: 0, uids_shared: 0, session_ids_shared: 0 })
    assert.deepEqual([scenario.first_day, scenario.days], [world.firstDay, days.length])
    assert.equal(worldOf(scenario).world.userCount, scenario.users)
  })

  it('would find the sessions that a twin copies', () => {
    const prints = new SessionPrints()
    for (const event of log) prints.add(event)
    const span = { firstDay: days[0]!, lastDay: days.at(-1)! }
    const copy = checkCopies(prints.finish(), { world, ...span })
    assert.ok(copy.sessions > 1_000)
    assert.deepEqual([copy.sessions_copied, copy.timings_copied], [copy.sessions, copy.sessions])
    assert.ok(copy.uids_shared > 200 && copy.session_ids_shared >= copy.sessions)
    // One row moved by a millisecond makes another session.
    const moved = new SessionPrints()
    const first = log.findIndex(({ event }) => event === 'play')
    for (const [i, event] of log.entries()) moved.add(i === first ? { ...event, ts: event.ts + 1 } : event)
    assert.equal(checkCopies(moved.finish(), { world, ...span }).sessions_copied, copy.sessions - 1)
  })

  it('gives equal logs equal twins, in whatever order their listeners stand', async () => {
    const short = log.filter(({ ts }) => ts < log[0]!.ts + 3 * 86_400_000)
    const byUser = Map.groupBy(short, ({ uid }) => uid)
    const other = [...byUser.values()].reverse().flat()
    const few = { ...options, users_min: 1, rounds: 1 }
    const [a, b] = await Promise.all([fit(stream(short), few), fit(stream(other), few)])
    assert.equal(a.scenario.seed, b.scenario.seed)
    assert.deepEqual(a.scenario.knobs, b.scenario.knobs)
  })

  it('refuses a log that tells too little', async () => {
    await assert.rejects(fit(stream(log.slice(0, 20))), { code: 'input.invalid' })
  })
})
