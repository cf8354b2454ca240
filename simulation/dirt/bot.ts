/**
 * Bots: users who are no people. Some listeners have one beside them, with a uid of its own, that plays all day: a song
 * every few seconds, hardly one to its end, the same few over and over, and never a thumb.
 */
import { DAY_MS } from '../../datasets/day.ts'
import { eventLine } from '../../datasets/event.ts'
import { type Draws, drawsAt, hex128, type Words, wordsAt } from '../../datasets/random.ts'
import { songbookOf } from '../kernel/songbook.ts'
import type { World } from '../kernel/world.ts'
import { DIRT_STREAM } from './dirt.ts'

export interface BotLine {
  ts: number
  line: string
}

/** The uid of the bot beside a listener; undefined when there is none. */
export function botBeside(world: World, user: number, share: number): string | undefined {
  if (drawsAt(world.key, DIRT_STREAM.bot, user).unit() >= share) return undefined
  const hex = hex128(wordsAt(world.key, DIRT_STREAM.botId, user))
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** What a bot sends within a UTC day ({@link dayNumber}), by time; it rests on three days of ten. */
export function botLines(world: World, user: number, uid: string, day: number): BotLine[] {
  const draws = drawsAt(world.key, DIRT_STREAM.botDay, user, day)
  if (draws.unit() < 0.3) return []
  const book = songbookOf(world)
  const habits = drawsAt(world.key, DIRT_STREAM.bot, user, 1)
  const songs = Array.from({ length: 1 + habits.below(8) }, () => habits.below(world.songCount))
  const pace_ms = 4_000 + habits.below(26_000)
  const ip4 = `198.${18 + habits.below(2)}.${habits.below(256)}.${habits.below(256)}`
  const start_ms = day * DAY_MS + draws.below(6 * 3_600_000)
  const end_ms = start_ms + (6 + draws.below(11)) * 3_600_000
  const session = hex128(fourWords(draws))
  const lines: BotLine[] = []
  const send = (ts: number, event: 'login' | 'play' | 'exit', song?: number): void => {
    const facts = song === undefined ? undefined : book.song(song)
    const known = { eid: hex128(fourWords(draws)), ts, uid, session, ip4, received_ms: ts }
    lines.push({
      ts,
      line:
        facts === undefined
          ? eventLine({ ...known, event: event as 'login' })
          : eventLine({ ...known, event: 'play', songid: facts.track_id, artistid: facts.artist_id, position_ms: 0 }),
    })
  }
  send(start_ms, 'login')
  let ts = start_ms + 500
  for (let play = 0; ts < end_ms; play++) {
    send(ts, 'play', songs[play % songs.length])
    ts += pace_ms + draws.below(1_500)
  }
  send(ts, 'exit')
  return lines
}

function fourWords(draws: Draws): Words {
  return [draws.u32(), draws.u32(), draws.u32(), draws.u32()]
}
