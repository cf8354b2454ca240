/**
 * Breaches of what must hold in every history: time never falls within a session, rows are numbered from 0, a session
 * starts with a login and ends with an exit, skips, pauses and thumbs are inside a play of their song, no song is played
 * before its release, nobody is there before joining or after leaving.
 */
import { kindCode } from '../../datasets/event-kind.ts'
import type { EventBlock } from '../kernel/event-block.ts'
import { knownListener } from '../kernel/known-listener.ts'
import type { World } from '../kernel/world.ts'
import type { SongColumns } from './truth.ts'

const [LOGIN, SEARCH, PLAY, SKIP, EXIT] = [
  kindCode('login'),
  kindCode('search'),
  kindCode('play'),
  kindCode('skip'),
  kindCode('exit'),
]

/** @param day local day whose sessions the block has */
export function violationsOf(block: EventBlock, world: World, songs: SongColumns, day: number): number {
  let violations = 0
  let session = -1
  let playing = -1
  for (let row = 0; row < block.count; row++) {
    const kind = block.kind[row]!
    const song = block.song[row]!
    if (block.session[row] !== session) {
      if (row > 0 && block.kind[row - 1] !== EXIT) violations++
      session = block.session[row]!
      playing = -1
      if (kind !== LOGIN || block.sequence[row] !== 0) violations++
      const { joinDay, leaveDay } = knownListener(world, block.sessionUser[session]!)
      if (day < joinDay || day >= leaveDay) violations++
      if (Math.floor((block.ts[row]! + block.sessionOffset_min[session]! * 60_000) / 86_400_000) !== day) violations++
      continue
    }
    if (block.ts[row]! < block.ts[row - 1]! || block.sequence[row] !== block.sequence[row - 1]! + 1) violations++
    if (kind === PLAY) {
      if (song < 0 || songs.release[song]! > day) violations++
      playing = song
    } else if (kind === SEARCH) {
      playing = -1
    } else if (kind === SKIP || kind !== EXIT) {
      if (song !== playing || playing === -1) violations++
      if (kind === SKIP) playing = -1
    }
  }
  if (block.count > 0 && block.kind[block.count - 1] !== EXIT) violations++
  return violations
}
