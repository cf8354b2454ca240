import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drawsAt } from '../../datasets/random.ts'
import { artistSong } from './artist-song.ts'
import { dayNumber } from './day-number.ts'
import { NONE } from './event-block.ts'
import { interestOn } from './song-interest.ts'
import { type Songbook, songbookOf } from './songbook.ts'
import { createWorld } from './world.ts'

const parts = { key: [5, 0, 0, 0], songCount: 400, firstDay: '2024-01-01', lastYear: 2025 } as const
const day = dayNumber('2025-06-16')
const PICKS = 50_000

/** Total variation between what is drawn of an artist and a law. */
function distanceTo(weight: (book: Songbook, song: number) => number): number {
  const book = songbookOf(createWorld(parts))
  const artist = book.artist[200]!
  const { first, count } = book.artistSongs(artist)
  const draws = drawsAt(book.key, 0x6fff, 3)
  const seen = new Float64Array(count)
  for (let i = 0; i < PICKS; i++) seen[artistSong(book, artist, day, draws.unit()) - first]!++
  const law = Float64Array.from(seen, (_, at) => weight(book, first + at))
  const sum = law.reduce((total, each) => total + each, 0)
  return law.reduce((total, each, at) => total + Math.abs(seen[at]! / PICKS - each / sum) / 2, 0)
}

describe('a song of an artist', () => {
  it('is drawn by interest at the start of the fortnight, and would be seen not to be', () => {
    const fortnight = Math.floor(day / 14) * 14
    const exact = distanceTo((book, song) => interestOn(book, song, fortnight))
    // Of 177 songs and so many picks, chance alone makes 0.017 in the mean.
    assert.ok(exact < 0.021, `${exact}`)
    const withoutInterest = distanceTo(() => 1)
    assert.ok(withoutInterest > 0.2, `${withoutInterest}`)
  })

  it('is one that is out, and none before the first', () => {
    const book = songbookOf(createWorld(parts))
    for (let artist = 0; artist < book.artistCount; artist++) {
      const song = artistSong(book, artist, day, 0.999)
      if (song !== NONE) assert.ok(book.release[song]! <= day && book.artist[song] === artist)
      const { first, count } = book.artistSongs(artist)
      const earliest = Math.min(...book.release.slice(first, first + count))
      assert.equal(artistSong(book, artist, earliest - 14, 0.5), NONE)
    }
  })

  it('does not depend on what was asked before', () => {
    const asked = songbookOf(createWorld(parts))
    for (let other = 0; other < 20; other++) artistSong(asked, other, day - 700 + other, 0.3)
    const fresh = songbookOf(createWorld(parts))
    for (let artist = 0; artist < 20; artist++) {
      assert.equal(artistSong(asked, artist, day, 0.7), artistSong(fresh, artist, day, 0.7))
    }
  })
})
