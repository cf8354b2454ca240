import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { artistIndexOf } from '../datasets/catalogue.ts'
import { drawsAt } from '../datasets/random.ts'
import { dayNumber } from './day-number.ts'
import { listenerAt, tasteFor } from './listener.ts'
import { interestChoice, type SongChoice, songChoice } from './song-choice.ts'
import { waveLevel } from './song-interest.ts'
import { type Songbook, songbookOf } from './songbook.ts'
import { createWorld } from './world.ts'

const world = createWorld({ songCount: 200, userCount: 50 })
const book = songbookOf(world)
const day = dayNumber(world.firstDay) + 30
const PICKS = 60_000

describe('the choice of a song', () => {
  it('follows interest alone where nobody’s taste is asked', () => {
    const seen = tally(interestChoice(book, day))
    const law = normalised((song) => book.base(song) * waveLevel(book, song, day))
    assert.ok(distance(seen, law) < 0.02, `distance ${distance(seen, law)}`)
    assert.ok(
      distance(
        seen,
        normalised((song) => book.base(song)),
      ) > 0.2,
      'the check would pass without waves',
    )
    assert.ok(
      distance(
        seen,
        normalised((song) => waveLevel(book, song, day)),
      ) > 0.2,
      'the check would pass without fame',
    )
  })

  it('follows interest times taste for an exploring listener, and the waves of favourites for a repeating one', () => {
    const listener = { ...listenerAt(world, 3), repeatShare: 0 }
    const taste = (song: number): number => tasteFor(world.key, 3, genreOf(book, song))
    const explored = tally(songChoice(book, listener, day))
    const law = normalised((song) => book.base(song) * waveLevel(book, song, day) * taste(song))
    assert.ok(distance(explored, law) < 0.02, `distance ${distance(explored, law)}`)
    assert.ok(
      distance(
        explored,
        normalised((song) => book.base(song) * waveLevel(book, song, day)),
      ) > 0.1,
      'the check would pass without taste',
    )
    const repeated = tally(songChoice(book, { ...listener, repeatShare: 1 }, day))
    const favourites = repeated.filter((share) => share > 0).length
    assert.ok(favourites > 1 && favourites <= listener.favouriteCount)
  })

  it('is the same on any day of asking, in any order', () => {
    const listener = listenerAt(world, 5)
    const pickOn = (when: number): number[] => {
      const draws = drawsAt([1, 2, 3, 4], 1, when)
      const choose = songChoice(book, listener, when)
      return Array.from({ length: 50 }, () => choose(draws))
    }
    const fresh = songbookOf(createWorld({ songCount: 200, userCount: 50 }))
    const forwards = [pickOn(day), pickOn(day + 1), pickOn(day)]
    const elsewhere = songChoice(fresh, listener, day)
    const draws = drawsAt([1, 2, 3, 4], 1, day)
    assert.deepEqual(forwards[0], forwards[2])
    assert.deepEqual(
      forwards[0],
      Array.from({ length: 50 }, () => elsewhere(draws)),
    )
  })

  it('needs nothing of the size of the catalogue', () => {
    const large = songbookOf(createWorld({ songCount: 1_000_000 }))
    const choose = interestChoice(large, day)
    const draws = drawsAt([1, 2, 3, 4], 2, 0)
    const picks = Array.from({ length: 500 }, () => choose(draws))
    assert.ok(picks.every((song) => Number.isInteger(song) && song >= 0 && song < 1_000_000))
    assert.ok(new Set(picks).size > 250 && large.levelsOn(day).size < 20_000)
  })
})

function tally(choose: SongChoice): number[] {
  const draws = drawsAt([5, 6, 7, 8], 3, 0)
  const seen = new Array<number>(world.songCount).fill(0)
  for (let i = 0; i < PICKS; i++) seen[choose(draws)]! += 1 / PICKS
  return seen
}

function normalised(weight: (song: number) => number): number[] {
  const weights = Array.from({ length: world.songCount }, (_, song) => weight(song))
  const total = weights.reduce((sum, each) => sum + each, 0)
  return weights.map((each) => each / total)
}

/** Total variation: half the sum of differences. */
function distance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, share, i) => sum + Math.abs(share - b[i]!), 0) / 2
}

function genreOf(of: Songbook, song: number): string {
  return of.genreOf(artistIndexOf({ seed: world.key, songCount: world.songCount }, song))
}
