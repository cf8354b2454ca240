/**
 * The generated catalogue: songs, albums and artists in the shape of the Million Song Dataset, with invented names only.
 *
 * Nothing is stored. A song is a function of (seed, index), an artist of (seed, index), each concern on a stream of its
 * own; so one song costs the same in a catalogue of ten as in one of a million, and a longer catalogue begins with the
 * shorter one. Only the last artist may have fewer songs in the shorter: those that there is room for.
 *
 * k6's engine runs this file too: nothing here or in what it imports needs a package, Node, a clock or a locale, and
 * numbers are made by + − × ÷ and 32-bit integers alone, so that every engine agrees to the last bit.
 */
import { type AlbumCut, albumsOf, type Release } from './catalogue-album.ts'
import { GENRES, type Genre, genreIndexAt } from './catalogue-genre.ts'
import { idAt } from './catalogue-id.ts'
import { artistOfSong, songsOfArtist } from './catalogue-layout.ts'
import { MusicboxError } from './failure.ts'
import type { Artist, Song } from './music.ts'
import { AddressedDraws, type Draws, drawsAt, type Key } from './random.ts'
import { artistName, songTitle, title } from './words-grammar.ts'
import { placeOf, ZIP_AREAS, zipAreaAt } from './zip.ts'

export interface CatalogueSpec {
  seed: Key
  /** A whole number from 0 to 10,000,000. */
  songCount: number
  /** Year of the newest albums, 2025 unless given: years are counted back from it. */
  lastYear?: number
}

/** One concern, one stream: a new concern moves no draw of another. `catalogue-layout.ts` has 0x4001, `catalogue-album.ts` 0x4008. */
const STREAM = {
  genre: 0x4002,
  name: 0x4003,
  terms: 0x4004,
  place: 0x4005,
  fame: 0x4006,
  similar: 0x4007,
  albumTitle: 0x4009,
  songTitle: 0x400a,
  sound: 0x400b,
} as const

/** A simulated history may begin with 2026. */
const LAST_YEAR = 2025
const SONG_COUNT_MAX = 10_000_000
const SIMILAR_MAX = 10
/** How many artists are looked at in search of similar ones. */
const SIMILAR_TRIES = 60

/** The track id of a song (TR + 5 letters + 11 hex digits), without making the song. @throws RangeError */
export function songIdAt(spec: CatalogueSpec, index: number): string {
  checkIndex('song', index, spec.songCount)
  return idAt(spec.seed, 'TR', index)
}

/** @throws RangeError if `index` is not from 0 to `songCount` − 1 */
export function songAt(spec: CatalogueSpec, index: number): Song {
  checkIndex('song', index, spec.songCount)
  const author = authorAt(spec.seed, artistOfSong(spec.seed, index))
  const cut = cutsOf(author, spec).find(({ end }) => index < end)!
  return songOf(author, albumOf(author, cut), index)
}

/**
 * When a song came out: the truth, also where the catalogue's own `year` is 0 for unknown. An album's songs come together.
 * @throws RangeError
 */
export function releaseOf(spec: CatalogueSpec, songIndex: number): Release {
  checkIndex('song', songIndex, spec.songCount)
  const index = artistOfSong(spec.seed, songIndex)
  const author = { seed: spec.seed, index, genre: GENRES[genreIndexOf(spec.seed, index)]! }
  return cutsOf({ ...author, ...songsOfArtist(spec.seed, index) }, spec).find(({ end }) => songIndex < end)!.release
}

/** Which artist a song is by. @throws RangeError */
export function artistIndexOf(spec: CatalogueSpec, songIndex: number): number {
  checkIndex('song', songIndex, spec.songCount)
  return artistOfSong(spec.seed, songIndex)
}

