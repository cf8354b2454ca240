/**
 * Events as eventsim (Interana, 2014–2018) logs them: one JSON object a line, in `events.json`.
 *
 * Documented: the fields, and that artist, song and length stand on NextSong alone; times and registration are ms, the
 * user id is text, `location` is `City, ST`. Our choice: a session begins with Home and ends with Logout; play is
 * NextSong, tup and tdn are Thumbs Up and Thumbs Down; searches, pauses, skips, ratings, comments and tags have no page
 * in eventsim and are left out. Everybody is logged in; two users in twelve pay. `itemInSession` counts what is written.
 * A session's number is the first 53 bits of its id. Lines of a local day stand in order of time.
 */
import { dayStartMs } from '../../datasets/day.ts'
import { EVENT_KINDS, type EventKind } from '../../datasets/event-kind.ts'
import { placeOf, ZIP_AREAS, zip3Of } from '../../datasets/zip.ts'
import { type EventBlock, rowsByTime } from '../kernel/event-block.ts'
import { DEVICES } from '../kernel/listener.ts'
import type { World } from '../kernel/world.ts'
import { isPaying } from './foreign-id.ts'
import { writeFolder } from './output-folder.ts'
import type { ExportOptions, ExportReport } from './shape.ts'
import { songShelf, userShelf } from './shelf.ts'
import { slicesByDay } from './slice.ts'

/** What eventsim has for a kind of ours. */
interface Page {
  page: string
  method: 'GET' | 'PUT'
  status: number
}

export const PAGES: Readonly<Partial<Record<EventKind, Page>>> = {
  login: { page: 'Home', method: 'GET', status: 200 },
  play: { page: 'NextSong', method: 'PUT', status: 200 },
  tup: { page: 'Thumbs Up', method: 'PUT', status: 307 },
  tdn: { page: 'Thumbs Down', method: 'PUT', status: 307 },
  exit: { page: 'Logout', method: 'PUT', status: 307 },
}

export function exportEventsim(world: World, options: ExportOptions): Promise<ExportReport> {
  return writeFolder(options.out, async (folder) => {
    const file = folder.text('events.json')
    const songOf = songShelf(world)
    const userOf = userShelf(world)
    for await (const { block } of slicesByDay(world, options)) {
      const items = itemsInSession(block)
      for (const row of rowsByTime(block)) {
        const kind = EVENT_KINDS[block.kind[row]!]!
        const page = PAGES[kind]
        if (!page) continue
        const session = block.session[row]!
        const index = block.sessionUser[session]!
        const user = userOf(index)
        const event = {
          ts: block.ts[row]!,
          userId: String(index + 1),
          sessionId: sessionNumber(block, session),
          page: page.page,
          auth: 'Logged In',
          method: page.method,
          status: page.status,
          level: isPaying(world, index) ? 'paid' : 'free',
          itemInSession: items[row]!,
          location: locationOf(user.zip),
          userAgent: USER_AGENTS[DEVICES[block.sessionDevice[session]!] ?? 'desktop'],
          lastName: user.lname,
          firstName: user.fname,
          registration: dayStartMs(user.created),
          gender: user.gender,
          ...(kind === 'play' && ofSong(songOf(block.song[row]!))),
        }
        file.row(`${JSON.stringify(event)}\n`)
      }
    }
  })
}

function ofSong({ artist_name, title, duration_ms }: { artist_name: string; title: string; duration_ms: number }): {
  artist: string
  song: string
  length: number
} {
  return { artist: artist_name, song: title, length: duration_ms / 1000 }
}

/** By row: its place among the rows of its session that have a page, from 0. */
function itemsInSession(block: EventBlock): Uint16Array {
  const items = new Uint16Array(block.count)
  let session = -1
  let item = 0
  for (let row = 0; row < block.count; row++) {
    if (block.session[row] !== session) {
      session = block.session[row]!
      item = 0
    }
    items[row] = item
    if (PAGES[EVENT_KINDS[block.kind[row]!]!]) item++
  }
  return items
}

function sessionNumber({ sessionWords }: EventBlock, session: number): number {
  return sessionWords[4 * session]! * 0x200000 + (sessionWords[4 * session + 1]! >>> 11)
}

/** Empty for a code outside the areas we know. */
function locationOf(zip: string): string {
  const area = AREA_OF_ZIP3.get(zip3Of(zip))
  return area === undefined ? '' : placeOf(area)
}

const AREA_OF_ZIP3: ReadonlyMap<string, number> = new Map(ZIP_AREAS.map(({ zip3 }, area) => [zip3, area]))

/** Invented players, in the form of the agents that such devices send. */
const USER_AGENTS: Readonly<Record<(typeof DEVICES)[number], string>> = {
  phone: 'MusicBoxPlayer/3.2 (Linux; Android 15; Handset) Mobile',
  desktop: 'Mozilla/5.0 (X11; Linux x86_64) MusicBoxPlayer/3.2',
  tablet: 'MusicBoxPlayer/3.2 (Linux; Android 15; Tablet)',
  speaker: 'MusicBoxPlayer/2.8 (Speaker)',
  car: 'MusicBoxPlayer/2.9 (Car)',
  tv: 'MusicBoxPlayer/3.0 (SmartTV)',
}
