/**
 * How much each genre is listened to, and how unequal its artists are.
 *
 * Appeal: share of plays over share of artists, so that US streams of 2024 come out (Luminate: R&B and hip hop, then rock,
 * then pop, then country and latin). Spread: audiences of hip hop and electronic music gather on few artists, those of
 * classical music and jazz on many (Louail and Barthelemy 2017).
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'

export interface GenreAppeal {
  readonly appeal: number
  /** Relative to the mean spread of popularity. */
  readonly spread: number
}

const APPEAL: Readonly<Record<string, readonly [appeal: number, spread: number]>> = {
  rock: [0.8, 1],
  'indie rock': [0.65, 1],
  punk: [0.45, 0.95],
  metal: [0.5, 0.95],
  industrial: [0.3, 1],
  techno: [0.4, 1.1],
  house: [0.55, 1.1],
  electronic: [0.55, 1.1],
  ambient: [0.4, 0.95],
  'new age': [0.3, 0.95],
  classical: [0.35, 0.8],
  soundtrack: [0.6, 1],
  jazz: [0.25, 0.8],
  blues: [0.3, 0.9],
  soul: [1.8, 1],
  funk: [0.9, 1],
  'hip hop': [2.5, 1.15],
  reggae: [0.5, 1],
  latin: [2.3, 1],
  world: [1, 1],
  gospel: [0.9, 0.95],
  country: [1.9, 1],
  folk: [0.6, 0.95],
  pop: [3.4, 1.05],
}

/** By index in GENRES. */
export const GENRE_APPEAL: readonly GenreAppeal[] = GENRES.map(({ term }) => {
  const [appeal, spread] = APPEAL[term]!
  return { appeal, spread }
})