/** How many artists the songs are by. @throws MusicboxError `input.invalid` if `songCount` cannot be */
export function artistCount(spec: CatalogueSpec): number {
  if (!Number.isInteger(spec.songCount) || spec.songCount < 0 || spec.songCount > SONG_COUNT_MAX) {
    throw new MusicboxError(
      'input.invalid',
      `expected the number of songs to be a whole number from 0 to ${SONG_COUNT_MAX}, got ${spec.songCount}`,
    )
  }
  return spec.songCount === 0 ? 0 : artistOfSong(spec.seed, spec.songCount - 1) + 1
}

/** @throws RangeError if `artistIndex` is not from 0 to `artistCount` − 1 */
export function artistAt(spec: CatalogueSpec, artistIndex: number): Artist {
  checkIndex('artist', artistIndex, artistCount(spec))
  return artistOf(spec.seed, artistIndex)
}

/** @throws RangeError */
export function artistIdAt(spec: CatalogueSpec, artistIndex: number): string {
  checkIndex('artist', artistIndex, artistCount(spec))
  return idAt(spec.seed, 'AR', artistIndex)
}

/** An artist's songs, which follow one another: index of the first, and how many. @throws RangeError */
export function artistSongs(spec: CatalogueSpec, artistIndex: number): { first: number; count: number } {
  checkIndex('artist', artistIndex, artistCount(spec))
  const { first, count } = songsOfArtist(spec.seed, artistIndex)
  return { first, count: Math.min(count, spec.songCount - first) }
}

/** An artist's strongest term. @throws RangeError */
export function genreOf(spec: CatalogueSpec, artistIndex: number): string {
  checkIndex('artist', artistIndex, artistCount(spec))
  return GENRES[genreIndexOf(spec.seed, artistIndex)]!.term
}

/** Every song, by index: faster than one by one, for each artist and album is made once. */
export function* songs(spec: CatalogueSpec): Generator<Song> {
  const artistTotal = artistCount(spec)
  for (let artist = 0; artist < artistTotal; artist++) {
    const author = authorAt(spec.seed, artist)
    for (const cut of cutsOf(author, spec)) {
      const album = albumOf(author, cut)
      const end = Math.min(cut.end, spec.songCount)
      for (let index = cut.first; index < end; index++) yield songOf(author, album, index)
    }
  }
}

/** What a simulator needs of all songs at once, without their names: a place a song, and a place an artist. */
export interface CatalogueColumns {
  /** Of each artist: index in GENRES, and index of the first song; the artists' songs follow one another. */
  readonly artistGenre: Uint8Array
  readonly artistFirst: Uint32Array
  /** {@link releaseOf} */
  readonly year: Uint16Array
  readonly dayOfYear: Uint16Array
  readonly duration_ms: Int32Array
  /** Of 255. */
  readonly energy: Uint8Array
}

/** Every song in columns: a fraction of a microsecond each, for nothing becomes an object or a text. */
export function columnsOf(spec: CatalogueSpec): CatalogueColumns {
  const { seed, songCount } = spec
  const artistTotal = artistCount(spec)
  const columns = {
    artistGenre: new Uint8Array(artistTotal),
    artistFirst: new Uint32Array(artistTotal),
    year: new Uint16Array(songCount),
    dayOfYear: new Uint16Array(songCount),
    duration_ms: new Int32Array(songCount),
    energy: new Uint8Array(songCount),
  }
  const draws = new AddressedDraws()
  for (let index = 0; index < artistTotal; index++) {
    const genreIndex = genreIndexOf(seed, index)
    const genre = GENRES[genreIndex]!
    const { first, count } = songsOfArtist(seed, index)
    columns.artistGenre[index] = genreIndex
    columns.artistFirst[index] = first
    for (const cut of cutsOf({ seed, index, genre, first, count }, spec)) {
      const end = Math.min(cut.end, songCount)
      for (let song = cut.first; song < end; song++) {
        columns.year[song] = cut.release.year
        columns.dayOfYear[song] = cut.release.dayOfYear
        draws.moveTo(seed, STREAM.sound, song)
        const sound = soundOf(genre, draws)
        columns.duration_ms[song] = sound.duration_ms
        columns.energy[song] = Math.round(255 * sound.energy)
      }
    }
  }
  return columns
}

