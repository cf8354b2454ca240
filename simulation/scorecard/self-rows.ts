/** The history against the laws that it was made by: tight, since nothing but chance may lie between. */
import { ZIP_AREAS } from '../../datasets/zip.ts'
import type { Archetype } from '../kernel/archetype.ts'
import { homeOf } from '../kernel/home.ts'
import { knownListener } from '../kernel/known-listener.ts'
import { interestOn, interestParts } from '../kernel/song-interest.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { userAt } from '../kernel/user.ts'
import { isInside } from './arrival-tally.ts'
import type { CountedHistory } from './counted-history.ts'
import { type Check, check, knobs, type NotApplicable, type Row, type Stage } from './row.ts'
import { survival } from './statistics/kaplan-meier.ts'
import { distanceOfBins, distanceToLaw } from './statistics/kolmogorov.ts'
import { minimize } from './statistics/minimize.ts'
import { normalCdf } from './statistics/normal.ts'
import { totalVariation } from './statistics/total-variation.ts'
import { AGE_LAW, GENDER_LAW, thumbOdds } from './truth.ts'

const SMALL: Stage = { userCount: 800, dayCount: 120 }
const OWN_TRUTH = 'the kernel’s own law'

export const SELF_ROWS: readonly Row[] = [
  {
    id: 'song-choice',
    tier: 'T1',
    quantity: 'explored songs against interest × taste, first 1,000 songs',
    published: 'equal but for chance',
    source: OWN_TRUTH,
    measure: (history) => {
      const { observed, expected, variance } = firstSongs(history, 1_000)
      const plays = expected.reduce((sum, each) => sum + each, 0)
      if (plays < 20_000) return { reason: 'fewer than 20,000 plays explore' }
      const squares = expected.reduce((sum, mean, i) => sum + (observed[i]! - mean) ** 2 / variance[i]!, 0)
      // What chance alone makes of the distance, for Poisson counts: √(2/π) of each deviation.
      const chance = expected.reduce((sum, each) => sum + 0.4 * Math.sqrt(each), 0) / plays
      return [
        check('total variation beyond chance', 100 * (totalVariation(observed, expected) - chance), -1, 1, '%'),
        check('chi-square per degree', squares / expected.length, 0.9, 1.1),
      ]
    },
    mutant: { name: 'taste 0', stage: SMALL, judgedByRight: true, wrong: knobs({ taste: 0 }) },
  },
  {
    id: 'arrival-gaps',
    tier: 'T1',
    quantity: 'gaps between sessions on the expected clock',
    published: 'Exp(1), dispersion 1',
    source: OWN_TRUTH,
    measure: ({ arrivals }) => [
      check(
        'KS distance',
        distanceToLaw(arrivals.gaps, (gap) => 1 - Math.exp(-gap)),
        0,
        allowance(0.01, arrivals.gaps.length),
      ),
      check('dispersion', arrivals.dispersion, 0.95, 1.05),
    ],
    mutant: { name: 'sessionsPerDay 0.4', stage: SMALL, judgedByRight: true, wrong: knobs({ sessionsPerDay: 0.4 }) },
  },
  {
    id: 'hour-of-week',
    tier: 'T1',
    quantity: 'session starts by hour of the week',
    published: 'the kernel’s table',
    source: OWN_TRUTH,
    measure: ({ arrivals }) => [
      check(
        'KS distance',
        distanceOfBins(arrivals.startHour, arrivals.expectedHour),
        0,
        allowance(0.005, arrivals.starts),
      ),
    ],
    mutant: { name: 'rhythm 0.5', stage: SMALL, judgedByRight: true, wrong: knobs({ rhythm: 0.5 }) },
  },
  {
    id: 'skip-hazard',
    tier: 'T1',
    quantity: 'skips by Kaplan–Meier against the hazard averaged over plays',
    published: 'equal within half a point',
    source: OWN_TRUTH,
    measure: ({ tally: { leftAt, heardOut, skips, expectedSkips, opinions } }) => {
      const present = survival(leftAt, heardOut)
      const gap = (left: number, point: number): number => 100 * (left - expectedSkips[point]! / skips[0]!)
      // Whoever turned a thumb down left by that, which the hazard does not know.
      const turnedDown = opinions[3]! / skips[0]!
      const atEnd = skips[3]! / skips[0]! - turnedDown * (1 - expectedSkips[2]! / skips[0]!)
      return [
        check('at 5 s', gap(1 - present[4]!, 0), -0.5, 0.5, 'points'),
        check('at 30 s', gap(1 - present[29]!, 1), -0.5, 0.5, 'points'),
        check('at the end', gap(atEnd, 2), -0.5, 0.5, 'points'),
      ]
    },
    mutant: { name: 'skip 1.2', stage: SMALL, judgedByRight: true, wrong: knobs({ skip: 1.2 }) },
  },
  {
    id: 'half-life',
    tier: 'T1',
    quantity: 'half-life of interest, by least squares, over that of the law',
    published: 'equal within 5 %',
    source: OWN_TRUTH,
    measure: (history) => halfLives(history),
    mutant: {
      name: 'decay 0',
      // Where nothing is repeated, most is explored: fewer listeners are enough.
      stage: { userCount: 2_500, dayCount: 364, parts: { knobs: { repeat: 0 } } },
      judgedByRight: true,
      wrong: knobs({ decay: 0 }),
    },
  },
  {
    id: 'recovery',
    tier: 'T1',
    quantity: 'listeners whose traits lie in the 95 % region about what their history says',
    published: '95 %',
    source: OWN_TRUTH,
    measure: (history) => recovery(history),
    mutant: {
      name: 'sessionsPerDay 0.35, reactions 1.5, taste 0.6',
      stage: { userCount: 800, dayCount: 364 },
      judgedByRight: true,
      wrong: knobs({ sessionsPerDay: 0.35, reactions: 1.5, taste: 0.6 }),
    },
  },
  {
    id: 'independence',
    tier: 'T1',
    quantity: 'two listeners’ surprises of the same day',
    published: 'no correlation',
    source: OWN_TRUTH,
    measure: ({ arrivals }) => [check('correlation, in deviations', arrivals.crossCorrelation, -4, 4)],
    mutant: {
      name: 'all listen more than the law says',
      stage: SMALL,
      judgedByRight: true,
      wrong: knobs({ sessionsPerDay: 0.5 }),
    },
  },
  {
    id: 'marginals',
    tier: 'T1',
    quantity: 'age, gender and state of listeners',
    published: 'the kernel’s shares',
    source: OWN_TRUTH,
    stage: { userCount: 1, dayCount: 1 },
    measure: (history) => marginals(history),
    mutant: { name: 'homes 0', stage: { userCount: 1, dayCount: 1 }, wrong: knobs({ homes: 0 }) },
  },
  {
    id: 'structure',
    tier: 'T1',
    quantity: 'breaches of what holds in every history',
    published: 'none',
    source: OWN_TRUTH,
    measure: ({ tally }) => [check('breaches', tally.violations[0]!, 0, 0)],
    mutant: { name: 'rows out of order', stage: SMALL, tampering: 'order' },
  },
]

