/** Which files of the Million Song Dataset a folder holds. */
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MusicboxError } from '../failure.ts'
import { TRACK_COLUMNS } from './track-table.ts'

/** The data set's file names; those of the 10,000-track subset have `subset_` before them. */
export const MSD_FILES = [
  'unique_tracks.txt',
  'unique_artists.txt',
  'artist_location.txt',
  'tracks_per_year.txt',
  'track_metadata.db',
  'artist_term.db',
  'artist_similarity.db',
] as const

export type MsdFile = (typeof MSD_FILES)[number]

export interface MsdFolder {
  /** Path by name, for those that are there. */
  files: ReadonlyMap<MsdFile, string>
  /** Paths of 54-column tables, by name. Public copies cut the table into `A.tsv.a`, `A.tsv.b`, … */
  trackTables: readonly string[]
}

/** Within the folder of the subset, the files stand in this one. */
const INNER = 'AdditionalFiles'

/** @throws MusicboxError `not.found` when there is no such folder, or nothing in it that songs could come from */
export async function msdFolder(folder: string): Promise<MsdFolder> {
  const files = new Map<MsdFile, string>()
  const trackTables: string[] = []
  for (const place of [folder, join(folder, INNER)]) {
    for (const name of await namesIn(place, place === folder)) {
      const known = MSD_FILES.find((file) => name === file || name === `subset_${file}`)
      const path = join(place, name)
      if (known && !files.has(known)) files.set(known, path)
      else if (/\.tsv(\.[a-z0-9]+)?$/i.test(name) && (await hasTrackColumns(path))) trackTables.push(path)
    }
  }
  if (trackTables.length === 0 && !files.has('track_metadata.db') && !files.has('unique_tracks.txt')) {
    throw new MusicboxError(
      'not.found',
      `expected songs of the Million Song Dataset in ${folder}, but found none of track_metadata.db, unique_tracks.txt and *.tsv`,
      `give the folder that holds them, with or without subset_ before their names (${MSD_FILES.join(', ')})`,
    )
  }
  return { files, trackTables }
}

async function namesIn(folder: string, mustExist: boolean): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (cause) {
    if (!mustExist) return []
    throw new MusicboxError('not.found', `expected a folder at ${folder}, but it cannot be read`, 'check the path', {
      cause,
    })
  }
}

/** Tables of other forms share the ending; the first line tells. */
async function hasTrackColumns(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    let tabs = 0
    for (let position = 0; position < 4 << 20; position += 1 << 16) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(1 << 16), 0, 1 << 16, position)
      for (const byte of buffer.subarray(0, bytesRead)) {
        if (byte === 0x0a) return tabs === TRACK_COLUMNS.length - 1
        if (byte === 0x09) tabs++
      }
      if (bytesRead < 1 << 16) break
    }
    return tabs === TRACK_COLUMNS.length - 1
  } finally {
    await file.close()
  }
}
