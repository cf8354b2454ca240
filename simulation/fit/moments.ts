/** The moments of a history: the numbers by which a log and a simulated world are compared. */
import { DAY_MS } from '../../datasets/day.ts'
import type { Observer } from './observer.ts'

export interface Moments {
  days: number
  /** Listeners with at least one session. */
  users: number
  sessions: number
  plays: number
  songs: number
  /** Sessions a day of the middle listener (geometric mean over those seen). */
  sessions_per_day: number
  /** Deviation of the logarithm of listeners' rates. */
  activity_log_deviation: number
  session_plays_median: number
  session_plays_mean: number
  session_plays_log_deviation: number
  /** Relative weights of 168 hours from Monday 0 h UTC on; they average 1. */
  hour_of_week: number[]
  /** Their means by hour of weekdays, then of weekends: 48 numbers, steadier in short histories. */
  hour_of_day: number[]
  /** Deviation of session starts by hour of the day, without what chance alone would make. */
  rhythm: number
  /** Shares of plays left by 5 and 30 seconds (Kaplan–Meier), and at all before their end. */
  left_by_5s: number
  left_by_30s: number
  left_before_end: number
  /**
   * Habits, from each listener's first ten sessions: summed skip hazard of the first 30 seconds, reactions a play,
   * searches a session.
   */
  habits: { hazard_30s: number; reactions_per_play: number; searches_per_session: number }
  thumbs_per_play: number
  /** Thumbs up of all thumbs. */
  thumbs_up_share: number
  /** Thumbs, ratings, tags and comments. */
  reactions_per_play: number
  searches_per_session: number
  /** Share of the most played tenth of the songs that were played at all. */
  top_tenth_share: number
  /** Exponent of plays by rank, over the ranks that hold half of all plays (least squares in logarithms). */
  rank_exponent: number
  /** Plays of a song that the listener has played before in this history. */
  repeat_share: number
  /** From a song's best week until half is left, on average; null when the history is too short to show it. */
  half_life_days: number | null
}

export function momentsOf(seen: Observer): Moments {
  const days = Math.max(1, Math.round((seen.lastStart_ms - seen.firstStart_ms) / DAY_MS))
  const counts = [...seen.sessionsOfUser.values()]
  const activity = logMoments(counts.map((count) => [count, 1]))
  // Chance spreads the logarithm of a count n by 1/n: what remains is the spread of the rates.
  const chance = counts.reduce((sum, count) => sum + 1 / count, 0) / Math.max(1, counts.length)
  const sizes = [...seen.sizes.entries()].filter(([, count]) => count > 0)
  const size = logMoments(sizes)
  const withPlays = sizes.reduce((sum, [, count]) => sum + count, 0)
  const plays = Math.max(1, seen.plays)
  const { tup, tdn, rate, tag, comment, search } = seen.ofKind
  const hourMean = plays / 168
  const hour_of_week = Array.from(seen.hours, (count) => count / hourMean)
  const hour_of_day = Array.from({ length: 48 }, (_, at) => {
    const days = at < 24 ? [0, 1, 2, 3, 4] : [5, 6]
    return days.reduce((sum, day) => sum + hour_of_week[24 * day + (at % 24)]!, 0) / days.length
  })
  const survival = (second: number): number => survivalAt(seen, second)
  const ranked = seen.playsOfSong.filter((count) => count > 0).sort((a, b) => b - a)
  const top = ranked.slice(0, Math.ceil(ranked.length / 10))
  return {
    days,
    users: seen.sessionsOfUser.size,
    sessions: seen.sessions,
    plays: seen.plays,
    songs: ranked.length,
    sessions_per_day: Math.exp(activity.mean) / days,
    activity_log_deviation: Math.sqrt(Math.max(0.01, activity.deviation ** 2 - chance)),
    session_plays_median: medianOf(sizes, withPlays),
    session_plays_mean: sizes.reduce((sum, [value, count]) => sum + value * count, 0) / Math.max(1, withPlays),
    session_plays_log_deviation: size.deviation,
    hour_of_week,
    hour_of_day,
    rhythm: rhythmOf(seen.starts),
    left_by_5s: 1 - survival(5),
    left_by_30s: 1 - survival(30),
    left_before_end: seen.skips / plays,
    habits: habitsOf(seen),
    thumbs_per_play: (tup + tdn) / plays,
    thumbs_up_share: tup / Math.max(1, tup + tdn),
    reactions_per_play: (tup + tdn + rate + tag + comment) / plays,
    searches_per_session: search / Math.max(1, seen.sessions),
    top_tenth_share: top.reduce((sum, count) => sum + count, 0) / plays,
    rank_exponent: rankExponent(ranked, plays),
    repeat_share: seen.repeats / Math.max(1, seen.rememberedPlays),
    half_life_days: halfLife_days(seen),
  }
}

