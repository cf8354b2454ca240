/**
 * The schema of the Music Streaming Sessions Dataset (Brost, Mehrotra and Jehan 2019): session logs, one file a day
 * (`training_set/log_0_YYYYMMDD_000000000000.csv`), and the features of all tracks (`track_features/tf_000000000000.csv`).
 *
 * Documented: columns and their order, ids (`0_` and a UUID, `t_` and a UUID), 10 to 20 rows a session, `true` and
 * `false` for skips, shuffle and premium, 0 and 1 for pauses and context switches, the words of context and reasons;
 * skip_1 is "very briefly" played, skip_2 "briefly", skip_3 "most" of it, and each implies the next.
 *
 * Our choice:
 * - sessions of fewer than 10 plays are left out, and of longer ones the first 20 are taken
 * - skip_1 is left before 5 s, skip_2 before 30 s, skip_3 before the end; not_skipped is the rest
 * - before the first row there is neither pause nor none (0, 0, 0); up to 3 s is no pause, up to a minute a short one
 * - hour and date are the listener's own at the start of the play; the file is that of the day the session began on
 * - premium is drawn by user (see `foreign-id.ts`); context follows from what led to the play
 * - nobody seeks or shuffles: 0, 0, false
 */
import { songs } from '../../datasets/catalogue.ts'
import { compactDay, HOUR_MS } from '../../datasets/day.ts'
import { dayOfNumber } from '../kernel/day-number.ts'
import type { Cause } from '../kernel/event-block.ts'
import { sessionWords } from '../kernel/wire-event.ts'
import { catalogueOf, type World } from '../kernel/world.ts'
import { isPaying, streamedTrack, uuid } from './foreign-id.ts'
import { type OutputFolder, writeFolder } from './output-folder.ts'
import { eachSession, type Play } from './play.ts'
import type { ExportOptions, ExportReport } from './shape.ts'
import { slicesByDay, turn } from './slice.ts'

export const SESSION_COLUMNS = [
  'session_id',
  'session_position',
  'session_length',
  'track_id_clean',
  'skip_1',
  'skip_2',
  'skip_3',
  'not_skipped',
  'context_switch',
  'no_pause_before_play',
  'short_pause_before_play',
  'long_pause_before_play',
  'hist_user_behavior_n_seekfwd',
  'hist_user_behavior_n_seekback',
  'hist_user_behavior_is_shuffle',
  'hour_of_day',
  'date',
  'premium',
  'context_type',
  'hist_user_behavior_reason_start',
  'hist_user_behavior_reason_end',
] as const

export const FEATURE_COLUMNS = [
  'track_id',
  'duration',
  'release_year',
  'us_popularity_estimate',
  'acousticness',
  'beat_strength',
  'bounciness',
  'danceability',
  'dyn_range_mean',
  'energy',
  'flatness',
  'instrumentalness',
  'key',
  'liveness',
  'loudness',
  'mechanism',
  'mode',
  'organism',
  'speechiness',
  'tempo',
  'time_signature',
  'valence',
  ...Array.from({ length: 8 }, (_, i) => `acoustic_vector_${i}`),
] as const

const PLAYS_MIN = 10
const PLAYS_MAX = 20
const SKIP_1_MS = 5_000
const SKIP_2_MS = 30_000
const NO_PAUSE_MS = 3_000
const SHORT_PAUSE_MS = 60_000

export function exportMssd(world: World, options: ExportOptions): Promise<ExportReport> {
  return writeFolder(options.out, async (folder) => {
    await writeFeatures(folder, world, options)
    for await (const { day, block } of slicesByDay(world, options)) {
      const file = folder.text(`training_set/log_0_${compactDay(dayOfNumber(day))}_000000000000.csv`)
      file.header(`${SESSION_COLUMNS.join(',')}\n`)
      eachSession(world, block, (session, all) => {
        if (all.length < PLAYS_MIN) return
        const plays = all.slice(0, PLAYS_MAX)
        const id = `0_${uuid(sessionWords(block, session))}`
        const premium = isPaying(world, block.sessionUser[session]!)
        const offset_ms = block.sessionOffset_min[session]! * 60_000
        for (const [place, play] of plays.entries()) {
          const local_ms = play.ts + offset_ms
          const cells = [
            id,
            place + 1,
            plays.length,
            streamedTrack(world, play.song),
            ...skips(play),
            context(play) === context(plays[place - 1] ?? play) ? 0 : 1,
            ...pauses(play),
            0,
            0,
            false,
            Math.floor(local_ms / HOUR_MS) % 24,
            dayOfNumber(Math.floor(local_ms / (24 * HOUR_MS))),
            premium,
            context(play),
            reasonOfStart(play, plays[place - 1]),
            reasonOfEnd(play),
          ]
          file.row(`${cells.join(',')}\n`)
        }
      })
      file.close()
    }
  })
}

/** skip_1, skip_2, skip_3, not_skipped. */
function skips({ heard_ms, isWhole }: Play): boolean[] {
  const left = !isWhole
  return [left && heard_ms < SKIP_1_MS, left && heard_ms < SKIP_2_MS, left, !left]
}

/** no, short and long pause before the play. */
function pauses({ gap_ms }: Play): number[] {
  if (Number.isNaN(gap_ms)) return [0, 0, 0]
  if (gap_ms <= NO_PAUSE_MS) return [1, 0, 0]
  return gap_ms <= SHORT_PAUSE_MS ? [0, 1, 0] : [0, 0, 1]
}

const CONTEXTS: Readonly<Record<Cause, string>> = {
  none: 'catalog',
  search: 'catalog',
  discover: 'personalized_playlist',
  repeat: 'user_collection',
  explore: 'editorial_playlist',
  friend: 'personalized_playlist',
  station: 'radio',
}

function context({ cause, isSearched }: Play): string {
  return isSearched ? 'catalog' : (CONTEXTS[cause] ?? 'catalog')
}

function reasonOfStart({ isSearched }: Play, before: Play | undefined): string {
  if (isSearched) return 'clickrow'
  if (before === undefined) return 'appload'
  return before.isWhole ? 'trackdone' : 'fwdbtn'
}

function reasonOfEnd({ isWhole, isLast }: Play): string {
  if (isWhole) return 'trackdone'
  return isLast ? 'endplay' : 'fwdbtn'
}

/**
 * Track features. Duration (seconds), year, energy, key and tempo are the songs' own; the popularity estimate is the
 * song's hotttnesss as a percentile. What we do not have is neutral: shares are 0.5, other measures 0, the mode major,
 * four beats a bar.
 */
async function writeFeatures(folder: OutputFolder, world: World, options: ExportOptions): Promise<void> {
  const file = folder.text('track_features/tf_000000000000.csv')
  file.header(`${FEATURE_COLUMNS.join(',')}\n`)
  let index = 0
  for (const { duration_ms, year, song_hotttnesss, energy, key, tempo } of songs(catalogueOf(world))) {
    if (index % 4096 === 0) await turn(options)
    const own: Record<string, string | number> = {
      track_id: streamedTrack(world, index++),
      duration: duration_ms / 1000,
      release_year: year,
      us_popularity_estimate: Math.round(song_hotttnesss * 1e6) / 1e4,
      energy,
      key,
      tempo,
    }
    file.row(`${FEATURE_COLUMNS.map((column) => own[column] ?? NEUTRAL[column] ?? 0.5).join(',')}\n`)
  }
  file.close()
}

const NEUTRAL: Readonly<Record<string, string | number>> = {
  dyn_range_mean: 0,
  loudness: 0,
  mode: 'major',
  time_signature: 4,
  ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`acoustic_vector_${i}`, 0])),
}
