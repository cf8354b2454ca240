/**
 * The seed's own event lines, as the first version of the project logged them:
 * `{"timestamp": "Thu Dec 19 13:11:06 2013", "songid": "TR…", "uid": "…", "ip4": "…", "event": "tup"}`.
 *
 * Documented: the five fields, their order and spacing, `%c` times, and the kinds play, tup, tdn, skip, pause, search,
 * login and exit. Our choice: times are UTC and cut to the second; songs are named by track id, not by a hash that joins
 * with nothing; an event without a song of its own names the one before it in its session, or null; later kinds (resume,
 * rate, comment, tag) are left out. Lines of a local day stand in order of time.
 */
import { EVENT_KINDS, type EventKind, kindCode } from '../../datasets/event-kind.ts'
import { type EventBlock, NONE, rowsByTime } from '../kernel/event-block.ts'
import { knownListener } from '../kernel/known-listener.ts'
import { songbookOf } from '../kernel/songbook.ts'
import type { World } from '../kernel/world.ts'
import { writeFolder } from './output-folder.ts'
import type { ExportOptions, ExportReport } from './shape.ts'
import { slicesByDay } from './slice.ts'

/** The kinds that the first version had. */
export const SEED_KINDS: readonly EventKind[] = ['login', 'search', 'play', 'pause', 'skip', 'tup', 'tdn', 'exit']

export function exportSeedJson(world: World, options: ExportOptions): Promise<ExportReport> {
  return writeFolder(options.out, async (folder) => {
    const file = folder.text('events.json')
    const book = songbookOf(world)
    for await (const { block } of slicesByDay(world, options)) {
      const songs = currentSongs(block)
      for (const row of rowsByTime(block)) {
        const kind = EVENT_KINDS[block.kind[row]!]!
        if (!IS_SEED_KIND.has(kind)) continue
        const { uid, ip4 } = knownListener(world, block.sessionUser[block.session[row]!]!)
        const song = songs[row]!
        const songid = song === NONE ? 'null' : `"${book.song(song).track_id}"`
        file.row(
          `{"timestamp": "${cTime(block.ts[row]!)}", "songid": ${songid}, "uid": "${uid}", "ip4": "${ip4}", "event": "${kind}"}\n`,
        )
      }
    }
  })
}

const IS_SEED_KIND: ReadonlySet<EventKind> = new Set(SEED_KINDS)

/** By row: the song that plays or played last. A search's own song is what is looked for and does not play yet. */
function currentSongs(block: EventBlock): Int32Array {
  const songs = new Int32Array(block.count)
  let session = -1
  let current = NONE
  for (let row = 0; row < block.count; row++) {
    if (block.session[row] !== session) {
      session = block.session[row]!
      current = NONE
    }
    if (block.kind[row] !== SEARCH && block.song[row]! >= 0) current = block.song[row]!
    songs[row] = current
  }
  return songs
}

const SEARCH = kindCode('search')

/** C's `%c`, UTC: `Thu Dec  5 13:11:06 2013`. */
export function cTime(ts: number): string {
  // `Thu, 05 Dec 2013 13:11:06 GMT`
  const text = new Date(ts).toUTCString()
  const day = text[5] === '0' ? ` ${text[6]}` : text.slice(5, 7)
  return `${text.slice(0, 3)} ${text.slice(8, 11)} ${day} ${text.slice(17, 25)} ${text.slice(12, 16)}`
}
