/** Rows of a block as they go over the wire: ids and texts are made from the numbers. */
import type { WireEvent } from '../../datasets/event.ts'
import { EVENT_KINDS } from '../../datasets/event-kind.ts'
import { hex128, type Words, wordsAt } from '../../datasets/random.ts'
import { commentText, tagsOf } from './comment.ts'
import type { EventBlock } from './event-block.ts'
import { DEVICES, type Listener } from './listener.ts'
import { searchQuery } from './search-query.ts'
import { songbookOf } from './songbook.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/** An event on the wire, all but its time. */
export type Unstamped = WireEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'ts'> : never) : never

/**
 * A row without its time. Its id is a hash of the session's words and its place there, so that the same event has the
 * same id wherever and whenever it is made.
 */
export function wireFields(world: World, block: EventBlock, row: number, listener: Listener): Unstamped {
  const session = sessionWords(block, block.session[row]!)
  const kind = EVENT_KINDS[block.kind[row]!]!
  const song = block.song[row]!
  const position_ms = block.position_ms[row]!
  const detail = block.detail[row]!
  const fields: Record<string, unknown> = {
    eid: eventId(session, block.sequence[row]!),
    uid: listener.uid,
    session: hex128(session),
    event: kind,
  }
  if (song >= 0 && kind !== 'search') fields['songid'] = songbookOf(world).song(song).track_id
  if (position_ms >= 0) fields['position_ms'] = position_ms
  if (kind === 'search') fields['query'] = searchQuery(world, song, detail)
  else if (kind === 'rate') fields['stars'] = detail
  else if (kind === 'comment') fields['text'] = commentText(detail)
  else if (kind === 'tag') fields['tags'] = tagsOf(detail)
  fields['ip4'] = listener.ip4
  if (kind === 'login') fields['device'] = DEVICES[block.sessionDevice[block.session[row]!]!]
  // Which fields go with which kind is the schema's business; a test holds every kind to it.
  return fields as Unstamped
}

/** 128 bits as 32 hex digits. */
export function eventId(session: Readonly<Words>, sequence: number): string {
  return hex128(wordsAt(session, STREAM.event, sequence))
}

export function sessionWords({ sessionWords: words }: EventBlock, session: number): Words {
  const at = 4 * session
  return [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!]
}
