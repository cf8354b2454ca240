import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { songs } from '../../datasets/catalogue.ts'
import { addDays, DAY_MS, dayOf, daysBetween, hourOf } from '../../datasets/day.ts'
import type { WireEvent } from '../../datasets/event.ts'
import { MEASURES, type Measures } from '../../datasets/tables.ts'
import { dayEvents } from '../kernel/history.ts'
import { userAt } from '../kernel/user.ts'
import { catalogueOf, createWorld } from '../kernel/world.ts'
import { DIMENSIONS, type Dimension, groupingOf } from './dimension.ts'
import { expectCounts, expectRangeCounts } from './expect-counts.ts'
import { type ExpectedDay, expectDays, type HistorySpan } from './expect-days.ts'
import { type Counts, columnsOf } from './tally.ts'

const world = createWorld({ songCount: 200, userCount: 150, knobs: { sessionsPerDay: 1.5 } })
const span: HistorySpan = { firstDay: world.firstDay, lastDay: addDays(world.firstDay, 5) }
const events = daysBetween(span.firstDay, span.lastDay).flatMap((day) => dayEvents(world, day))
const songOf = new Map(Array.from(songs(catalogueOf(world)), (song) => [song.track_id, song]))
const zipOf = new Map(Array.from({ length: 150 }, (_, user) => userAt(world, user)).map(({ uid, zip }) => [uid, zip]))

/** The plain way: every event as an object, every group's users as a set. */
function countPlainly(among: readonly WireEvent[], dimension: Dimension): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {}
  const users = new Map<string, Set<string>>()
  for (const event of among) {
    if (dimension !== 'hour' && ['login', 'search', 'exit'].includes(event.event)) continue
    const song = songOf.get(event.songid!)
    const id = {
      song: song?.track_id,
      artist: song?.artist_id,
      album: song?.album_id,
      genre: song?.genre,
      zip: zipOf.get(event.uid)!.slice(0, 3),
      hour: hourOf(event.ts),
    }[dimension]!
    counts[id] ??= Object.fromEntries(columnsOf(dimension).map((column) => [column, 0]))
    const row = counts[id] as Measures & Record<string, number>
    if (dimension === 'hour') row['events']!++
    const name = {
      play: 'plays',
      skip: 'skips',
      pause: 'pauses',
      resume: 'resumes',
      rate: 'ratings',
      comment: 'comments',
      tag: 'tags',
      login: 'logins',
      search: 'searches',
      exit: 'exits',
      tup: 'tup',
      tdn: 'tdn',
    }[event.event]
    row[name]!++
    if (event.event === 'rate') row.stars_sum += event.stars
    if (event.event === 'play') {
      if (!users.has(id)) users.set(id, new Set())
      row.listeners = users.get(id)!.add(event.uid).size
    }
  }
  return counts
}

function named(dimension: Dimension, { groups, values }: Counts): Record<string, Record<string, number>> {
  const columns = columnsOf(dimension)
  return Object.fromEntries(
    Array.from(groups, (group, i) => [
      groupingOf(world).idOf(dimension, group),
      Object.fromEntries(columns.map((column, at) => [column, values[i * columns.length + at]!])),
    ]),
  )
}

async function all(days: AsyncIterable<ExpectedDay> | Iterable<ExpectedDay>): Promise<ExpectedDay[]> {
  const found: ExpectedDay[] = []
  for await (const day of days) found.push(day)
  return found
}

