import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { drawsAt } from '../../datasets/random.ts'
import { SHAPES } from './archetype.ts'
import { dayNumber } from './day-number.ts'
import { songsOf } from './explore.ts'
import { PUBLISHED_KNOBS } from './knobs.ts'
import { interestOn, levelOn } from './song-interest.ts'
import { type Songbook, songbookOf } from './songbook.ts'
import { createWorld, type WorldParts } from './world.ts'

const parts: WorldParts = { key: [5, 0, 0, 0], songCount: 400, firstDay: '2024-01-01', lastYear: 2025 }
const day = dayNumber('2025-06-16')
const taste = Float64Array.from(GENRES, (_, genre) => (genre % 4) * 0.6)
const PICKS = 100_000

type Weight = (book: Songbook, song: number) => number
const exact: Weight = (book, song) => interestOn(book, song, day) * taste[book.genre[song]!]!

const DEBUTS = new Set([...SHAPES.keys()].filter((shape) => SHAPES[shape]!.archetype === 'debut'))

/** Total variation between what is picked and a law, and what chance alone would make of it in the mean. */
function distance(book: Songbook, pick: (draws: ReturnType<typeof drawsAt>) => number, weight: Weight) {
  const draws = drawsAt([1, 2, 3, 4], 0x6fff, 0)
  const seen = new Float64Array(book.songCount)
  for (let i = 0; i < PICKS; i++) seen[pick(draws)]!++
  let sum = 0
  for (let song = 0; song < book.songCount; song++) sum += weight(book, song)
  let variation = 0
  let chance = 0
  for (let song = 0; song < book.songCount; song++) {
    const share = weight(book, song) / sum
    assert.ok(share > 0 || seen[song] === 0, `song ${song} cannot be picked`)
    variation += Math.abs(seen[song]! / PICKS - share) / 2
    chance += Math.sqrt((2 * share) / (Math.PI * PICKS)) / 2
  }
  return { variation, chance }
}

function assertPicks(given: WorldParts): void {
  const book = songbookOf(createWorld({ ...parts, ...given }))
  const { variation, chance } = distance(book, (draws) => songsOf(book, day).pick(draws, taste), exact)
  assert.ok(variation < 1.3 * chance, `total variation ${variation}, by chance ${chance}`)
}

describe('exploring', () => {
  it('draws songs exactly by interest and taste', () => assertPicks({}))

  it('would not pass for a law without taste, without age, or of another year', () => {
    const book = songbookOf(createWorld(parts))
    const pick = (draws: ReturnType<typeof drawsAt>): number => songsOf(book, day).pick(draws, taste)
    const mutants: readonly Weight[] = [
      (of, song) => (taste[of.genre[song]!]! > 0 ? interestOn(of, song, day) : 0),
      (of, song) => of.base[song]! * taste[of.genre[song]!]! * (levelOn(of, song, day) > 0 ? 1 : 0),
      (of, song) => interestOn(of, song, day + 365) * taste[of.genre[song]!]!,
    ]
    for (const mutant of mutants) {
      const { variation, chance } = distance(book, pick, mutant)
      assert.ok(variation > 1.5 * chance, `total variation ${variation}, by chance ${chance}`)
    }
  })

  it('draws exactly under shocks, several at once', () => {
    assertPicks({
      shocks: [
        { kind: 'death', name: 'a death', artist: 4, day: '2025-06-10', size: 30, fadeDays: 20 },
        { kind: 'viral', name: 'a joke', song: 6, day: '2025-06-16', size: 400, fadeDays: 3 },
        { kind: 'release', name: 'a campaign', song: 300, day: '2025-05-01', size: 90, fadeDays: 40 },
        { kind: 'viral', name: 'not yet', song: 9, day: '2025-06-17', size: 1_000, fadeDays: 3 },
      ],
    })
  })

  it('draws exactly whatever the knobs', () => {
    for (const knobs of [
      { decay: 0 },
      { decay: 0.3 },
      { decay: 30 },
      { talk: 0 },
      { talk: 3 },
      { season: 0 },
      { popularity: 0 },
    ]) {
      assertPicks({ knobs: { ...PUBLISHED_KNOBS, ...knobs } })
    }
  })

  it('draws exactly on the day of a release, and nothing of it the day before', () => {
    const book = songbookOf(createWorld(parts))
    const song = [...book.release.keys()].find(
      (at) => book.release[at]! > day - 800 && DEBUTS.has(book.firstWave[at]!),
    )!
    const only = new Float64Array(GENRES.length)
    only[book.genre[song]!] = 1
    for (const [on, isThere] of [
      [book.release[song]! - 1, false],
      [book.release[song]!, true],
    ] as const) {
      const weight: Weight = (of, at) => interestOn(of, at, on) * only[of.genre[at]!]!
      assert.equal(weight(book, song) > 0, isThere)
      const { variation, chance } = distance(book, (draws) => songsOf(book, on).pick(draws, only), weight)
      assert.ok(variation < 1.3 * chance, `total variation ${variation}, by chance ${chance}`)
    }
  })

  it('gives the same song whether days are asked in order or not, alone or not', () => {
    const books = [songbookOf(createWorld(parts)), songbookOf(createWorld(parts))] as const
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1_500, max: 1_500 }), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        (days, at) => {
          const picked = (book: Songbook, offset: number): number =>
            songsOf(book, day + offset).pick(drawsAt(book.key, 0x6fff, at, offset + 1_500), taste)
          const there = days.map((offset) => picked(books[0], offset))
          const back = [...days].reverse().map((offset) => picked(books[1], offset))
          assert.deepEqual(there, back.reverse())
          const fresh = songbookOf(createWorld(parts))
          assert.equal(picked(fresh, days[0]!), there[0])
        },
      ),
      { numRuns: 20 },
    )
  })

  it('never gives a song before its release, on any day that anybody remembers', () => {
    const book = songbookOf(createWorld(parts))
    const draws = drawsAt(book.key, 0x6fff, 1)
    for (let on = day - 9_000; on < day + 3_000; on += 7) {
      for (let i = 0; i < 20; i++) {
        const song = songsOf(book, on).pick(draws, taste)
        assert.ok(song === -1 || book.release[song]! <= on)
      }
    }
  })

  it('says that there is none before the first release, or when nothing is liked', () => {
    const book = songbookOf(createWorld(parts))
    const draws = drawsAt(book.key, 0x6fff, 2)
    assert.equal(songsOf(book, dayNumber('1930-01-01')).pick(draws, taste), -1)
    assert.equal(songsOf(book, day).pick(draws, new Float64Array(GENRES.length)), -1)
  })

  it('knows the mass of each genre to within what still climbs', () => {
    const book = songbookOf(createWorld({ ...parts, knobs: { decay: 0.5 } }))
    const mass = new Float64Array(GENRES.length)
    for (let song = 0; song < book.songCount; song++) mass[book.genre[song]!]! += interestOn(book, song, day)
    songsOf(book, day).genreMass.forEach((bound, genre) => {
      assert.ok(bound >= mass[genre]! * (1 - 1e-9))
      assert.ok(bound <= mass[genre]! * 2 + 1e-9)
    })
  })
})
