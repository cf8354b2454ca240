/** When people listen. */
import type { CountedHistory } from './counted-history.ts'
import { PUBLISHED_WEEKDAY, PUBLISHED_WEEKEND } from './published-rhythm.ts'
import { check, holds, knobs, type Row, type Stage } from './row.ts'
import { pearson, spearman } from './statistics/correlation.ts'

const SMALL: Stage = { userCount: 800, dayCount: 120 }

export const RHYTHM_ROWS: readonly Row[] = [
  {
    id: 'D1',
    tier: 'T2',
    quantity: 'plays by hour and weekday',
    published: '48 hourly means of weekday and weekend; peaks at 17 h and 12 h; Saturday busiest',
    source: 'Park et al. 2019, github.com/minsu-park/affective_preference_rhythm (means of 168 hours)',
    measure: ({ tally, dayCount }) => {
      if (dayCount < 28) return { reason: 'fewer than four weeks' }
      const { weekday, weekend, days } = hourlyMeans(tally.playHour)
      const busiest = days.indexOf(Math.max(...days))
      return [
        check(
          'Pearson with the 48 means',
          pearson([...weekday, ...weekend], [...PUBLISHED_WEEKDAY, ...PUBLISHED_WEEKEND]),
          0.97,
          1,
        ),
        check('peak of weekdays', peakOf(weekday), 16, 18, 'h'),
        check('peak of weekends', peakOf(weekend), 11, 13, 'h'),
        holds('Saturday is the busiest day', busiest === 5),
      ]
    },
    mutant: { name: 'rhythm 0', stage: SMALL, wrong: knobs({ rhythm: 0 }) },
  },
  {
    id: 'D2',
    tier: 'T2',
    quantity: 'session starts on weekdays',
    published: 'lowest near 2 h, morning peak 9–10 h, lunch dip, evening peak 18–19 h',
    source: 'Zhang et al., INFOCOM 2013 (Spotify)',
    measure: ({ tally }) => {
      const { weekday, weekend } = hourlyMeans(tally.startHour)
      const trough = weekday.indexOf(Math.min(...weekday))
      return [
        check('trough', trough, 1, 4, 'h'),
        holds('a peak in the morning, 8–10 h', hasPeak(weekday, 8, 10)),
        holds('a dip at lunch, 11–14 h', hasDip(weekday, 11, 14)),
        check('evening peak', peakOf(weekday), 17, 19, 'h'),
        holds('no morning peak on weekends', !hasPeak(weekend, 8, 10)),
      ]
    },
    mutant: { name: 'rhythm 0', stage: SMALL, wrong: knobs({ rhythm: 0 }) },
  },
  {
    id: 'D3',
    tier: 'T2',
    quantity: 'energy of what is played at night',
    published: 'calmer late at night, the same order all week',
    source: 'Heggli et al. 2021; Park et al. 2019',
    measure: ({ tally }) => {
      const night = [22, 23, 0, 1, 2, 3, 4].map((hour) => tally.energy[hour]! / tally.energyPlays[hour]!)
      return [
        check('energy at 22 h less that at 4 h', night[0]! - night[night.length - 1]!, 0.005, 0.5),
        check('order of the hours from 22 h to 4 h', spearman(night, [0, 1, 2, 3, 4, 5, 6]), -1, -0.7),
      ]
    },
    mutant: { name: 'nightCalm 0', stage: SMALL, wrong: knobs({ nightCalm: 0 }) },
  },
  {
    id: 'B1',
    tier: 'T2',
    quantity: 'burstiness of a listener’s plays',
    published: 'gaps are heavy-tailed, with exponents from 1 to 2; the day’s rhythm makes only part of it',
    source: 'Vajna et al., arXiv 1211.1175',
    measure: (history) => {
      const listeners = burstyListeners(history)
      if (listeners.length < 50) return { reason: 'fewer than 50 listeners have 100 plays' }
      const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!
      return [
        check('median burstiness', middle(listeners.map(({ raw }) => raw)), 0.3, 0.9),
        check(
          'lost on the published clock, median',
          middle(listeners.map(({ raw, rescaled }) => raw - rescaled)),
          1e-6,
          0.5,
        ),
      ]
    },
    mutant: { name: 'rhythm 0', stage: SMALL, wrong: knobs({ rhythm: 0 }) },
  },
]

/** Means of 168 hours over Monday to Friday and over the weekend, and sums of the days. */
export function hourlyMeans(hours: ArrayLike<number>): { weekday: number[]; weekend: number[]; days: number[] } {
  const mean = (hour: number, days: readonly number[]): number =>
    days.reduce((sum, day) => sum + hours[day * 24 + hour]!, 0) / days.length
  const day = Array.from({ length: 24 }, (_, hour) => hour)
  return {
    weekday: day.map((hour) => mean(hour, [0, 1, 2, 3, 4])),
    weekend: day.map((hour) => mean(hour, [5, 6])),
    days: Array.from({ length: 7 }, (_, d) => day.reduce((sum, hour) => sum + hours[d * 24 + hour]!, 0)),
  }
}

function peakOf(day: readonly number[]): number {
  return day.indexOf(Math.max(...day))
}

function hasPeak(day: readonly number[], from: number, to: number): boolean {
  return day.some((value, hour) => hour >= from && hour <= to && value > day[hour - 1]! && value > day[hour + 1]!)
}

function hasDip(day: readonly number[], from: number, to: number): boolean {
  return day.some((value, hour) => hour >= from && hour <= to && value < day[hour - 1]! && value <= day[hour + 1]!)
}

function burstyListeners({ tally, world }: CountedHistory): { raw: number; rescaled: number }[] {
  const found: { raw: number; rescaled: number }[] = []
  for (let user = 0; user < world.userCount; user++) {
    if (tally.userPlays[user]! < 100) continue
    found.push({ raw: tally.userBurst[user]!, rescaled: tally.userRescaledBurst[user]! })
  }
  return found
}