describe('expectCounts', () => {
  it('counts each UTC day as a plain count of its events does, distinct listeners included', async () => {
    const days = await all(expectCounts(world, span, DIMENSIONS))
    assert.deepEqual(
      days.map(({ day }) => day),
      daysBetween(span.firstDay, addDays(span.lastDay, 1)),
      'sessions reach into one more day',
    )
    for (const { day, events: count, counts } of days) {
      const ofDay = events.filter(({ ts }) => dayOf(ts) === day)
      assert.equal(count, ofDay.length)
      for (const dimension of DIMENSIONS) {
        assert.deepEqual(named(dimension, counts[dimension]!), countPlainly(ofDay, dimension), `${day} by ${dimension}`)
      }
    }
    assert.equal(
      days.reduce((sum, day) => sum + day.events, 0),
      events.length,
    )
  })

  it('needs the merge by user: listeners of a day are not the sum of its blocks’', () => {
    const counted = [...expectDays(world, span, ['zip'])]
    const blocks = daysBetween(span.firstDay, span.lastDay).map((day) => dayEvents(world, day))
    const listeners = (day: string): number => {
      const { groups, values } = counted.find((each) => each.day === day)!.counts.zip!
      return groups.reduce((sum, _, i) => sum + values[i * columnsOf('zip').length + MEASURES.indexOf('listeners')]!, 0)
    }
    const apart = (day: string): number =>
      blocks
        .map((block) =>
          countPlainly(
            block.filter(({ ts }) => dayOf(ts) === day),
            'hour',
          ),
        )
        .reduce((sum, areas) => sum + Object.values(areas).reduce((total, area) => total + area['listeners']!, 0), 0)
    const days = daysBetween(span.firstDay, span.lastDay)
    assert.ok(
      days.some((day) => apart(day) > listeners(day)),
      'this history has such a user and day',
    )
    assert.ok(days.every((day) => apart(day) >= listeners(day)))
  })

  it('gives the same on two threads as on one', async () => {
    assert.deepEqual(
      await all(expectCounts(world, span, DIMENSIONS, { workers: 2 })),
      await all(expectCounts(world, span, DIMENSIONS)),
    )
  })

  it('gives any day alone as in the whole', async () => {
    const whole = await all(expectCounts(world, span, ['song', 'hour']))
    for (const [at, { day }] of whole.entries()) {
      const alone = await all(expectCounts(world, span, ['song', 'hour'], { days: { first: day, last: day } }))
      assert.deepEqual(alone, [whole[at]])
    }
  })

  it('gives each day of the span a row of the list, though nothing happened', async () => {
    const quiet = createWorld({ userCount: 1, songCount: 10, knobs: { sessionsPerDay: 0 } })
    const days = await all(expectCounts(quiet, span, ['song']))
    assert.deepEqual(
      days.map(({ day, events: count }) => [day, count]),
      daysBetween(span.firstDay, span.lastDay).map((day) => [day, 0]),
    )
  })

  it('stops when it is told to', async () => {
    const stopped = AbortSignal.abort()
    await assert.rejects(all(expectCounts(world, span, ['song'], { signal: stopped })), { code: 'interrupted' })
    await assert.rejects(expectRangeCounts(world, span, ['song'], [], { signal: stopped }), { code: 'interrupted' })
  })
})

describe('expectRangeCounts', () => {
  const ranges = [
    { first: span.firstDay, last: addDays(span.lastDay, 1) },
    { first: addDays(span.firstDay, 2), last: addDays(span.firstDay, 3) },
    { first: span.firstDay, last: span.firstDay },
    { first: '2020-01-01', last: '2020-02-01' },
    { first: addDays(span.firstDay, 1), last: span.firstDay },
  ]

  it('counts listeners that are distinct over the whole range', async () => {
    const found = await expectRangeCounts(world, span, DIMENSIONS, ranges)
    for (const [at, { first, last }] of ranges.entries()) {
      const within = events.filter(({ ts }) => dayOf(ts) >= first && dayOf(ts) <= last)
      assert.equal(found[at]!.events, within.length)
      for (const dimension of DIMENSIONS) {
        assert.deepEqual(named(dimension, found[at]!.counts[dimension]!), countPlainly(within, dimension))
      }
    }
  })

  it('gives the same on two threads as on one', async () => {
    assert.deepEqual(
      await expectRangeCounts(world, span, DIMENSIONS, ranges, { workers: 2 }),
      await expectRangeCounts(world, span, DIMENSIONS, ranges),
    )
  })
})

describe('the grouping', () => {
  it('names groups and finds them again', () => {
    const grouping = groupingOf(world)
    for (const dimension of DIMENSIONS) {
      for (let group = 0; group < grouping.size[dimension]; group += 7) {
        assert.equal(grouping.groupOf(dimension, grouping.idOf(dimension, group)), group)
      }
      assert.equal(grouping.groupOf(dimension, 'no such id'), undefined)
    }
    assert.ok(events.some(({ ts }) => ts >= Date.parse(span.lastDay) + DAY_MS))
  })
})