/** The band's end, or in a small history what chance makes of the distance: Kolmogorov's 99.9 % point. */
function allowance(end: number, sampleSize: number): number {
  return Math.max(end, 1.95 / Math.sqrt(sampleSize))
}

/** The songs of which most is expected: explored plays as seen, as expected, and their variance by the law. */
function firstSongs(
  { tally, songs, exploration }: CountedHistory,
  most: number,
): { observed: number[]; expected: number[]; variance: number[] } {
  const { songCount } = songs
  const expected = new Float64Array(songCount)
  const observed = new Float64Array(songCount)
  for (let i = 0; i < tally.weekExplored.length; i++) {
    observed[i % songCount]! += tally.weekExplored[i]!
    expected[i % songCount]! += exploration.byWeek[i]!
  }
  const first = Array.from(expected.keys())
    .filter((song) => expected[song]! >= 5)
    .sort((a, b) => expected[b]! - expected[a]! || a - b)
    .slice(0, most)
  const of = (column: Float64Array): number[] => first.map((song) => column[song]!)
  return { observed: of(observed), expected: of(expected), variance: of(exploration.variance) }
}

/** Kinds of curves, and the weeks after the peak over which they are fitted: a fast one is over by then. */
const KINDS = [
  { archetype: 'one-week', weeks: 8 },
  { archetype: 'debut', weeks: 20 },
  { archetype: 'climber', weeks: 26 },
  { archetype: 'sleeper', weeks: 26 },
] as const satisfies readonly { archetype: Archetype; weeks: number }[]

/** Curves of a kind are laid one over the other, peak on peak, before they are fitted. */
function halfLives(history: CountedHistory): Check[] | NotApplicable {
  const { songs, tally, weeks, world, firstDay, exploration } = history
  const book = songbookOf(world)
  const curves = KINDS.map((kind) => ({
    seen: new Float64Array(kind.weeks),
    law: new Float64Array(kind.weeks),
    plays: 0,
  }))
  for (let song = 0; song < songs.songCount; song++) {
    const kind = KINDS.findIndex(({ archetype }) => archetype === interestParts(world, song).archetype)
    if (kind < 0) continue
    const law = new Float64Array(weeks)
    for (let d = 0; d < weeks * 7; d++) law[Math.floor(d / 7)]! += interestOn(book, song, firstDay + d)
    let peak = 0
    for (let week = 1; week < weeks; week++) if (law[week]! > law[peak]!) peak = week
    const curve = curves[kind]!
    const length = curve.law.length
    if (peak < 2 || peak + length > weeks) continue
    for (let k = 0; k < length; k++) {
      const at = peak + k
      const seen = tally.weekExplored[at * songs.songCount + song]!
      curve.plays += seen
      // Plays are brought back to interest by what a unit of interest was worth in that week.
      const expected = exploration.byWeek[at * songs.songCount + song]!
      if (expected > 0) curve.seen[k]! += (seen * law[at]!) / expected
      curve.law[k]! += law[at]!
    }
  }
  const checks = KINDS.flatMap(({ archetype }, kind) => {
    const { seen, law, plays } = curves[kind]!
    if (plays < 5_000) return []
    return [check(`songs of kind ${archetype}`, fittedHalfLife(seen) / fittedHalfLife(law), 0.95, 1.05)]
  })
  return checks.length > 0 ? checks : { reason: 'too few songs have their peak in the history' }
}

