/**
 * How much each genre is listened to, and how unequal its artists are.
 *
 * Appeal: share of interest over share of artists, so that US streams of 2024 come out (Luminate: R&B and hip hop, then rock,
 * then pop, then country and latin). Spread: audiences of hip hop and electronic music gather on few artists, those of
 * classical music and jazz on many (Louail and Barthelemy 2017). Recent: rock's listeners hear the oldest songs, those of
 * latin, country and world music the newest (about 30 % of their streams are current, Luminate).
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'

export interface GenreAppeal {
  /** Share of all standing interest. */
  readonly share: number
  /** Relative to the mean spread of popularity. */
  readonly spread: number
  /** Share of the genre's standing interest that songs of the catalogue's last three years have. */
  readonly recent: number
}

const APPEAL: Readonly<Record<string, readonly [appeal: number, spread: number]>> = {
  rock: [1.1, 1],
  'indie rock': [0.8, 1],
  punk: [0.6, 0.95],
  metal: [0.65, 0.95],
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
  pop: [3.2, 1.05],
}

/** Where it is not a good fifth. */
const RECENT: Readonly<Record<string, number>> = {
  rock: 0.1,
  'indie rock': 0.19,
  jazz: 0.15,
  blues: 0.12,
  soul: 0.2,
  'hip hop': 0.21,
  pop: 0.21,
  latin: 0.46,
  country: 0.46,
  world: 0.48,
}

const APPEAL_SUM = GENRES.reduce((sum, { term, perMille }) => sum + perMille * APPEAL[term]![0], 0)

/** By index in GENRES. */
export const GENRE_APPEAL: readonly GenreAppeal[] = GENRES.map(({ term, perMille }) => {
  const [appeal, spread] = APPEAL[term]!
  return { share: (perMille * appeal) / APPEAL_SUM, spread, recent: RECENT[term] === undefined ? 0.22 : RECENT[term] }
})
