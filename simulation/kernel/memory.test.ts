import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { dayNumber } from './day-number.ts'
import { type Listener, listenerAt } from './listener.ts'
import {
  anchorOf,
  artistsKnown,
  discoveryDay,
  knownCount,
  knownSong,
  noveltyOf,
  playsBefore,
  repeatOf,
} from './memory.ts'
import { songbookOf } from './songbook.ts'
import { createWorld } from './world.ts'

const world = createWorld({ firstDay: '2024-01-01', lastYear: 2025, songCount: 10_000, userCount: 40 })
const first = dayNumber(world.firstDay)
/** Somebody who listens daily and has for years. */
const keen: Listener = { ...listenerAt(world, 3), sessions_per_day: 1, joinDay: first - 700, active: true }

describe('memory', () => {
  it('knows more songs every day, and finds the day of each discovery again', () => {
    for (let day = keen.joinDay; day < first + 900; day += 13) {
      const known = knownCount(keen, day)
      assert.ok(known <= knownCount(keen, day + 13))
      assert.ok(discoveryDay(keen, known - 1) <= day, `song ${known - 1} is known on ${day}`)
      assert.ok(discoveryDay(keen, known) >= day - 1, `song ${known} is not known on ${day}`)
    }
  })

  it('follows Heaps’ law: the share of new songs falls as plays add up', () => {
    const early = noveltyOf(keen, keen.joinDay + 10)
    const late = noveltyOf(keen, keen.joinDay + 700)
    assert.ok(early > 1.5 * late, `${early}, then ${late}`)
    const slope =
      Math.log(knownCount(keen, keen.joinDay + 1400) / knownCount(keen, keen.joinDay + 300)) /
      Math.log(playsBefore(keen, keen.joinDay + 1400) / playsBefore(keen, keen.joinDay + 300))
    assert.ok(Math.abs(slope - keen.discoveryExponent) < 0.02, `slope ${slope}`)
  })

  it('counts artists the way it meets them', () => {
    fc.assert(
      fc.property(fc.nat(16_000), (k) => {
        const artists = artistsKnown(k)
        assert.ok(anchorOf(artists - 1) <= k && anchorOf(artists) > k)
      }),
    )
    for (let i = 1; i < 4_000; i++) assert.ok(anchorOf(i) > anchorOf(i - 1), `anchor ${i}`)
  })

  it('gives the same k-th song in any order, in a fresh world too', () => {
    const book = songbookOf(world)
    const forwards = Array.from({ length: 120 }, (_, k) => knownSong(book, keen, k))
    const fresh = songbookOf(createWorld({ ...world }))
    const backwards = Array.from({ length: 120 }, (_, i) => knownSong(fresh, keen, 119 - i)).reverse()
    assert.deepEqual(backwards, forwards)
  })

  it('remembers nothing before its release', () => {
    const book = songbookOf(world)
    const known = knownCount(keen, first + 600)
    for (let k = 0; k < known; k++) {
      assert.ok(book.release[knownSong(book, keen, k)]! <= discoveryDay(keen, k), `song ${k}`)
    }
  })

  it('repeats lately found songs more than old ones, unless the knob is off', () => {
    const book = songbookOf(world)
    const known = knownCount(keen, first + 600)
    const recent = new Set(
      Array.from({ length: Math.floor(known / 5) }, (_, i) => knownSong(book, keen, known - 1 - i)),
    )
    const shareOfRecent = (recency: number): number => {
      let hits = 0
      for (let i = 0; i < 4_000; i++) {
        const word = Math.imul(i + 1, 0x9e3779b1) >>> 0
        if (recent.has(repeatOf(book, keen, known, { recency, appetite: 1 }, word))) hits++
      }
      return hits / 4_000
    }
    assert.ok(shareOfRecent(1) > shareOfRecent(0) + 0.1, `${shareOfRecent(1)} and ${shareOfRecent(0)}`)
  })
})