/** Of talk and memory, fitted by least squares. */
function fittedHalfLife(curve: Float64Array): number {
  const level = (k: number, [part, fast, slow]: readonly number[]): number => {
    const memory = 1 / (1 + Math.exp(-part!))
    return (1 - memory) * Math.exp(-k / Math.exp(fast!)) + memory * Math.exp(-k / Math.exp(slow!))
  }
  const { x } = minimize(
    ([scale, ...p]) => curve.reduce((sum, value, k) => sum + (value / curve[0]! - scale! * level(k, p)) ** 2, 0),
    [1, -1, 1, 4],
    { rounds: 3_000 },
  )
  const p = x.slice(1)
  let [low, high] = [0, 1_000]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (level(middle, p) > 0.5) low = middle
    else high = middle
  }
  return low
}

function recovery({ world, tally, arrivals }: CountedHistory): Check[] | NotApplicable {
  let [thumbed, thumbsInside, tasted, tasteInside] = [0, 0, 0, 0]
  for (let user = 0; user < world.userCount; user++) {
    const plays = tally.userPlays[user]!
    const odds = thumbOdds(world, knownListener(world, user))
    if (plays * odds >= 8) {
      thumbed++
      if (isInside(tally.userThumbs[user]!, plays * odds, 1 - odds)) thumbsInside++
    }
    if (tally.userTaste[user]! > 0) {
      tasted++
      if (tally.userTaste[user] === 1) tasteInside++
    }
  }
  const share = (name: string, inside: number, all: number): Check[] => {
    // Of few listeners a share is not known to two percent.
    const chance = 3 * Math.sqrt((0.95 * 0.05) / all)
    return all < 50
      ? []
      : [check(name, (100 * inside) / all, 95 - 100 * Math.max(0.02, chance), 95 + 100 * Math.max(0.02, chance), '%')]
  }
  const checks = [
    ...share('rate of sessions', arrivals.recovered, arrivals.listeners),
    ...share('rate of thumbs', thumbsInside, thumbed),
    ...share('taste', tasteInside, tasted),
  ]
  return checks.length > 0 ? checks : { reason: 'too few listeners with enough plays' }
}

/** Traits need no history, so as many listeners are looked at as the shares need. */
const LISTENERS = 60_000
const HOMES = 250_000
const AGE_STEP = 5

function marginals({ made }: CountedHistory): Check[] {
  const ages = new Float64Array(20)
  const agesByLaw = new Float64Array(20)
  const genders = { F: 0, M: 0, X: 0 }
  const many = { ...made, userCount: LISTENERS }
  for (let user = 0; user < LISTENERS; user++) {
    const { birth, gender } = userAt(many, user)
    if (gender !== '') genders[gender]++
    const years = (Date.parse(made.firstDay) - Date.parse(birth)) / (365.2425 * 86_400_000)
    ages[Math.min(19, Math.floor(years / AGE_STEP))]!++
  }
  const { least, scale, sigma, most } = AGE_LAW
  const below = (years: number): number =>
    years >= most ? 1 : years <= least ? 0 : normalCdf(Math.log((years - least) / scale) / sigma)
  for (let bin = 0; bin < 20; bin++) agesByLaw[bin] = below((bin + 1) * AGE_STEP) - below(bin * AGE_STEP)
  const states = [...new Set(ZIP_AREAS.map(({ state }) => state))]
  const homes = new Float64Array(states.length)
  const residents = new Float64Array(states.length)
  const stateOf = ZIP_AREAS.map(({ state }) => states.indexOf(state))
  ZIP_AREAS.forEach(({ population }, area) => {
    residents[stateOf[area]!]! += population
  })
  for (let user = 0; user < HOMES; user++) homes[stateOf[homeOf(made, user).area]!]!++
  const kinds = ['F', 'M', 'X'] as const
  return [
    check('total variation of ages', 100 * totalVariation(ages, agesByLaw), 0, 1, '%'),
    check(
      'of genders',
      100 *
        totalVariation(
          kinds.map((kind) => genders[kind]),
          kinds.map((kind) => GENDER_LAW[kind]),
        ),
      0,
      1,
      '%',
    ),
    check('of states', 100 * totalVariation(homes, residents), 0, 1, '%'),
  ]
}
