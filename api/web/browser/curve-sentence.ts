/**
 * One sentence that says what a curve of plays shows, for those who cannot see it or have no time to.
 *
 * Single days are noisy and weekdays differ, so from two weeks on the trend is read from 7-day averages; below that
 * there is nothing to average, and days are compared as they are. Percentages are given only where the larger figure
 * is at least {@link PERCENT_FROM} plays: "fallen 67 %" of three plays would say more than is known.
 */

import { countText, percentText, shortDayText } from './number-text.ts'
import type { CurveDay, CurvePoint } from './report-api.ts'

const PERCENT_FROM = 20
const WEEK = 7
/** Changes smaller than this are called no change. */
const LEVEL = 0.05

export function curveSentence(series: readonly CurvePoint[]): string {
  const days = series.filter((point) => point.published)
  const missing = series.length - days.length
  const note =
    missing === 0 || days.length === 0
      ? ''
      : ` ${missing === 1 ? 'One day is' : `${countText(missing)} days are`} not published yet.`
  return curveTrend(days) + note
}

function curveTrend(days: readonly CurveDay[]): string {
  const first = days[0]
  const last = days.at(-1)
  if (first === undefined || last === undefined) return 'No day of this period is published yet.'
  const peak = days.reduce((best, day) => (day.plays > best.plays ? day : best))
  if (peak.plays === 0) return 'Nobody played it in this period.'
  if (days.length === 1) return `${plays(peak.plays)} on ${dayName(peak)}, the only day published.`
  const peaked = `Plays peaked at ${countText(peak.plays)} on ${dayName(peak)}`
  if (days.length < 2 * WEEK) {
    if (peak === last) return `${peaked}, the latest day, ${risenFrom(first, last)}.`
    const fall = change(peak.plays, last.plays)
    if (Math.abs(fall) < LEVEL) return `${peaked} and are about level since.`
    return peak.plays < PERCENT_FROM
      ? `${peaked}; ${dayName(last)} had ${countText(last.plays)}.`
      : `${peaked} and have fallen ${percentText(fall)} since, to ${countText(last.plays)} on ${dayName(last)}.`
  }
  return `${peaked}. ${weekTrend(weekAverages(days))}`
}

/** Where the last week's average stands between the best week's and the first week's. */
function weekTrend(averages: readonly number[]): string {
  const first = averages[0]!
  const last = averages.at(-1)!
  const best = Math.max(...averages)
  const now = `${rateText(last)} a day over the last 7 days`
  if (best < PERCENT_FROM) return `They stand at ${now}, and stood at ${rateText(best)} a day in the best week.`
  if (change(best, last) < -LEVEL) {
    return `The 7-day average has fallen ${percentText(change(best, last))} from its high of ${rateText(best)}, to ${rateText(last)} a day.`
  }
  const risen = change(first, last)
  if (risen < LEVEL) return `They are steady: ${now}.`
  const by = Number.isFinite(risen) ? `up ${percentText(risen)} on the first week` : 'from none in the first week'
  return `They are at their height: ${now}, ${by}.`
}

/** Means of each run of seven published days. */
function weekAverages(days: readonly CurveDay[]): number[] {
  return days.slice(WEEK - 1).map((_, at) => {
    const week = days.slice(at, at + WEEK)
    return week.reduce((sum, { plays }) => sum + plays, 0) / WEEK
  })
}

function risenFrom(first: CurveDay, last: CurveDay): string {
  if (last.plays < PERCENT_FROM || first.plays === 0) return `from ${countText(first.plays)} on ${dayName(first)}`
  const risen = change(first.plays, last.plays)
  return risen < LEVEL ? 'and have hardly changed' : `up ${percentText(risen)} from ${dayName(first)}`
}

/** Relative change; infinite from nothing. */
function change(before: number, after: number): number {
  return before === 0 ? (after === 0 ? 0 : Number.POSITIVE_INFINITY) : (after - before) / before
}

function plays(count: number): string {
  return `${countText(count)} ${count === 1 ? 'play' : 'plays'}`
}

function rateText(rate: number): string {
  return rate < 10 ? String(Number(rate.toFixed(1))) : countText(Math.round(rate))
}

function dayName({ day }: CurveDay): string {
  return shortDayText(Date.parse(`${day}T00:00:00Z`))
}