function habitsOf({ early }: Observer): Moments['habits'] {
  const plays = Math.max(1, early.plays)
  return {
    hazard_30s: -Math.log(Math.max(1e-9, 1 - early.leftBy30s / plays)),
    reactions_per_play: early.reactions / plays,
    searches_per_session: early.searches / Math.max(1, early.sessions),
  }
}

/** Chance alone makes a variance of 1/n of a relative count whose mean is n. */
function rhythmOf(starts: Float64Array): number {
  const mean =
    Math.max(
      1,
      starts.reduce((sum, count) => sum + count, 0),
    ) / 24
  const variance = starts.reduce((sum, count) => sum + (count / mean - 1) ** 2, 0) / 24
  return Math.sqrt(Math.max(1e-6, variance - 1 / mean))
}

/** Mean and deviation of the logarithms of weighted values. */
function logMoments(values: readonly (readonly [number, number])[]): { mean: number; deviation: number } {
  let [sum, squares, weights] = [0, 0, 0]
  for (const [value, weight] of values) {
    const log = Math.log(value)
    sum += weight * log
    squares += weight * log * log
    weights += weight
  }
  const mean = sum / Math.max(1, weights)
  return { mean, deviation: Math.sqrt(Math.max(0, squares / Math.max(1, weights) - mean * mean)) }
}

/** The value within whose unit the middle lies, with its place in the unit: sizes are whole and would tie. */
function medianOf(sizes: readonly (readonly [number, number])[], total: number): number {
  let below = 0
  for (const [value, count] of sizes) {
    if (below + count >= total / 2) return value - 0.5 + (total / 2 - below) / count
    below += count
  }
  return 0
}

/** Kaplan and Meier's estimate of the share of plays not yet left at a second. */
function survivalAt({ left, ended }: Observer, second: number): number {
  let atRisk = left.reduce((sum, count) => sum + count, 0) + ended.reduce((sum, count) => sum + count, 0)
  let survival = 1
  for (let bin = 0; bin < second && atRisk > 0; bin++) {
    survival *= 1 - left[bin]! / atRisk
    atRisk -= left[bin]! + ended[bin]!
  }
  return survival
}

function rankExponent(ranked: readonly number[], plays: number): number {
  let held = 0
  const points = ranked
    .filter((count) => {
      const isIn = held < plays / 2
      held += count
      return isIn
    })
    .map((count, i) => [Math.log(i + 1), Math.log(count)] as const)
  if (points.length < 3) return Number.NaN
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const slope = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0)
  return -slope / points.reduce((sum, [px]) => sum + (px - x) ** 2, 0)
}

const SONG_PLAYS_MIN = 50
const WEEKS_AFTER = 26

/**
 * Songs with enough plays are laid over one another at their best week; the half-life is where their mean, as a share of
 * the week after the best, falls to a half. The best week itself is left out: chance has its part in being the best.
 */
function halfLife_days({ weeksOfSong, playsOfSong, firstStart_ms, lastStart_ms }: Observer): number | null {
  const weekOf = (ms: number): number => Math.floor(ms / (7 * DAY_MS))
  // The first and the last week are cut by the ends of the history.
  const [first, last] = [weekOf(firstStart_ms) + 1, weekOf(lastStart_ms) - 1]
  const levels = new Float64Array(WEEKS_AFTER + 1)
  const songs = new Float64Array(WEEKS_AFTER + 1)
  for (const [song, weeks] of weeksOfSong.entries()) {
    if (playsOfSong[song]! < SONG_PLAYS_MIN) continue
    let best = first
    for (const [week, count] of weeks) {
      if (week >= first && week <= last && count > (weeks.get(best) ?? 0)) best = week
    }
    const start = weeks.get(best + 1) ?? 0
    if (start === 0) continue
    for (let after = 1; after <= WEEKS_AFTER && best + after <= last; after++) {
      levels[after]! += (weeks.get(best + after) ?? 0) / start
      songs[after]!++
    }
  }
  const mean = (after: number): number => levels[after]! / songs[after]!
  for (let after = 2; after <= WEEKS_AFTER; after++) {
    if (songs[after]! < 10) return null
    if (mean(after) > 0.5) continue
    const before = mean(after - 1)
    return 7 * (after - 1 - 1 + (before - 0.5) / (before - mean(after)))
  }
  return null
}
