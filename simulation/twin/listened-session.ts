/** The sessions of a block play by play: what two worlds, or a log and its synthetic twin, are compared by. */
import { EVENT_KINDS, type EventKind } from '../../datasets/event-kind.ts'
import { hex128 } from '../../datasets/random.ts'
import { type EventBlock, NONE } from '../kernel/event-block.ts'
import { sessionWords } from '../kernel/wire-event.ts'

export interface ListenedSession {
  user: number
  start_ms: number
  device: number
  plays: ListenedPlay[]
}

export interface ListenedPlay {
  song: number
  cause: number
  /** ms UTC. */
  ts: number
  /** Until it was left, or to its end. */
  heard_ms: number
  isSkipped: boolean
  /** Details of the searches before it. */
  searches: number[]
  reactions: { kind: EventKind; detail: number }[]
  pauses: number
}

/**
 * By session id. A play that nobody left lasts to the song's end. What comes before the first play belongs to it; a
 * session without plays has none.
 */
export function listenedSessions(
  block: EventBlock,
  duration_ms: (song: number) => number,
): Map<string, ListenedSession> {
  const sessions: ListenedSession[] = []
  const byId = new Map<string, ListenedSession>()
  for (let at = 0; at < block.sessionCount; at++) {
    const session: ListenedSession = {
      user: block.sessionUser[at]!,
      start_ms: block.sessionStart_ms[at]!,
      device: block.sessionDevice[at]!,
      plays: [],
    }
    sessions.push(session)
    byId.set(hex128(sessionWords(block, at)), session)
  }
  const waiting: number[][] = sessions.map(() => [])
  for (let row = 0; row < block.count; row++) {
    const at = block.session[row]!
    const { plays } = sessions[at]!
    const kind = EVENT_KINDS[block.kind[row]!]!
    const play = plays.at(-1)
    const position_ms = block.position_ms[row]!
    if (kind === 'search') waiting[at]!.push(block.detail[row]!)
    else if (kind === 'play') {
      const song = block.song[row]!
      const heard_ms = duration_ms(song)
      const searches = waiting[at]!.splice(0)
      const ts = block.ts[row]!
      const cause = block.cause[row]!
      plays.push({ song, cause, ts, heard_ms, isSkipped: false, searches, reactions: [], pauses: 0 })
    } else if (play === undefined) continue
    else if (kind === 'skip' || kind === 'exit') {
      if (position_ms !== NONE) play.heard_ms = position_ms
      if (kind === 'skip') play.isSkipped = true
    } else if (kind === 'pause') play.pauses++
    else if (kind !== 'resume' && kind !== 'login') play.reactions.push({ kind, detail: block.detail[row]! })
  }
  return byId
}
