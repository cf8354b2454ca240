/** A local day of some users with what every format needs of it: the order of its rows, their ids and their texts. */
import { kindCode } from '../../datasets/event-kind.ts'
import { philoxInto, type Words } from '../../datasets/random.ts'
import { commentText, tagsOf } from '../kernel/comment.ts'
import { EventBlock, rowsByTime } from '../kernel/event-block.ts'
import { fillDay, type UserRange } from '../kernel/history.ts'
import { searchQuery } from '../kernel/search-query.ts'
import { STREAM } from '../kernel/stream.ts'
import type { World } from '../kernel/world.ts'

export const SEARCH = kindCode('search')
export const RATE = kindCode('rate')
export const COMMENT = kindCode('comment')
export const TAG = kindCode('tag')
export const LOGIN = kindCode('login')

/** Made once and filled again for each day. */
export class FilledBlock {
  readonly block = new EventBlock()
  /** Rows by (ts, user, sequence). */
  order: Uint32Array = new Uint32Array(0)
  /** Four words of each row's event id. */
  eids = new Uint32Array(0)
  /** What was searched or said, by row; tags are one array. */
  readonly texts = new Map<number, string | readonly string[]>()

  /** @param day `dayNumber` of the local day */
  fill(world: World, day: number, users: UserRange): void {
    fillDay(this.block, world, day, users)
    this.order = rowsByTime(this.block)
    this.#makeIds()
    this.#makeTexts(world)
  }

  clear(): void {
    this.block.clear()
    this.order = new Uint32Array(0)
    this.texts.clear()
  }

  /** As `eventId` in `wire-event.ts`, whose words these are, without an array a row. */
  #makeIds(): void {
    const { block } = this
    const { count, session, sequence, sessionWords } = block
    if (this.eids.length < 4 * count) this.eids = new Uint32Array(8 * count)
    const { eids } = this
    for (let row = 0; row < count; row++) {
      const of = 4 * session[row]!
      const w0 = sessionWords[of]!
      const w1 = sessionWords[of + 1]!
      const w2 = sessionWords[of + 2]!
      philoxInto(words, sequence[row]!, 0, STREAM.event ^ w2, sessionWords[of + 3]!, w0, w1)
      eids[4 * row] = words[0]
      eids[4 * row + 1] = words[1]
      eids[4 * row + 2] = words[2]
      eids[4 * row + 3] = words[3]
    }
  }

  #makeTexts(world: World): void {
    const { block, texts } = this
    const { count, kind, song, detail } = block
    texts.clear()
    for (let row = 0; row < count; row++) {
      const what = kind[row]!
      if (what === SEARCH) texts.set(row, searchQuery(world, song[row]!, detail[row]!))
      else if (what === COMMENT) texts.set(row, commentText(detail[row]!))
      else if (what === TAG) texts.set(row, tagsOf(detail[row]!))
    }
  }
}

const words: Words = [0, 0, 0, 0]
