/** How well a synthetic twin is like the log, parameter by parameter: effect sizes with bands, no p-values. */
import { pearson } from '../scorecard/statistics/correlation.ts'
import { distanceOfBins } from '../scorecard/statistics/kolmogorov.ts'
import type { Moments } from './moments.ts'
import type { Observer } from './observer.ts'

export interface GoodnessRow {
  parameter: string
  log: number | null
  twin: number | null
  /** What is compared with the band: a relative difference, a distance or a correlation. */
  statistic: 'relative difference' | 'difference' | 'Kolmogorov–Smirnov distance' | 'Pearson correlation'
  value: number | null
  band: string
  /** `unknown`: the log, or the twin, is too short to tell. */
  verdict: 'fits' | 'differs' | 'unknown'
}

export function goodnessOf(log: Moments, twin: Moments, seenLog: Observer, seenTwin: Observer): GoodnessRow[] {
  const relative = (parameter: keyof Moments & string, most: number): GoodnessRow => {
    const [a, b] = [log[parameter] as number | null, twin[parameter] as number | null]
    const value = a === null || b === null || a === 0 ? null : b / a - 1
    return row(parameter, a, b, 'relative difference', value, most)
  }
  const share = (parameter: keyof Moments & string, most: number): GoodnessRow => {
    const [a, b] = [log[parameter] as number, twin[parameter] as number]
    return row(parameter, a, b, 'difference', b - a, most)
  }
  const sizes = distanceOfBins(seenLog.sizes, seenTwin.sizes)
  const hours = pearson(log.hour_of_day, twin.hour_of_day)
  return [
    relative('users', 0.05),
    relative('sessions', 0.2),
    relative('plays', 0.2),
    relative('sessions_per_day', 0.15),
    relative('activity_log_deviation', 0.15),
    relative('session_plays_median', 0.15),
    relative('session_plays_log_deviation', 0.1),
    row('session_plays', null, null, 'Kolmogorov–Smirnov distance', sizes, 0.05),
    {
      ...row('hour_of_day', null, null, 'Pearson correlation', hours, 1),
      band: '≥ 0.9',
      verdict: hours >= 0.9 ? 'fits' : 'differs',
    },
    share('left_by_5s', 0.03),
    share('left_by_30s', 0.03),
    share('left_before_end', 0.05),
    relative('thumbs_per_play', 0.15),
    share('thumbs_up_share', 0.05),
    relative('reactions_per_play', 0.15),
    relative('searches_per_session', 0.15),
    share('top_tenth_share', 0.05),
    relative('rank_exponent', 0.2),
    share('repeat_share', 0.07),
    relative('half_life_days', 0.35),
  ]
}

function row(
  parameter: string,
  log: number | null,
  twin: number | null,
  statistic: GoodnessRow['statistic'],
  value: number | null,
  most: number,
): GoodnessRow {
  const isKnown = value !== null && Number.isFinite(value)
  const verdict = !isKnown ? 'unknown' : Math.abs(value) <= most ? 'fits' : 'differs'
  return { parameter, log, twin, statistic, value: isKnown ? value : null, band: `± ${most}`, verdict }
}
