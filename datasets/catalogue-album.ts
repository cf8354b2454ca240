/**
 * How an artist's songs are cut into albums one after the other, and when each album came out.
 *
 * An artist is found by its newest album, and the older ones are dated back from it, so that the years next to the last
 * one hold as many songs as their share says. Years have 365 days here, and 29 February sees no release: the arithmetic
 * needs no calendar.
 */
import { drawsAt, type Key } from './random.ts'

/** When something came out. */
export interface Release {
  readonly year: number
  /** 1 = 1 January … 365. */
  readonly dayOfYear: number
}

/** The songs of one album: indices of the first, and of the one after the last. */
export interface AlbumCut {
  first: number
  end: number
  release: Release
  /** Whether the catalogue tells the year, as the Million Song Dataset does for most songs only. */
  isDated: boolean
}

const STREAM = 0x4008
const YEAR_DAYS = 365
/** The oldest albums: early tape. */
const AGE_YEARS_MAX = 75

/**
 * Ages in years of an artist's newest album over a uniform draw u: NEWEST · u + OLDEST · u^4. Two artists in five
 * made it within the last year, half of them within five, one in five more than twenty years ago.
 */
const NEWEST = 2.5
const OLDEST = 50

/** An artist's albums, none older than the one before. @param ageFactor of the genre: above 1 for one that was big long ago */
export function albumsOf(
  seed: Key,
  artist: number,
  songs: { readonly first: number; readonly count: number },
  ageFactor: number,
  lastYear: number,
): AlbumCut[] {
  const draws = drawsAt(seed, STREAM, artist)
  const u = draws.unit()
  let age_years = ageFactor * (NEWEST * u + OLDEST * u * u * u * u)
  const artistEnd = songs.first + songs.count
  const albums: AlbumCut[] = []
  const gaps_years: number[] = []
  for (let first = songs.first; first < artistEnd; ) {
    const end = Math.min(first + albumSize(draws.below(100), draws.unit()), artistEnd)
    albums.push({ first, end, release: { year: 0, dayOfYear: 0 }, isDated: draws.below(100) >= 6 })
    gaps_years.push(0.1 + 0.8 * draws.unit())
    first = end
  }
  for (let at = albums.length - 1; at >= 0; at--) {
    albums[at]!.release = releaseAtAge(age_years, lastYear)
    age_years += gaps_years[at]!
  }
  return albums
}

function releaseAtAge(age_years: number, lastYear: number): Release {
  const age_days = Math.min(AGE_YEARS_MAX * YEAR_DAYS - 1, Math.floor(age_years * YEAR_DAYS))
  const years = Math.floor(age_days / YEAR_DAYS)
  return { year: lastYear - years, dayOfYear: YEAR_DAYS - (age_days - years * YEAR_DAYS) }
}

/** Singles and short plays of 1 to 6 songs, albums of 7 to 14. */
function albumSize(kind: number, u: number): number {
  if (kind < 22) return 1 + Math.floor(2 * u)
  if (kind < 40) return 3 + Math.floor(4 * u)
  return 7 + Math.floor(8 * u)
}
