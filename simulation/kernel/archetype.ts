/**
 * The kinds of careers that songs have, as shapes of waves of interest. A wave that began `a` days ago stands at
 *
 *     height · rise(a) · [ (1 − w) · e^(−a/talk) + w · e^(−a/memory) ],   rise(a) = 1 − e^(−(a + 1)/climb)
 *
 * that is, talk fades within weeks or months and memory within years (Candia et al., "The universal decay of collective
 * memory and attention", Nature Human Behaviour 2019). A song has one wave from its release on, and some have a second
 * one years later: a sleeper's real one, or the revival of an old song by a film, a cover, a joke.
 *
 * Times come from short lists, not from a continuum, so that songs with the same time fade alike for ever: the ratio of
 * their interests stays, and `interest-index.ts` can draw from them without looking at each.
 */

export const ARCHETYPES = ['debut', 'climber', 'sleeper', 'seasonal', 'one-week', 'evergreen', 'revival'] as const
export type Archetype = (typeof ARCHETYPES)[number]

/** Days of the climb; the first means that a wave starts at its peak. */
export const CLIMB_DAYS = [0, 5, 12, 24, 40] as const
/** Times of talk. The last ones are of songs that everybody sings for a season or two. */
export const TALK_DAYS = [3, 12, 25, 50, 100, 200] as const
/** Times of memory: 5.6 years, the knee that Candia et al. find for music, and 33 years of what never goes away. */
export const MEMORY_DAYS = [2_045, 12_000] as const

export interface Shape {
  readonly archetype: Archetype
  /** Of a thousand waves of its group. */
  readonly perMille: number
  readonly height: number
  /** Index in {@link CLIMB_DAYS}. */
  readonly climb: number
  /** Index in {@link TALK_DAYS}. */
  readonly talk: number
  /** The memory part w, 0..1. */
  readonly memoryShare: number
  /** Index in {@link MEMORY_DAYS}. */
  readonly memory: number
}

function shape(
  archetype: Archetype,
  perMille: number,
  height: number,
  climb: number,
  talk: number,
  memoryShare: number,
  memory = 0,
): Shape {
  return { archetype, perMille, height, climb, talk, memoryShare, memory }
}

/**
 * First waves of songs that are not evergreens. Two songs in three are album tracks, heard once in the week in which their
 * album comes out: they are most of the quarter of chart songs that stay one week only. The others are lower but stay.
 */
const COMMON: readonly Shape[] = [
  shape('debut', 33, 0.065, 0, 1, 0.013),
  shape('debut', 41, 0.065, 0, 2, 0.018),
  shape('debut', 26, 0.065, 0, 3, 0.023),
  shape('debut', 11, 0.065, 0, 4, 0.029),
  shape('climber', 43, 0.18, 1, 2, 0.018),
  shape('climber', 47, 0.18, 2, 3, 0.022),
  shape('climber', 47, 0.18, 3, 3, 0.025),
  shape('climber', 11, 0.18, 4, 4, 0.029),
  shape('sleeper', 33, 0.08, 0, 2, 0.036),
  shape('seasonal', 15, 1, 0, 0, 1, 1),
  shape('one-week', 693, 1, 0, 0, 0.0054),
]

const EVERGREEN: readonly Shape[] = [
  shape('evergreen', 400, 0.1, 2, 3, 0.026, 1),
  shape('evergreen', 350, 0.1, 3, 4, 0.039, 1),
  shape('evergreen', 250, 0.1, 4, 4, 0.052, 1),
]

/** A sleeper's second wave. */
const AWAKENING: readonly Shape[] = [
  shape('sleeper', 400, 0.5, 1, 3, 0.1),
  shape('sleeper', 350, 0.5, 2, 4, 0.12),
  shape('sleeper', 250, 0.5, 3, 5, 0.15),
]

const REVIVAL: readonly Shape[] = [
  shape('revival', 400, 0.1, 1, 2, 0),
  shape('revival', 300, 0.2, 1, 3, 0),
  shape('revival', 300, 0.3, 2, 4, 0),
]

/** All shapes; a song keeps the indices of its waves' shapes. */
export const SHAPES: readonly Shape[] = [...COMMON, ...EVERGREEN, ...AWAKENING, ...REVIVAL]

/** The shape index of no wave. */
export const NO_WAVE = 255

const EVERGREEN_NEW = 0.02
const EVERGREEN_OLD = 0.85
const EVERGREEN_HALF_YEARS = 22

/**
 * The shape of a song's first wave. A catalogue keeps of the old songs those that lasted: the share of evergreens rises
 * with the song's age, from 2 % of the new ones to 80 % of those of the sixties.
 * @param age_years age of the song when the catalogue's newest came out
 * @param kind, variant uniform in [0, 1)
 */
export function firstShape(age_years: number, kind: number, variant: number): number {
  const evergreens =
    EVERGREEN_NEW +
    (EVERGREEN_OLD * age_years * age_years) / (age_years * age_years + EVERGREEN_HALF_YEARS * EVERGREEN_HALF_YEARS)
  return kind < evergreens ? pick(COMMON.length, EVERGREEN, variant) : pick(0, COMMON, variant)
}

/** The shape of a song's second wave, or {@link NO_WAVE}. One song in six that is not a sleeper is revived some day. */
export function secondShape(first: number, kind: number, variant: number): number {
  const { archetype } = SHAPES[first]!
  if (archetype === 'sleeper') return pick(COMMON.length + EVERGREEN.length, AWAKENING, variant)
  if (archetype === 'seasonal' || kind >= 1 / 6) return NO_WAVE
  return pick(COMMON.length + EVERGREEN.length + AWAKENING.length, REVIVAL, variant)
}

/** Days from the first wave to the second: sleepers wait one to six years, revivals three to forty. */
export function secondGap_days(first: number, u: number): number {
  return SHAPES[first]!.archetype === 'sleeper' ? 365 + Math.floor(1_825 * u) : 1_095 + Math.floor(13_500 * u * u)
}

function pick(offset: number, shapes: readonly Shape[], u: number): number {
  let left = 1_000 * u
  let at = 0
  while (at < shapes.length - 1 && left >= shapes[at]!.perMille) left -= shapes[at++]!.perMille
  return offset + at
}
