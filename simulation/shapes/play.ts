/** Plays with their beginnings and ends, put together from the rows of a session. */
import { kindCode } from '../../datasets/event-kind.ts'
import { CAUSES, type Cause, type EventBlock } from '../kernel/event-block.ts'
import { songbookOf } from '../kernel/songbook.ts'
import type { World } from '../kernel/world.ts'

export interface Play {
  /** The row of the play itself. */
  row: number
  song: number
  /** Start, ms UTC. */
  ts: number
  /** Time heard, pauses taken out; the song's length at most. */
  heard_ms: number
  /** Whether the song was heard to its end. */
  isWhole: boolean
  /** The session ended with it. */
  isLast: boolean
  cause: Cause
  /** It was searched for. */
  isSearched: boolean
  /** From the end of the play before to this one's start; NaN for the first. */
  gap_ms: number
}

const PLAY = kindCode('play')
const PAUSE = kindCode('pause')
const RESUME = kindCode('resume')
const SKIP = kindCode('skip')
const EXIT = kindCode('exit')
const SEARCH = kindCode('search')

/** Calls `take` for each session of a block, in block order, with its plays in order of time; some have none. */
export function eachSession(
  world: World,
  block: EventBlock,
  take: (session: number, plays: readonly Play[]) => void,
): void {
  for (let row = 0; row < block.count; ) {
    const session = block.session[row]!
    let end = row + 1
    while (end < block.count && block.session[end] === session) end++
    take(session, playsBetween(world, block, row, end))
    row = end
  }
}

/** The plays among the rows `first` … `end − 1`, which are those of one session. */
function playsBetween(world: World, block: EventBlock, first: number, end: number): Play[] {
  const book = songbookOf(world)
  const plays: Play[] = []
  let open: Play | undefined
  let ended_ms = Number.NaN
  let paused_ms = Number.NaN
  let away_ms = 0
  let isSearched = false
  const close = (heard_ms: number, at_ms: number): void => {
    if (!open) return
    const duration_ms = book.song(open.song).duration_ms
    open.heard_ms = Math.max(0, Math.min(duration_ms, heard_ms))
    open.isWhole = open.heard_ms === duration_ms
    ended_ms = open.isWhole ? Math.min(at_ms, open.ts + duration_ms + away_ms) : at_ms
    open = undefined
  }
  for (let row = first; row < end; row++) {
    const kind = block.kind[row]!
    const ts = block.ts[row]!
    if (kind === PLAY) {
      // A play that follows without a skip: the song before was heard to its end, or for as long as there was time.
      close(open ? ts - open.ts - away_ms : 0, ts)
      open = {
        row,
        song: block.song[row]!,
        ts,
        heard_ms: 0,
        isWhole: false,
        isLast: false,
        cause: CAUSES[block.cause[row]!] ?? 'none',
        isSearched,
        gap_ms: ts - ended_ms,
      }
      plays.push(open)
      away_ms = 0
      paused_ms = Number.NaN
      isSearched = false
    } else if (kind === SEARCH) {
      isSearched = true
    } else if (kind === PAUSE) {
      paused_ms = ts
    } else if (kind === RESUME && paused_ms <= ts) {
      away_ms += ts - paused_ms
    } else if ((kind === SKIP || kind === EXIT) && open) {
      const position_ms = block.position_ms[row]!
      close(position_ms >= 0 ? position_ms : ts - open.ts - away_ms, ts)
    }
  }
  close(open ? Number.POSITIVE_INFINITY : 0, Number.POSITIVE_INFINITY)
  const last = plays[plays.length - 1]
  if (last) last.isLast = true
  return plays
}