/** Every artist, by index. */
export function* artists(spec: CatalogueSpec): Generator<Artist> {
  const artistTotal = artistCount(spec)
  for (let index = 0; index < artistTotal; index++) yield artistOf(spec.seed, index)
}

/** What an artist's songs have in common. */
interface Author {
  seed: Key
  index: number
  artist_id: string
  artist_name: string
  genre: Genre
  hotttnesss: number
  /** Index of the first song, and how many there are in a catalogue without end. */
  first: number
  count: number
}

function authorAt(seed: Key, index: number): Author {
  return {
    seed,
    index,
    artist_id: idAt(seed, 'AR', index),
    artist_name: artistNameOf(seed, index),
    genre: GENRES[genreIndexOf(seed, index)]!,
    hotttnesss: fameOf(seed, index).hotttnesss,
    ...songsOfArtist(seed, index),
  }
}

function cutsOf(author: Pick<Author, 'seed' | 'index' | 'genre' | 'first' | 'count'>, spec: CatalogueSpec): AlbumCut[] {
  return albumsOf(
    author.seed,
    author.index,
    author,
    author.genre.age,
    spec.lastYear === undefined ? LAST_YEAR : spec.lastYear,
  )
}

interface Album {
  album_id: string
  /** The album's title. */
  release: string
  year: number
}

/** An album's number in the catalogue is that of its first song. */
function albumOf(author: Author, cut: AlbumCut): Album {
  const year = cut.isDated ? cut.release.year : 0
  return { album_id: idAt(author.seed, 'AL', cut.first), release: albumTitle(author, cut), year }
}

/** A single is named after its song, some first albums after the artist, some albums after one of their songs. */
function albumTitle({ seed, artist_name, first: artistFirst }: Author, { first, end }: AlbumCut): string {
  if (end - first <= 2) return songTitleOf(seed, first)
  const draws = drawsAt(seed, STREAM.albumTitle, first)
  const kind = draws.below(100)
  if (first === artistFirst && kind < 15) return artist_name
  return kind < 40 ? songTitleOf(seed, first + draws.below(end - first)) : title(draws)
}

function songOf({ seed, artist_id, artist_name, genre, hotttnesss }: Author, album: Album, index: number): Song {
  const draws = drawsAt(seed, STREAM.sound, index)
  const { duration_ms, energy } = soundOf(genre, draws)
  return {
    track_id: idAt(seed, 'TR', index),
    song_id: idAt(seed, 'SO', index),
    title: songTitleOf(seed, index),
    artist_id,
    artist_name,
    album_id: album.album_id,
    release: album.release,
    genre: genre.term,
    year: album.year,
    duration_ms,
    tempo: rounded(genre.tempo * (0.7 + 0.6 * bell(draws)), 1000),
    key: draws.below(12),
    energy,
    song_hotttnesss: songHotttnesss(hotttnesss, draws),
  }
}

/** What is heard, drawn before all else of a song. */
function soundOf(genre: Genre, draws: Draws): { duration_ms: number; energy: number } {
  return {
    duration_ms: durationOf_ms(draws),
    energy: rounded(unitInterval(genre.energy + 0.7 * (bell(draws) - 0.5)), 10_000),
  }
}

function songHotttnesss(artistHotttnesss: number, draws: Draws): number {
  const share = draws.unit()
  return rounded(unitInterval(0.6 * artistHotttnesss + 0.5 * share * share), 10_000)
}

/** Most songs last 2 to 6 minutes; one in twelve is an interlude, one in twelve is long. The mean is near 230 s. */
function durationOf_ms(draws: Draws): number {
  const kind = draws.below(12)
  if (kind === 0) return 30_000 + Math.floor(90_000 * draws.unit())
  if (kind === 1) return 330_000 + Math.floor(400_000 * draws.unit() * draws.unit())
  return 110_000 + Math.floor(230_000 * bell(draws))
}

