/** Task: what happened to this world, when, and to whom? The named shocks of the history are to be found. */
import { artistIdAt, songIdAt } from '../../datasets/catalogue.ts'
import { addDays, DAY_MS, type Day, dayOf, dayStartMs, isDay } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { groupingOf } from '../expect/dimension.ts'
import type { Shock } from '../kernel/shock.ts'
import { catalogueOf, type World } from '../kernel/world.ts'
import { retrieval } from './agreement.ts'
import { type Answer, wrongAnswer } from './answer-file.ts'
import { playsByDay } from './song-days.ts'
import { type Score, type ScoredHistory, type Task, WORST_MAX } from './task.ts'

/** What a shock to everybody is called. */
const EVERYBODY = 'global'

/** An answer this close to the onset has found it. */
const DAYS_OFF_MAX = 3

export const CHANGE_POINT: Task = {
  question: `On which days did something happen, and to which song, artist or everybody ("${EVERYBODY}")?`,
  columns: ['day', 'target'],
  score: (history, answers, path) => {
    const onsets = onsetsOf(history)
    const given = answers.map(({ line, cells }) => readAnswer(line, cells, path))
    const matches = matched(onsets, given)
    const { f1, precision, recall } = retrieval(matches.size, given.length, onsets.length)
    const found = new Set(matches.values())
    const missed = onsets.filter((onset) => !found.has(onset))
    const wrong = given.filter((answer) => !matches.has(answer))
    const offDays = [...matches].map(([answer, onset]) => daysApart(answer.day, onset.day))
    return {
      score: f1,
      questions: onsets.length,
      answered: given.length,
      unasked: 0,
      details: {
        precision,
        recall,
        mean_days_off: offDays.length === 0 ? 0 : offDays.reduce((sum, days) => sum + days, 0) / offDays.length,
      },
      worst: [
        ...missed.map(({ day, target, name }) => ({ verdict: 'missed', day, target, name })),
        ...wrong.map(({ day, target }) => ({ verdict: 'false alarm', day, target, name: '' })),
      ].slice(0, WORST_MAX),
    } satisfies Score
  },
  perfect: (history) => onsetsOf(history).map(({ day, target }) => [day, target]),
  baseline: async (history) => {
    const grouping = groupingOf(history.world)
    const found: { day: Day; target: string; surprise: number }[] = []
    let everybody = new Uint32Array(0)
    for (const by of ['song', 'artist'] as const) {
      for (const [group, series] of playsByDay(history, by)) {
        const jump = largestJump(series)
        if (by === 'song') everybody = added(everybody, series)
        if (jump.surprise < SURPRISE_MIN) continue
        found.push({
          day: addDays(history.firstDay, jump.at),
          target: grouping.idOf(by, group),
          surprise: jump.surprise,
        })
      }
    }
    const jump = largestJump(everybody)
    found.push({ day: addDays(history.firstDay, jump.at), target: EVERYBODY, surprise: Number.POSITIVE_INFINITY })
    return found
      .sort((a, b) => b.surprise - a.surprise || (a.target < b.target ? -1 : 1))
      .slice(0, JUMPS_MAX)
      .map(({ day, target }) => [day, target])
  },
}

interface Onset {
  day: Day
  target: string
  name: string
}

/** What the shocks begin with. @throws MusicboxError `input.invalid` when the history has none */
function onsetsOf({ world, firstDay, lastDay }: ScoredHistory): Onset[] {
  const onsets = world.shocks.map((shock) => onsetOf(world, shock))
  const within = onsets.filter(({ day }) => day >= firstDay && day <= lastDay)
  if (within.length > 0) return within
  throw new MusicboxError(
    'input.invalid',
    'expected a history with shocks, found none in it',
    'take a scenario that has some: `musicbox scenario list`',
  )
}

function onsetOf(world: World, shock: Shock): Onset {
  const { name } = shock
  switch (shock.kind) {
    case 'viral':
    case 'release':
      return { day: shock.day, target: songIdAt(catalogueOf(world), shock.song), name }
    case 'death':
      return { day: shock.day, target: artistIdAt(catalogueOf(world), shock.artist), name }
    case 'holiday':
    case 'price':
      return { day: shock.day, target: EVERYBODY, name }
    case 'outage':
      return { day: dayOf(shock.from_ms), target: EVERYBODY, name }
  }
}

function readAnswer(
  line: number,
  { day = '', target = '' }: Answer['cells'],
  path: string,
): { day: Day; target: string } {
  if (!isDay(day)) throw wrongAnswer(path, line, `expected a day like 2026-01-31, got "${day}"`)
  if (target === '') throw wrongAnswer(path, line, `expected a track id, an artist id or "${EVERYBODY}", got nothing`)
  return { day, target }
}

/** Each answer finds one onset of its target at most, and each onset is found once; the closest pairs go first. */
function matched<Given extends { day: Day; target: string }>(
  onsets: readonly Onset[],
  given: readonly Given[],
): Map<Given, Onset> {
  const pairs = given.flatMap((answer) =>
    onsets
      .filter(({ target }) => target === answer.target)
      .map((onset) => ({ answer, onset, off: daysApart(answer.day, onset.day) })),
  )
  const found = new Map<Given, Onset>()
  const taken = new Set<Onset>()
  for (const { answer, onset, off } of pairs.sort((a, b) => a.off - b.off)) {
    if (off > DAYS_OFF_MAX || found.has(answer) || taken.has(onset)) continue
    found.set(answer, onset)
    taken.add(onset)
  }
  return found
}

function daysApart(a: Day, b: Day): number {
  return Math.abs(dayStartMs(a) - dayStartMs(b)) / DAY_MS
}

/** The baseline's jumps are compared with the mean of so many days before. */
const BEFORE_DAYS = 28
/** A jump counts from so many standard deviations of a Poisson count on; so many of them are told. */
const SURPRISE_MIN = 8
const JUMPS_MAX = 20

/** The day of the largest surprise, or the one on which it began: as long as the days before are half as surprising. */
function largestJump(series: Uint32Array): { at: number; surprise: number } {
  const surprises = new Float64Array(series.length)
  let sum = 0
  let best = 0
  for (let at = 0; at < series.length; at++) {
    if (at >= BEFORE_DAYS) {
      const mean = sum / BEFORE_DAYS
      surprises[at] = Math.abs(series[at]! - mean) / Math.sqrt(mean + 1)
      if (surprises[at]! > surprises[best]!) best = at
      sum -= series[at - BEFORE_DAYS]!
    }
    sum += series[at]!
  }
  const surprise = surprises[best]!
  while (best > 0 && surprises[best - 1]! >= surprise / 2 && surprise > 0) best--
  return { at: best, surprise }
}

function added(a: Uint32Array, b: Uint32Array): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(b, (plays, at) => plays + (a[at] ?? 0))
}
