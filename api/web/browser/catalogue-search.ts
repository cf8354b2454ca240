/** Songs and artists by the start of a name, or of a later word in it. The same routes stand on both servers. */
import { request } from './json-api.ts'

export interface FoundSong {
  track_id: string
  title: string
  artist_id: string
  artist_name: string
  release: string
  genre: string
  year: number
  duration_ms: number
}

export interface FoundArtist {
  artist_id: string
  artist_name: string
}

export interface Found {
  songs: FoundSong[]
  artists: FoundArtist[]
  /** Where the songs go on, for {@link moreSongs}; undefined at their end. */
  next?: string | undefined
}

interface SongsAnswer {
  results: FoundSong[]
  next?: string | null
}

/** How long typing must rest before it is a query. */
const TYPING_REST_MS = 150

export async function searchCatalogue(query: string, limit: number, signal: AbortSignal): Promise<Found> {
  const search = new URLSearchParams({ q: query, limit: String(limit) })
  const [songs, artists] = await Promise.all([
    request<SongsAnswer>(`/v1/search/songs?${search}`, { signal }),
    request<{ results: FoundArtist[] }>(`/v1/search/artists?${search}`, { signal }),
  ])
  return { songs: songs.results, artists: artists.results, next: songs.next ?? undefined }
}

/** The next page of a search. */
export async function moreSongs(query: string, limit: number, after: string): Promise<Found> {
  const { results, next } = await request<SongsAnswer>(
    `/v1/search/songs?${new URLSearchParams({ q: query, limit: String(limit), after })}`,
  )
  return { songs: results, artists: [], next: next ?? undefined }
}

export interface SearchWatch {
  found(query: string, found: Found): void
  failed(query: string, error: Error): void
  /** The box is empty. */
  emptied(): void
}

/**
 * Searches as a person types: waits for a rest, gives up a search that a newer text has overtaken, and so never shows
 * the answers out of order. The function it gives takes each new text; `now` skips the wait.
 */
export function searchAsTyped(limit: number, watch: SearchWatch): (text: string, now?: boolean) => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = new AbortController()
  let last: string | undefined
  return (text, now = false) => {
    const query = text.trim()
    if (query === last && !now) return
    last = query
    clearTimeout(timer)
    running.abort()
    if (query === '') return watch.emptied()
    const mine = new AbortController()
    running = mine
    const search = async (): Promise<void> => {
      try {
        const found = await searchCatalogue(query, limit, mine.signal)
        if (!mine.signal.aborted) watch.found(query, found)
      } catch (error) {
        if (!mine.signal.aborted) watch.failed(query, error as Error)
      }
    }
    timer = setTimeout(search, now ? 0 : TYPING_REST_MS)
  }
}
