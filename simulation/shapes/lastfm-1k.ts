/**
 * The two files of the Last.fm data set of a thousand users (Celma 2010), parted by tabs:
 * `userid-timestamp-artid-artname-traid-traname.tsv` and `userid-profile.tsv`.
 *
 * Documented: columns and their order, `user_000001`, ISO times without fractions, the profile's header, `m`, `f` or
 * nothing, and days like `Aug 13, 2006`; a user's plays stand together, the newest first. Our choice: MBIDs are invented
 * (every artist and track has one; a fifth of theirs have none); every play is a row, also one that was soon skipped,
 * which Last.fm would not have scrobbled; a third gender is nothing; the country is always the United States.
 */
import { artistIndexOf } from '../../datasets/catalogue.ts'
import { dayStartMs } from '../../datasets/day.ts'
import { kindCode } from '../../datasets/event-kind.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { userAt } from '../kernel/user.ts'
import { catalogueOf, type World } from '../kernel/world.ts'
import { tabCell } from './cell.ts'
import { artistMbid, trackMbid } from './foreign-id.ts'
import { writeFolder } from './output-folder.ts'
import type { ExportOptions, ExportReport } from './shape.ts'
import { songShelf } from './shelf.ts'
import { slicesByUser } from './slice.ts'

export function exportLastfm1k(world: World, options: ExportOptions): Promise<ExportReport> {
  return writeFolder(options.out, async (folder) => {
    const plays = folder.text('userid-timestamp-artid-artname-traid-traname.tsv')
    const profiles = folder.text('userid-profile.tsv')
    profiles.header('#id\tgender\tage\tcountry\tregistered\n')
    const songOf = songShelf(world)
    const catalogue = catalogueOf(world)
    const firstDay = dayNumber(options.firstDay)
    for await (const { users, slices } of slicesByUser(world, options)) {
      const heard: { user: number; ts: number; song: number }[] = []
      for await (const { block } of slices) {
        for (let row = 0; row < block.count; row++) {
          if (block.kind[row] !== PLAY) continue
          heard.push({ user: block.sessionUser[block.session[row]!]!, ts: block.ts[row]!, song: block.song[row]! })
        }
      }
      heard.sort((a, b) => a.user - b.user || b.ts - a.ts)
      for (const { user, ts, song } of heard) {
        const { artist_name, title } = songOf(song)
        plays.row(
          `${userName(user)}\t${isoSecond(ts)}\t${artistMbid(world, artistIndexOf(catalogue, song))}\t` +
            `${tabCell(artist_name)}\t${trackMbid(world, song)}\t${tabCell(title)}\n`,
        )
      }
      for (let user = users.first; user < users.first + users.count; user++) {
        const { gender, birth, created } = userAt(world, user)
        const age = Math.floor((firstDay - dayNumber(birth)) / 365.2425)
        profiles.row(`${userName(user)}\t${GENDERS[gender]}\t${age}\tUnited States\t${longDay(created)}\n`)
      }
    }
  })
}

const PLAY = kindCode('play')

const GENDERS = { F: 'f', M: 'm', X: '', '': '' } as const

/** Users count from 1. */
function userName(user: number): string {
  return `user_${String(user + 1).padStart(6, '0')}`
}

function isoSecond(ts: number): string {
  return `${new Date(ts).toISOString().slice(0, 19)}Z`
}

/** `Aug 5, 2006` */
function longDay(day: string): string {
  // `Sat, 05 Aug 2006 00:00:00 GMT`
  const text = new Date(dayStartMs(day)).toUTCString()
  return `${text.slice(8, 11)} ${Number(text.slice(5, 7))}, ${text.slice(12, 16)}`
}
