/**
 * Which genres a listener likes: a gamma variate for each, as if from a sparse Dirichlet law, so that a few genres are
 * loved and most are met now and then. The young lean to hip hop, pop and electronic, the old to rock, classical, jazz
 * and country.
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { AddressedDraws } from '../../datasets/random.ts'
import { scramble } from './permutation.ts'
import { gamma } from './samplers.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/** Shape of the gamma law: the coefficient of variation of a liking is 1 / √shape. */
const SHAPE = 0.5

/** No genre is liked less: everybody hears everything once in a while. */
const LEAST = 0.02

/** How much more the youngest like a genre than people in their thirties do, and the oldest less; below 0 the reverse. */
const YOUTH: Readonly<Record<string, number>> = {
  'hip hop': 0.6,
  pop: 0.45,
  electronic: 0.45,
  house: 0.4,
  techno: 0.4,
  'indie rock': 0.2,
  metal: 0.1,
  rock: -0.35,
  soul: -0.3,
  folk: -0.35,
  blues: -0.5,
  country: -0.4,
  jazz: -0.5,
  classical: -0.55,
  gospel: -0.3,
}

/**
 * Relative liking of each of GENRES, mean 1 over listeners; multiplies interest. A liking depends on the genre's name and
 * not on its place, so a longer list changes none. Knob `taste` mixes it with indifference.
 */
export function tasteOf(world: World, index: number, age_years: number): Float64Array {
  const strength = world.knobs.taste
  // From 1 at 13 through 0 at 34 to −1 from 62 on.
  const youth = Math.max(-1, age_years < 34 ? (34 - age_years) / 21 : (34 - age_years) / 28)
  const taste = new Float64Array(GENRES.length)
  for (let genre = 0; genre < taste.length; genre++) {
    draws.moveTo(world.key, STREAM.taste, index, NAME_HASH[genre]!)
    const liking = (gamma(SHAPE, draws) / SHAPE) * (1 + youth * LEANING[genre]!)
    taste[genre] = Math.max(LEAST, 1 + strength * (liking - 1))
  }
  return taste
}

const draws = new AddressedDraws()

const LEANING = GENRES.map(({ term }) => (YOUTH[term] === undefined ? 0 : YOUTH[term]))

const NAME_HASH = GENRES.map(({ term }) => {
  let hash = 0x811c9dc5
  for (let i = 0; i < term.length; i++) hash = scramble(hash ^ term.charCodeAt(i))
  return hash
})
