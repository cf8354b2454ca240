/** Task: on which day was interest in a song highest? */
import { addDays, DAY_MS, type Day, dayStartMs, isDay } from '../../datasets/day.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { judged, type Question } from './judged.ts'
import { playsByDay } from './song-days.ts'
import { songsAsked } from './song-questions.ts'
import type { ScoredHistory, Task } from './task.ts'

/** An answer that is this far off is as wrong as any. */
const DAYS_OFF_MAX = 30

export const PEAK_DAY: Task = {
  question: 'On which day was interest in the song highest?',
  columns: ['track_id', 'day'],
  score: (history, answers, path) =>
    judged(questions(history), answers, path, {
      id: 'track_id',
      read: ({ day = '' }) => (day === '' ? undefined : isDay(day) ? dayStartMs(day) : `expected a day, got "${day}"`),
      loss: (answer, truth) => Math.min(1, Math.abs(answer - truth) / DAY_MS / DAYS_OFF_MAX),
      show: (ms) => new Date(ms).toISOString().slice(0, 10),
    }),
  perfect: (history) => questions(history).map(({ id, day }) => [id, day]),
  baseline: async (history) => {
    // The busiest day.
    const plays = playsByDay(history, 'song')
    return songsAsked(history).map(({ song }) => {
      const series = plays.get(song)
      const id = songbookOf(history.world).song(song).track_id
      return [id, series === undefined ? '' : addDays(history.firstDay, busiest(series))]
    })
  },
}

function questions(history: ScoredHistory): (Question<number> & { day: Day })[] {
  return songsAsked(history).map(({ song, peak }) => {
    const day = addDays(history.firstDay, peak)
    return { id: songbookOf(history.world).song(song).track_id, truth: dayStartMs(day), day }
  })
}

/** The first of the days with most plays. */
export function busiest(series: Uint32Array): number {
  let best = 0
  for (let at = 1; at < series.length; at++) if (series[at]! > series[best]!) best = at
  return best
}