function artistOf(seed: Key, index: number): Artist {
  const terms = termsOf(seed, index)
  const area = zipAreaAt(drawsAt(seed, STREAM.place, index))
  const { latitude, longitude } = ZIP_AREAS[area]!
  return {
    artist_id: idAt(seed, 'AR', index),
    artist_name: artistNameOf(seed, index),
    ...fameOf(seed, index),
    latitude,
    longitude,
    location: placeOf(area),
    terms: terms.map(({ genre, weight }) => ({ term: GENRES[genre]!.term, weight })),
    similar: similarTo(seed, index, terms).map((artist) => idAt(seed, 'AR', artist)),
  }
}

function genreIndexOf(seed: Key, artist: number): number {
  return genreIndexAt(drawsAt(seed, STREAM.genre, artist).below(1000))
}

function artistNameOf(seed: Key, artist: number): string {
  return artistName(drawsAt(seed, STREAM.name, artist))
}

function songTitleOf(seed: Key, index: number): string {
  return songTitle(drawsAt(seed, STREAM.songTitle, index))
}

interface Fame {
  familiarity: number
  hotttnesss: number
}

/** Familiarity is what listeners know, hotttnesss what they talk about now; the two go together, but not all the way. */
function fameOf(seed: Key, artist: number): Fame {
  const draws = drawsAt(seed, STREAM.fame, artist)
  const fame = bell(draws)
  return {
    familiarity: rounded(unitInterval(0.05 + fame), 10_000),
    hotttnesss: rounded(unitInterval(0.75 * fame + 0.3 * (bell(draws) - 0.5)), 10_000),
  }
}

interface Term {
  /** Index in GENRES. */
  genre: number
  weight: number
}

/** The genre, with weight 1, and one to four of its neighbours with less: strongest first. */
function termsOf(seed: Key, artist: number): Term[] {
  const genre = genreIndexOf(seed, artist)
  const draws = drawsAt(seed, STREAM.terms, artist)
  const terms: Term[] = [{ genre, weight: 1 }]
  let weight = 1
  for (let left = 1 + draws.below(4); left > 0; left--) {
    const steps = 1 + draws.below(3)
    const near = (genre + (draws.below(2) === 0 ? steps : GENRES.length - steps)) % GENRES.length
    weight *= 0.5 + 0.45 * draws.unit()
    if (!terms.some((term) => term.genre === near)) terms.push({ genre: near, weight: rounded(weight, 10_000) })
  }
  return terms
}

/**
 * Artists whose genre is among these terms, the strongest term first. All come earlier in the catalogue: one that came
 * later would be missing from a shorter catalogue. So the first artists have few, as the MSD's unknown ones have.
 */
function similarTo(seed: Key, artist: number, terms: readonly Term[]): number[] {
  if (artist === 0) return []
  const draws = drawsAt(seed, STREAM.similar, artist)
  const found: { artist: number; weight: number }[] = []
  for (let tries = 0; tries < SIMILAR_TRIES && found.length < SIMILAR_MAX; tries++) {
    const other = draws.below(artist)
    const genre = genreIndexOf(seed, other)
    const shared = terms.find((term) => term.genre === genre)
    if (shared && !found.some((known) => known.artist === other)) found.push({ artist: other, weight: shared.weight })
  }
  return found.sort((a, b) => b.weight - a.weight).map((known) => known.artist)
}

/** A draw in 0..1 that is likeliest in the middle: the mean of three, standard deviation 1/6. */
function bell(draws: Draws): number {
  return (draws.unit() + draws.unit() + draws.unit()) / 3
}

function unitInterval(number: number): number {
  return Math.max(0, Math.min(1, number))
}

/** To one part in `parts`, so that the text of a number is short and the same everywhere. */
function rounded(number: number, parts: number): number {
  return Math.round(number * parts) / parts
}

function checkIndex(what: string, index: number, count: number): void {
  if (!(index >= 0 && index < count && Number.isInteger(index))) {
    throw new RangeError(`expected ${what} index to be a whole number from 0 to ${count - 1}, got ${index}`)
  }
}
