/** The genres of the catalogue: how often each is met and how its songs tend to sound. */

export interface Genre {
  term: string
  /** Artists of a thousand that play it first. */
  perMille: number
  /** Middle of its songs' tempo, beats per minute. */
  tempo: number
  /** Middle of its songs' energy, 0..1. */
  energy: number
  /** How old its albums are, 1 in the middle: rock's time was long ago, latin, country and world are new. */
  age: number
}

/** Neighbours sound alike, and the last is a neighbour of the first: an artist's further terms are near its genre. */
export const GENRES: readonly Genre[] = [
  { term: 'rock', perMille: 130, tempo: 124, energy: 0.72, age: 1.7 },
  { term: 'indie rock', perMille: 75, tempo: 122, energy: 0.66, age: 1.0 },
  { term: 'punk', perMille: 40, tempo: 158, energy: 0.88, age: 1.2 },
  { term: 'metal', perMille: 60, tempo: 132, energy: 0.91, age: 1.2 },
  { term: 'industrial', perMille: 12, tempo: 126, energy: 0.84, age: 1.0 },
  { term: 'techno', perMille: 25, tempo: 131, energy: 0.82, age: 0.9 },
  { term: 'house', perMille: 40, tempo: 125, energy: 0.78, age: 0.8 },
  { term: 'electronic', perMille: 75, tempo: 119, energy: 0.67, age: 0.8 },
  { term: 'ambient', perMille: 25, tempo: 88, energy: 0.21, age: 0.9 },
  { term: 'new age', perMille: 10, tempo: 84, energy: 0.18, age: 1.2 },
  { term: 'classical', perMille: 30, tempo: 92, energy: 0.22, age: 1.3 },
  { term: 'soundtrack', perMille: 18, tempo: 96, energy: 0.33, age: 1.0 },
  { term: 'jazz', perMille: 55, tempo: 112, energy: 0.38, age: 1.5 },
  { term: 'blues', perMille: 35, tempo: 108, energy: 0.47, age: 1.6 },
  { term: 'soul', perMille: 40, tempo: 104, energy: 0.52, age: 1.2 },
  { term: 'funk', perMille: 25, tempo: 109, energy: 0.7, age: 1.2 },
  { term: 'hip hop', perMille: 75, tempo: 94, energy: 0.68, age: 0.75 },
  { term: 'reggae', perMille: 25, tempo: 86, energy: 0.56, age: 1.1 },
  { term: 'latin', perMille: 35, tempo: 106, energy: 0.69, age: 0.55 },
  { term: 'world', perMille: 20, tempo: 104, energy: 0.5, age: 0.55 },
  { term: 'gospel', perMille: 15, tempo: 98, energy: 0.5, age: 0.9 },
  { term: 'country', perMille: 45, tempo: 118, energy: 0.58, age: 0.55 },
  { term: 'folk', perMille: 40, tempo: 110, energy: 0.36, age: 1.1 },
  { term: 'pop', perMille: 50, tempo: 117, energy: 0.65, age: 0.8 },
]

/** The genre of one draw in a thousand: an index in {@link GENRES}. */
export function genreIndexAt(perMille: number): number {
  return GENRE_OF_THOUSAND[perMille]!
}

const GENRE_OF_THOUSAND: readonly number[] = GENRES.flatMap(({ perMille }, index) => new Array(perMille).fill(index))
