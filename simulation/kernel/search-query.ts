/** What a listener types to find a song: a word or two of its title or its artist's name. */
import { songbookOf } from './songbook.ts'
import type { World } from './world.ts'

/**
 * A query that a search finds the song or its artist by: one or two neighbouring words from among the first four, which
 * are the ones a search by prefix starts from.
 * @param word 32 random bits
 */
export function searchQuery(world: World, songIndex: number, word: number): string {
  const song = songbookOf(world).song(songIndex)
  const name = (word & 1) === 0 ? song.title : song.artist_name
  const words = name.split(' ').filter((part) => part !== '')
  const first = (word >>> 1) % Math.max(1, Math.min(4, words.length))
  const count = 1 + ((word >>> 8) & 1)
  return words
    .slice(first, first + count)
    .join(' ')
    .slice(0, 200)
}
