/**
 * Counterfactual twins: two worlds that differ in a knob or a shock and in nothing else. Every draw has an address, so
 * both take the same ones (common random numbers): what differs between the twins is the effect of what was turned, for
 * each user exactly, with no noise between them. A pair that differs in nothing, a placebo, differs in no byte.
 */
import type { Day } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { EventBlock } from '../kernel/event-block.ts'
import { allUsers, fillDay, type UserRange } from '../kernel/history.ts'
import { uidAt } from '../kernel/listener.ts'
import { songbookOf } from '../kernel/songbook.ts'
import type { World } from '../kernel/world.ts'
import { differingBytes } from './block-bytes.ts'
import { CONCERNS, type Concern, type ConcernCounts, countDifferences } from './concern.ts'
import { listenedSessions } from './listened-session.ts'
import { addMeasures, MEASURES, type Measure } from './measure.ts'

export interface TwinComparison {
  days: number
  users: number
  events: { a: number; b: number }
  /** Bytes of the event columns that differ; a row that one world lacks counts with all of its bytes. */
  bytes_differing: number
  /** How often each concern came out otherwise; see {@link CONCERNS} for what is counted. */
  differs: ConcernCounts
  effects: Record<Measure, Effect>
  byDay: readonly { day: Day; a: Record<Measure, number>; b: Record<Measure, number> }[]
  /** Only those with any effect. */
  byUser: readonly { user: number; uid: string; effect: Record<Measure, number> }[]
}

/** The effect of turning world A into world B on one measure. */
export interface Effect {
  a: number
  b: number
  /** b − a. */
  effect: number
  /** (b − a) / a; null when a is 0. */
  relative: number | null
  users_more: number
  users_fewer: number
}

/**
 * Both worlds live through the same days with the same users.
 * @throws MusicboxError `input.invalid` when the worlds do not share key, profile, songs and first day
 */
export function compareTwins(
  a: World,
  b: World,
  days: readonly Day[],
  users: UserRange = allUsers(a),
  signal?: AbortSignal,
): TwinComparison {
  checkKinship(a, b)
  const totals = { a: tally(users.count), b: tally(users.count) }
  const differs = Object.fromEntries(CONCERNS.map((concern) => [concern, 0])) as Record<Concern, number>
  const [blockA, blockB] = [new EventBlock(), new EventBlock()]
  const [bookA, bookB] = [songbookOf(a), songbookOf(b)]
  const events = { a: 0, b: 0 }
  let bytes_differing = 0
  const byDay = days.map((day) => {
    signal?.throwIfAborted()
    fillDay(blockA, a, dayNumber(day), users)
    fillDay(blockB, b, dayNumber(day), users)
    events.a += blockA.count
    events.b += blockB.count
    bytes_differing += differingBytes(blockA, blockB)
    const sessionsA = listenedSessions(blockA, (song) => bookA.song(song).duration_ms)
    const sessionsB = listenedSessions(blockB, (song) => bookB.song(song).duration_ms)
    countDifferences(differs, sessionsA, sessionsB)
    const ofDay = { a: tally(1), b: tally(1) }
    for (const session of sessionsA.values()) {
      addMeasures(totals.a, session.user - users.first, session)
      addMeasures(ofDay.a, 0, session)
    }
    for (const session of sessionsB.values()) {
      addMeasures(totals.b, session.user - users.first, session)
      addMeasures(ofDay.b, 0, session)
    }
    return { day, a: firstOf(ofDay.a), b: firstOf(ofDay.b) }
  })
  return {
    days: days.length,
    users: users.count,
    events,
    bytes_differing,
    differs,
    effects: eachMeasure((measure) => effectOf(totals.a[measure], totals.b[measure])),
    byDay,
    byUser: Array.from({ length: users.count }, (_, place) => ({
      user: users.first + place,
      uid: uidAt(a, users.first + place),
      effect: eachMeasure((measure) => totals.b[measure][place]! - totals.a[measure][place]!),
    })).filter(({ effect }) => MEASURES.some((measure) => effect[measure] !== 0)),
  }
}

function checkKinship(a: World, b: World): void {
  for (const part of ['key', 'profile', 'songCount', 'lastYear', 'firstDay'] as const) {
    if (String(a[part]) === String(b[part])) continue
    throw new MusicboxError(
      'input.invalid',
      `expected twins to share their ${part}, got ${a[part]} and ${b[part]}`,
      'twins differ in knobs and shocks alone',
    )
  }
}

/** By measure, the sums of each user. */
export type Tally = Record<Measure, Float64Array>

function tally(size: number): Tally {
  return eachMeasure(() => new Float64Array(size))
}

function firstOf(sums: Tally): Record<Measure, number> {
  return eachMeasure((measure) => sums[measure][0]!)
}

function effectOf(a: Float64Array, b: Float64Array): Effect {
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)
  const [sumA, sumB] = [sum(a), sum(b)]
  let users_more = 0
  let users_fewer = 0
  for (let user = 0; user < a.length; user++) {
    if (b[user]! > a[user]!) users_more++
    else if (b[user]! < a[user]!) users_fewer++
  }
  const effect = sumB - sumA
  return { a: sumA, b: sumB, effect, relative: sumA === 0 ? null : effect / sumA, users_more, users_fewer }
}

function eachMeasure<Value>(of: (measure: Measure) => Value): Record<Measure, Value> {
  return Object.fromEntries(MEASURES.map((measure) => [measure, of(measure)])) as Record<Measure, Value>
}
