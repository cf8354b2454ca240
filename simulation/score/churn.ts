/** Task: which listeners have left for good, and when? */
import { type Day, isDay } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { dayNumber, dayOfNumber } from '../kernel/day-number.ts'
import { type Listener, listenerAt } from '../kernel/listener.ts'
import { judged, type Question } from './judged.ts'
import { listenerTraces } from './listener-traces.ts'
import type { ScoredHistory, Task } from './task.ts'

/** Of one listener: the day on which they listen no more; undefined for those who stay. */
export interface Leaving {
  day?: number
  left: boolean
}

/** A leaving day that is this far off is half as bad as the wrong verdict. */
const DAYS_OFF_MAX = 30

/** Who is silent for so long has left, says the baseline. */
const SILENCE_DAYS = 30

/** Nobody can tell of who listens less than twice a month whether they have left. */
const SESSIONS_PER_DAY_MIN = 1 / 15

export const CHURN: Task = {
  question: 'Has the listener left for good by the end of the history (0 or 1), and on which day?',
  columns: ['uid', 'left', 'leave_day'],
  score: (history, answers, path) =>
    judged(questions(history), answers, path, {
      id: 'uid',
      read: ({ left = '', leave_day = '' }) => {
        if (left === '') return undefined
        if (left !== '0' && left !== '1') return `expected left to be 0 or 1, got "${left}"`
        if (leave_day !== '' && !isDay(leave_day)) return `expected leave_day to be a day or empty, got "${leave_day}"`
        return left === '1' && leave_day !== '' ? { left: true, day: dayNumber(leave_day) } : { left: left === '1' }
      },
      loss: churnLoss,
      show: ({ left, day }) => (left ? (day === undefined ? 'left' : dayOfNumber(day)) : 'stayed'),
    }),
  perfect: (history) => questions(history).map(({ id, truth }) => answerOf(id, truth)),
  baseline: async (history) => {
    const { lastSeen } = listenerTraces(history)
    const end = dayNumber(history.lastDay)
    return questions(history).map(({ id, user }) => {
      const last = lastSeen[user]!
      return answerOf(id, end - last > SILENCE_DAYS ? { left: true, day: last + 1 } : { left: false })
    })
  },
  ceiling: (history) => {
    const { lastSeen } = listenerTraces(history)
    const end = dayNumber(history.lastDay)
    const hazard = history.world.knobs.churnPerYear / 365.25
    return questions(history).map(({ id, user, listener }) => {
      const last = Math.max(lastSeen[user]!, listener.joinDay - 1)
      return answerOf(id, verdict(end - last, listener.sessions_per_day, hazard, last + 1))
    })
  },
}

/** What is likelier for who knows the listener's rate and the chance of leaving, after so many silent days. */
function verdict(silence_days: number, rate: number, hazard: number, leaveDay: number): Leaving {
  const stays = Math.exp(-(rate + hazard) * silence_days)
  const leaves = (hazard / (hazard + rate)) * (1 - Math.exp(-(rate + hazard) * silence_days))
  return leaves > stays ? { left: true, day: leaveDay } : { left: false }
}

export function churnLoss(answer: Leaving, truth: Leaving): number {
  if (answer.left !== truth.left) return 1
  if (!truth.left) return 0
  if (answer.day === undefined) return 0.5
  return 0.5 * Math.min(1, Math.abs(answer.day - truth.day!) / DAYS_OFF_MAX)
}

function answerOf(id: string, { left, day }: Leaving): string[] {
  return [id, left ? '1' : '0', day === undefined ? '' : (dayOfNumber(day) satisfies Day)]
}

type ListenerQuestion = Question<Leaving> & { user: number; listener: Listener }

function questions({ world, firstDay, lastDay }: ScoredHistory): ListenerQuestion[] {
  const [first, last] = [dayNumber(firstDay), dayNumber(lastDay)]
  const asked: ListenerQuestion[] = []
  for (let user = 0; user < world.userCount; user++) {
    const listener = listenerAt(world, user)
    const { uid, sessions_per_day, joinDay, leaveDay } = listener
    // Those who were there before the last month, and had not left before the first day.
    if (sessions_per_day < SESSIONS_PER_DAY_MIN || joinDay > last - SILENCE_DAYS || leaveDay <= first) continue
    asked.push({ id: uid, user, listener, truth: leaveDay <= last ? { left: true, day: leaveDay } : { left: false } })
  }
  if (asked.some(({ truth }) => truth.left)) return asked
  throw new MusicboxError(
    'input.invalid',
    'expected a history in which somebody leaves, found none',
    'take a longer one, or one with more churn',
  )
}
