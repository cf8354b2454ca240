/** The artist of a song, from the look-up tables, kept in memory: an event must not cost a read of its own. */
import { escapeId } from '../datasets/keys.ts'
import type { ArtistOf } from './ingest.ts'
import type { TableStore } from './table-store.ts'

/**
 * Caches up to `songsMax` songs, unknown ones too, so that a flood of made-up ids costs no more than one of real ones; the
 * oldest entry makes room. What is unknown stays so until it is pushed out: the catalogue is loaded before the servers
 * start. Songs that are asked for while their read is under way share it; a read that failed is tried again.
 */
export function cachedArtistOf(tables: TableStore, songsMax = 100_000): ArtistOf {
  const cache = new Map<string, string | undefined>()
  const reading = new Map<string, Promise<string | undefined>>()

  async function read(songid: string): Promise<string | undefined> {
    try {
      const cells = await tables.snapshot((view) => view.get('song_info', escapeId(songid)))
      const artist = cells?.['artist_id']
      const known = typeof artist === 'string' && artist !== '' ? artist : undefined
      if (cache.size >= songsMax) cache.delete(cache.keys().next().value!)
      cache.set(songid, known)
      return known
    } finally {
      reading.delete(songid)
    }
  }

  return (songid) => {
    const known = cache.get(songid)
    if (known !== undefined || cache.has(songid)) return known
    let running = reading.get(songid)
    if (!running) {
      running = read(songid)
      reading.set(songid, running)
    }
    return running
  }
}
