/** The genres of the catalogue: how often each is met and how its songs tend to sound. */

export interface Genre {
  term: string
  /** Artists of a thousand that play it first. */
  perMille: number
  /** Middle of its songs' tempo, beats per minute. */
  tempo: number
  /** Middle of its songs' energy, 0..1. */
  energy: number
}

/** Neighbours sound alike, and the last is a neighbour of the first: an artist's further terms are near its genre. */
export const GENRES: readonly Genre[] = [
  { term: 'rock', perMille: 130, tempo: 124, energy: 0.72 },
  { term: 'indie rock', perMille: 75, tempo: 122, energy: 0.66 },
  { term: 'punk', perMille: 40, tempo: 158, energy: 0.88 },
  { term: 'metal', perMille: 60, tempo: 132, energy: 0.91 },
  { term: 'industrial', perMille: 12, tempo: 126, energy: 0.84 },
  { term: 'techno', perMille: 25, tempo: 131, energy: 0.82 },
  { term: 'house', perMille: 40, tempo: 125, energy: 0.78 },
  { term: 'electronic', perMille: 75, tempo: 119, energy: 0.67 },
  { term: 'ambient', perMille: 25, tempo: 88, energy: 0.21 },
  { term: 'new age', perMille: 10, tempo: 84, energy: 0.18 },
  { term: 'classical', perMille: 30, tempo: 92, energy: 0.22 },
  { term: 'soundtrack', perMille: 18, tempo: 96, energy: 0.33 },
  { term: 'jazz', perMille: 55, tempo: 112, energy: 0.38 },
  { term: 'blues', perMille: 35, tempo: 108, energy: 0.47 },
  { term: 'soul', perMille: 40, tempo: 104, energy: 0.52 },
  { term: 'funk', perMille: 25, tempo: 109, energy: 0.7 },
  { term: 'hip hop', perMille: 75, tempo: 94, energy: 0.68 },
  { term: 'reggae', perMille: 25, tempo: 86, energy: 0.56 },
  { term: 'latin', perMille: 35, tempo: 106, energy: 0.69 },
  { term: 'world', perMille: 20, tempo: 104, energy: 0.5 },
  { term: 'gospel', perMille: 15, tempo: 98, energy: 0.5 },
  { term: 'country', perMille: 45, tempo: 118, energy: 0.58 },
  { term: 'folk', perMille: 40, tempo: 110, energy: 0.36 },
  { term: 'pop', perMille: 50, tempo: 117, energy: 0.65 },
]

/** The genre of one draw in a thousand: an index in {@link GENRES}. */
export function genreIndexAt(perMille: number): number {
  return GENRE_OF_THOUSAND[perMille]!
}

const GENRE_OF_THOUSAND: readonly number[] = GENRES.flatMap(({ perMille }, index) => new Array(perMille).fill(index))
