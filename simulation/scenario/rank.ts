/**
 * Who is the most popular on a day, before any shock: what a scenario's ranks stand for. Ties go to the lower index.
 * Undefined when there are fewer with any interest at all.
 */
import { artistIndexOf } from '../../datasets/catalogue.ts'
import { addDays, type Day } from '../../datasets/day.ts'
import { interest } from '../kernel/song-interest.ts'
import { catalogueOf, type World } from '../kernel/world.ts'

export function songAtRank(world: World, day: Day, rank: number): number | undefined {
  return placeOf(
    eachSong(world, (song) => interest(world, song, day)),
    rank,
  )
}

/** Of the songs that are released from that day on until a week later, by their interest at the end of that week. */
export function newSongAtRank(world: World, day: Day, rank: number): number | undefined {
  const [before, after] = [addDays(day, -1), addDays(day, 7)]
  return placeOf(
    eachSong(world, (song) => (interest(world, song, before) > 0 ? 0 : interest(world, song, after))),
    rank,
  )
}

/** By the interest in all of an artist's songs. */
export function artistAtRank(world: World, day: Day, rank: number): number | undefined {
  const catalogue = catalogueOf(world)
  const sums: number[] = []
  for (let song = 0; song < world.songCount; song++) {
    const artist = artistIndexOf(catalogue, song)
    sums[artist] = (sums[artist] ?? 0) + interest(world, song, day)
  }
  return placeOf(
    Float64Array.from(sums, (sum) => sum ?? 0),
    rank,
  )
}

function eachSong(world: World, score: (song: number) => number): Float64Array {
  return Float64Array.from({ length: world.songCount }, (_, song) => score(song))
}

function placeOf(scores: Float64Array, rank: number): number | undefined {
  const order = Array.from(scores.keys())
    .filter((index) => scores[index]! > 0)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
  return order[rank - 1]
}
