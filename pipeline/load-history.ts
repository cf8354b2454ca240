/** Feeds a finished history and its catalogue into the stores, as if its listeners had been there. */
import type { StoreChoice } from '../datasets/command.ts'
import type { Day } from '../datasets/day.ts'
import type { Artist, Song, User } from '../datasets/music.ts'
import { type Backend, withBackend } from './backend.ts'
import type { LogEntry } from './event-log.ts'
import { lookupRows } from './lookup.ts'

export interface History {
  songs: () => Iterable<Song>
  artists: () => Iterable<Artist>
  users: () => Iterable<User>
  /** Stored lines by day, days ascending; within a day in the order of event time. */
  days: AsyncIterable<{ day: Day; entries: readonly LogEntry[] }>
}

export interface LoadedHistory {
  stored: number
  /** Events that the log already held: loading a history again changes nothing. */
  duplicates: number
}

/** Events per append: large enough that the log's commit costs little, small enough that progress is seen. */
const APPEND_EVENTS = 2000

/** Loads a history. An interrupted load is finished by loading the same history again. */
export async function loadHistory(
  backend: Backend,
  history: History,
  options: { onDay?: (day: Day) => void; signal?: AbortSignal } = {},
): Promise<LoadedHistory> {
  const tables = await backend.tables()
  await tables.put(lookupRows({ songs: history.songs(), artists: history.artists(), users: history.users() }))
  const warehouse = await backend.warehouse()
  await warehouse.setDimensions({ songs: history.songs(), artists: history.artists(), users: history.users() })

  const log = await backend.log()
  const loaded: LoadedHistory = { stored: 0, duplicates: 0 }
  for await (const { day, entries } of history.days) {
    for (let from = 0; from < entries.length; from += APPEND_EVENTS) {
      options.signal?.throwIfAborted()
      for (const { state } of await log.append(entries.slice(from, from + APPEND_EVENTS))) {
        if (state === 'stored') loaded.stored++
        else loaded.duplicates++
      }
    }
    options.onDay?.(day)
  }
  return loaded
}

/** {@link loadHistory} into the stores that a user chose. */
export async function loadInto(
  choice: StoreChoice,
  history: History,
  options: { onDay?: (day: Day) => void; signal?: AbortSignal } = {},
): Promise<LoadedHistory> {
  return await withBackend(choice, (backend) => loadHistory(backend, history, options))
}
