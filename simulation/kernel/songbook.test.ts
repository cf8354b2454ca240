import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { artistIdAt, artistSongs, songAt } from '../../datasets/catalogue.ts'
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { dayNumber, dayOfNumber } from './day-number.ts'
import type { Knobs } from './knobs.ts'
import { levelOn } from './song-interest.ts'
import { type Songbook, songbookOf } from './songbook.ts'
import { catalogueOf, createWorld } from './world.ts'

const FIRST = '2023-01-01'
const DAYS = 1_095
const bookOf = (knobs: Partial<Knobs> = {}): Songbook =>
  songbookOf(createWorld({ key: [8, 0, 0, 0], songCount: 10_000, firstDay: FIRST, lastYear: 2025, knobs }))
const book = bookOf()

/** Interest by song, summed over three years: plays of listeners who are all alike. */
function interestOfYears(of: Songbook): Float64Array {
  const sums = new Float64Array(of.songCount)
  for (let day = dayNumber(FIRST); day < dayNumber(FIRST) + DAYS; day += 7) {
    for (let song = 0; song < of.songCount; song++) sums[song]! += of.base[song]! * levelOn(of, song, day)
  }
  return sums
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}

/** The P for which the first P of all that were played have 1 − P of the plays. */
function crossing(plays: Iterable<number>): number {
  const falling = [...plays].filter((number) => number > 0).sort((a, b) => b - a)
  const total = sum(falling)
  let had = 0
  for (const [at, number] of falling.entries()) {
    had += number
    if (had / total >= 1 - (at + 1) / falling.length) return (at + 1) / falling.length
  }
  return 1
}

/** US streams of 2024 by decade of release, 2020s first, the last one all older ones: Luminate. */
const DECADES = [0.496, 0.299, 0.104, 0.047, 0.022, 0.018, 0.014]

function decadesOf(of: Songbook): number[] {
  const plays = interestOfYears(of)
  const shares = new Array<number>(DECADES.length).fill(0)
  plays.forEach((number, song) => {
    const year = Number(dayOfNumber(of.release[song]!).slice(0, 4))
    shares[Math.min(DECADES.length - 1, Math.max(0, 202 - Math.floor(year / 10)))]! += number / sum(plays)
  })
  return shares
}

const apart = (shares: readonly number[]): number => sum(shares.map((share, at) => Math.abs(share - DECADES[at]!))) / 2

describe('the songbook', () => {
  it('has the catalogue’s songs', () => {
    const spec = catalogueOf(createWorld({ key: [8, 0, 0, 0], songCount: 10_000, lastYear: 2025 }))
    for (let song = 0; song < 10_000; song += 97) {
      const { track_id, title, artist_id, artist_name, duration_ms, genre } = songAt(spec, song)
      assert.deepEqual(book.song(song), { track_id, title, artist_id, artist_name, duration_ms })
      assert.equal(book.duration_ms[song], duration_ms)
      assert.equal(artistIdAt(spec, book.artist[song]!), artist_id)
      assert.equal(GENRES[book.genre[song]!]!.term, genre)
      assert.deepEqual(book.artistSongs(book.artist[song]!), artistSongs(spec, book.artist[song]!))
    }
  })

  it('shares out all interest', () => {
    assert.ok(Math.abs(sum(book.base) - 1) < 1e-9)
    assert.ok(book.base.every((share) => share > 0))
  })

  it('has the inequality of Last.fm’s songs, and none without popularity', () => {
    const songs = crossing(interestOfYears(book))
    assert.ok(songs > 0.12 && songs < 0.2, `songs ${songs}`)
    const flat = bookOf({ popularity: 0, genrePopularity: 0 })
    assert.ok(flat.base.every((share) => Math.abs(share * flat.songCount - 1) < 1e-9))
    assert.ok(crossing(interestOfYears(flat)) > 0.2, 'the check would see it')
  })

  it('plays each decade as often as streams of 2024 did, and could not without decay', () => {
    const shares = decadesOf(book)
    assert.ok(apart(shares) < 0.1, `${shares}`)
    assert.ok(
      shares.every((share, at) => at === 0 || share < shares[at - 1]!),
      `${shares}`,
    )
    assert.ok(apart(decadesOf(bookOf({ decay: 0 }))) > 0.1)
  })

  it('hears hip hop and soul before rock before pop, and artists’ numbers alone without genre popularity', () => {
    const share = (of: Songbook, terms: readonly string[]): number =>
      sum(of.base.filter((_, song) => terms.includes(GENRES[of.genre[song]!]!.term)))
    const order = (of: Songbook): boolean => {
      const [rhythm, rock, pop] = [
        share(of, ['hip hop', 'soul', 'funk']),
        share(of, ['rock', 'indie rock', 'punk', 'metal', 'industrial']),
        share(of, ['pop']),
      ] as const
      return rhythm > rock && rock > pop
    }
    const large = (knobs: Partial<Knobs>): Songbook =>
      songbookOf(createWorld({ songCount: 100_000, firstDay: FIRST, lastYear: 2025, knobs }))
    assert.ok(order(large({})))
    assert.ok(!order(large({ genrePopularity: 0 })))
  })

  it('has few great artists in hip hop and many middling ones in jazz', () => {
    const large = songbookOf(createWorld({ songCount: 100_000, lastYear: 2025 }))
    const crossingOf = (term: string): number =>
      crossing(large.base.filter((_, song) => GENRES[large.genre[song]!]!.term === term))
    assert.ok(crossingOf('hip hop') < crossingOf('rock') && crossingOf('rock') < crossingOf('jazz'))
  })
})
