/** Task: how many days after its peak had interest in a song halved? */
import { songbookOf } from '../kernel/songbook.ts'
import { judged, type Question } from './judged.ts'
import { busiest } from './peak-day.ts'
import { playsByDay } from './song-days.ts'
import { songsAsked } from './song-questions.ts'
import type { ScoredHistory, Task } from './task.ts'

/** An answer that is wrong by this factor is as wrong as any. */
const FACTOR_MAX = 4

/** Asked of songs whose interest halves within the history. */
export const HALF_LIFE: Task = {
  question: 'How many days after its peak was interest in the song at most half as high?',
  columns: ['track_id', 'half_life_days'],
  score: (history, answers, path) =>
    judged(questions(history), answers, path, {
      id: 'track_id',
      read: ({ half_life_days = '' }) => {
        if (half_life_days === '') return undefined
        const days = Number(half_life_days)
        return days > 0 && days < 1e6 ? days : `expected a number of days above 0, got "${half_life_days}"`
      },
      loss: (answer, truth) => Math.min(1, Math.abs(Math.log(answer / truth)) / Math.log(FACTOR_MAX)),
      show: (days) => days,
    }),
  perfect: (history) => questions(history).map(({ id, truth }) => [id, String(truth)]),
  baseline: async (history) => {
    // Weekly means, and the day on which they are first half of the highest.
    const plays = playsByDay(history, 'song')
    return halving(history).map(({ song }) => {
      const series = plays.get(song)
      return [songbookOf(history.world).song(song).track_id, series === undefined ? '' : halvingTime(weekly(series))]
    })
  },
}

function halving(history: ScoredHistory): ReturnType<typeof songsAsked> {
  return songsAsked(history, ({ halfLife_days }) => halfLife_days !== undefined)
}

function questions(history: ScoredHistory): Question<number>[] {
  return halving(history).map(({ song, halfLife_days }) => ({
    id: songbookOf(history.world).song(song).track_id,
    truth: halfLife_days!,
  }))
}

function weekly(series: Uint32Array): Uint32Array {
  return series.map((_, at) => series.subarray(Math.max(0, at - 3), at + 4).reduce((sum, plays) => sum + plays, 0))
}

function halvingTime(series: Uint32Array): string {
  const peak = busiest(series)
  const half = series.findIndex((plays, at) => at > peak && plays <= series[peak]! / 2)
  return half < 0 ? '' : String(half - peak)
}
