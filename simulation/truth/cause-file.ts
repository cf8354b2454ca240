/** The truth beside each event: why it came about, and how a comment was meant. */
import { daysBetween } from '../../datasets/day.ts'
import { kindCode } from '../../datasets/event-kind.ts'
import { commentSentiment } from '../kernel/comment.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { CAUSES, EventBlock } from '../kernel/event-block.ts'
import { fillDay } from '../kernel/history.ts'
import { eventId, sessionWords } from '../kernel/wire-event.ts'
import type { TruthFile } from './truth-file.ts'

export const CAUSE_FILE: TruthFile = {
  name: 'causes.csv.gz',
  row: 'an event, in the order in which the kernel makes them: by local day, user and session',
  law:
    'Every play has one cause; reactions carry that of their play. A comment’s sentiment is drawn before its words: who ' +
    'likes the song writes a friendly one.',
  columns: {
    eid: 'id in events',
    cause: `one of ${CAUSES.join(', ')}`,
    sentiment: 'of a comment, −1 (dislike) … 1 (liking); empty for all else',
  },
  *rows({ world, firstDay, lastDay }, signal) {
    const block = new EventBlock()
    const comment = kindCode('comment')
    for (const day of daysBetween(firstDay, lastDay)) {
      signal?.throwIfAborted()
      fillDay(block, world, dayNumber(day))
      for (let row = 0; row < block.count; row++) {
        const eid = eventId(sessionWords(block, block.session[row]!), block.sequence[row]!)
        const sentiment = block.kind[row] === comment ? commentSentiment(block.detail[row]!) : undefined
        yield [eid, CAUSES[block.cause[row]!], sentiment]
      }
    }
  },
}
