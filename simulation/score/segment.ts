/** Task: which listeners belong together? By their rhythm of the day, or by their favourite genre. */
import { daysBetween } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { type Listener, listenerAt } from '../kernel/listener.ts'
import type { World } from '../kernel/world.ts'
import { favouriteGenreOf } from '../truth/listener-file.ts'
import { adjustedRand } from './agreement.ts'
import { wrongAnswer } from './answer-file.ts'
import { type ListenerTraces, largest, listenerTraces } from './listener-traces.ts'
import { type Score, type ScoredHistory, type Task, WORST_MAX } from './task.ts'

/** By the four chronotypes: the baseline takes the quarter of the day (UTC) in which a listener plays most. */
export const SEGMENT: Task = segmentTask(
  'Which listeners have the same rhythm of the day? Any name of a cluster will do.',
  (_, { chronotype }) => String(chronotype),
  ({ hours }, user) => String(Math.floor(largest(hours, user * 24, 24) / 6)),
)

/** By favourite genre: the baseline takes the genre that a listener plays most. */
export const TASTE: Task = segmentTask(
  'Which listeners have the same favourite genre? Any name of a cluster will do.',
  favouriteGenreOf,
  ({ genres, genreCount, genreName }, user) => genreName(largest(genres, user * genreCount, genreCount)),
)

/** Who is expected to have fewer sessions in the history shows too little. */
const SESSIONS_MIN = 20

function segmentTask(
  question: string,
  segmentOf: (world: World, listener: Listener) => string,
  guess: (traces: ListenerTraces, user: number) => string,
): Task {
  const asked = (history: ScoredHistory): { user: number; uid: string; segment: string }[] =>
    listenersAsked(history).map(({ user, listener }) => ({
      user,
      uid: listener.uid,
      segment: segmentOf(history.world, listener),
    }))
  return {
    question,
    columns: ['uid', 'segment'],
    score: (history, answers, path): Score => {
      const given = new Map<string, string>()
      for (const { line, cells } of answers) {
        const { uid = '', segment = '' } = cells
        if (given.has(uid)) throw wrongAnswer(path, line, `${uid} is answered already`)
        given.set(uid, segment)
      }
      const listeners = asked(history)
      // Who has no answer is a cluster of their own.
      const answered = listeners.filter(({ uid }) => given.has(uid))
      const clusters = listeners.map(({ uid }) => (given.has(uid) ? `given ${given.get(uid)}` : `none ${uid}`))
      const truths = listeners.map(({ segment }) => segment)
      return {
        score: adjustedRand(clusters, truths),
        questions: listeners.length,
        answered: answered.length,
        unasked: given.size - answered.length,
        details: { clusters: new Set(clusters).size, segments: new Set(truths).size },
        worst: strangers(listeners, clusters),
      }
    },
    perfect: (history) => asked(history).map(({ uid, segment }) => [uid, segment]),
    baseline: async (history) => {
      const traces = listenerTraces(history)
      return asked(history).map(({ uid, user }) => [uid, guess(traces, user)])
    },
  }
}

/** @throws MusicboxError `input.invalid` when there are fewer than two */
function listenersAsked({ world, firstDay, lastDay }: ScoredHistory): { user: number; listener: Listener }[] {
  const days = daysBetween(firstDay, lastDay).length
  const listeners = Array.from({ length: world.userCount }, (_, user) => ({ user, listener: listenerAt(world, user) }))
  const active = listeners.filter(({ listener }) => listener.sessions_per_day * days >= SESSIONS_MIN)
  if (active.length >= 2) return active
  throw new MusicboxError(
    'input.invalid',
    `expected at least two listeners with ${SESSIONS_MIN} sessions in the history, found ${active.length}`,
    'take a longer one',
  )
}

/** Listeners in clusters of whom most are of another segment. */
function strangers(
  listeners: readonly { uid: string; segment: string }[],
  clusters: readonly string[],
): Score['worst'] {
  const members = new Map<string, Map<string, number>>()
  for (const [at, cluster] of clusters.entries()) {
    const segments = members.get(cluster) ?? new Map<string, number>()
    const { segment } = listeners[at]!
    members.set(cluster, segments.set(segment, (segments.get(segment) ?? 0) + 1))
  }
  const rows = listeners.flatMap(({ uid, segment }, at) => {
    const segments = [...members.get(clusters[at]!)!]
    const [most, count] = segments.reduce((a, b) => (b[1] > a[1] ? b : a))
    const size = segments.reduce((sum, [, each]) => sum + each, 0)
    if (most === segment) return []
    return [{ uid, truth: segment, cluster: clusters[at]!.replace(/^\w+ /, ''), mostly: most, share: count / size }]
  })
  return rows.sort((a, b) => b.share - a.share || (a.uid < b.uid ? -1 : 1)).slice(0, WORST_MAX)
}
