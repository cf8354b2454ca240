/** The shocks that move interest in songs: viral songs, artists' deaths, promoted releases. */
import { MusicboxError } from '../../datasets/failure.ts'
import { dayNumber } from './day-number.ts'
import { exp } from './elementary.ts'
import type { World } from './world.ts'

/** Interest in some songs that follow one another is multiplied by 1 + size · e^(−(d − day)/fadeDays) from `day` on. */
export interface SongShock {
  readonly name: string
  readonly first: number
  readonly count: number
  /** {@link dayNumber} */
  readonly day: number
  readonly size: number
  readonly fadeDays: number
}

/** The interest shocks of a world. @throws MusicboxError `input.invalid` if one names a song or artist that is not there */
export function songShocksOf(
  world: World,
  artistCount: number,
  artistSongs: (artist: number) => { first: number; count: number },
): SongShock[] {
  const found: SongShock[] = []
  for (const shock of world.shocks) {
    if (shock.kind === 'viral' || shock.kind === 'release') {
      check(shock.name, 'song', shock.song, world.songCount)
      found.push({ ...parts(shock), first: shock.song, count: 1 })
    } else if (shock.kind === 'death') {
      check(shock.name, 'artist', shock.artist, artistCount)
      found.push({ ...parts(shock), ...artistSongs(shock.artist) })
    }
  }
  return found
}

/** What a shock adds to 1 on a day. */
export function shockLevel({ day, size, fadeDays }: SongShock, onDay: number): number {
  const age = onDay - day
  // As with all fading, e^-16 is called nothing.
  if (age < 0 || age > 16 * fadeDays) return 0
  return age === 0 ? size : size * exp(-age / fadeDays)
}

function parts({ name, day, size, fadeDays }: { name: string; day: string; size: number; fadeDays: number }) {
  return { name, day: dayNumber(day), size, fadeDays }
}

function check(name: string, what: string, index: number, count: number): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return
  throw new MusicboxError(
    'input.invalid',
    `expected shock "${name}" to name a ${what} from 0 to ${count - 1}, got ${index}`,
  )
}
