/**
 * The seed's two event tables as files for HBase's ImportTsv: `ROWKEY` and the day's counts, parted by tabs.
 *
 * Documented: the row keys, `ARTISTID_YYYYMMDD` and `TRACKID_YYYYMMDD`, and what is counted (play, tup, tdn, skip). Our
 * choice: this order of columns, which is the one to give to ImportTsv and stands in `columns.txt`; days are UTC, as in
 * the reports; a day without any of these has no row. Rows of a day stand by the song's or artist's place in the
 * catalogue.
 */
import { artistIdAt, artistIndexOf, songIdAt } from '../../datasets/catalogue.ts'
import { DAY_MS } from '../../datasets/day.ts'
import { EVENT_KINDS } from '../../datasets/event-kind.ts'
import { dayKey } from '../../datasets/keys.ts'
import { dayOfNumber } from '../kernel/day-number.ts'
import { catalogueOf, type World } from '../kernel/world.ts'
import { writeFolder } from './output-folder.ts'
import type { ExportOptions, ExportReport } from './shape.ts'
import { slicesByDay } from './slice.ts'

export const COUNTED = ['play', 'tup', 'tdn', 'skip'] as const

export function exportSeedTsv(world: World, options: ExportOptions): Promise<ExportReport> {
  return writeFolder(options.out, async (folder) => {
    const ofSongs = folder.text('song_event_log.tsv')
    const ofArtists = folder.text('artist_event_log.tsv')
    folder.text('columns.txt').row(`HBASE_ROW_KEY,${COUNTED.map((kind) => `info:${kind}`).join(',')}\n`)
    const catalogue = catalogueOf(world)
    const open = new Map<number, DayCounts>()
    const flush = (before: number): void => {
      for (const day of [...open.keys()].filter((each) => each < before).sort((a, b) => a - b)) {
        const songs = open.get(day)!
        const artists: DayCounts = new Map()
        const name = dayOfNumber(day)
        for (const song of inOrder(songs)) {
          const counts = songs.get(song)!
          ofSongs.row(`${dayKey(songIdAt(catalogue, song), name)}\t${counts.join('\t')}\n`)
          const sums = countsOf(artists, artistIndexOf(catalogue, song))
          for (const [i, count] of counts.entries()) sums[i]! += count
        }
        for (const artist of inOrder(artists)) {
          ofArtists.row(`${dayKey(artistIdAt(catalogue, artist), name)}\t${artists.get(artist)!.join('\t')}\n`)
        }
        open.delete(day)
      }
    }
    for await (const { day, block } of slicesByDay(world, options)) {
      for (let row = 0; row < block.count; row++) {
        const column = COLUMN_OF[block.kind[row]!]!
        if (column < 0) continue
        const utcDay = Math.floor(block.ts[row]! / DAY_MS)
        let ofDay = open.get(utcDay)
        if (ofDay === undefined) {
          ofDay = new Map()
          open.set(utcDay, ofDay)
        }
        countsOf(ofDay, block.song[row]!)[column]!++
      }
      // A local day may begin on the UTC day before: later slices add to no day before that.
      flush(day)
    }
    flush(Number.POSITIVE_INFINITY)
  })
}

/** By index of song or artist: how often each of {@link COUNTED} happened. */
type DayCounts = Map<number, number[]>

/** By index in EVENT_KINDS: the place in {@link COUNTED}, or −1. */
const COLUMN_OF = EVENT_KINDS.map((kind) => (COUNTED as readonly string[]).indexOf(kind))

function countsOf(counts: DayCounts, index: number): number[] {
  const known = counts.get(index)
  if (known) return known
  const made = COUNTED.map(() => 0)
  counts.set(index, made)
  return made
}

function inOrder(counts: DayCounts): number[] {
  return [...counts.keys()].sort((a, b) => a - b)
}
