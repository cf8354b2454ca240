/**
 * Draws songs exactly by interest × taste, on any day at once: P(song) ∝ interest(song, day) × taste[genre of the song].
 *
 * On a day, interest is a mixture: of each genre's groups of waves (`interest-index.ts`), whose masses are differences of
 * running sums, and of what shocks add to single songs. A pick takes a genre by taste and mass, a group by mass, a wave by
 * its weight, all with one number; a wave that still climbs is kept with the part of the climb that it has behind it, else
 * all is drawn again.
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import type { Draws } from '../../datasets/random.ts'
import { SHAPES } from './archetype.ts'
import { type InterestIndex, interestIndexOf, SECOND } from './interest-index.ts'
import { shockLevel } from './shock-level.ts'
import { levelOn } from './song-interest.ts'
import type { Songbook } from './songbook.ts'

/** The songs of a day. */
export interface DaySongs {
  /** By index in GENRES: all interest in the genre's songs, as if every begun wave had ended its climb. */
  readonly genreMass: Float64Array
  /**
   * A song by interest × taste, or −1 if nothing that is liked is released. Takes draws as needed, for a wave may be
   * refused: give each pick draws of its own, or draws that serve nothing but picks.
   * @param taste by index in GENRES, 0 or more
   */
  pick(draws: Draws, taste: Float64Array): number
}

/** Days kept of a songbook; each takes about 8 kB. */
const DAYS_MAX = 4_096
const daysOf = new WeakMap<Songbook, Map<number, DaySongs>>()

/** The songs of a day ({@link dayNumber}), before or after the world's first one. */
export function songsOf(book: Songbook, day: number): DaySongs {
  // A session asks for one day again and again.
  if (book === lastBook && day === lastDay) return lastSongs!
  lastSongs = keptSongsOf(book, day)
  lastBook = book
  lastDay = day
  return lastSongs
}

let lastBook: Songbook | undefined
let lastDay = 0
let lastSongs: DaySongs | undefined

function keptSongsOf(book: Songbook, day: number): DaySongs {
  let days = daysOf.get(book)
  if (days === undefined) {
    days = new Map()
    daysOf.set(book, days)
  }
  const known = days.get(day)
  if (known !== undefined) return known
  if (days.size >= DAYS_MAX) days.clear()
  const songs = new SongsOfDay(book, day)
  days.set(day, songs)
  return songs
}

const UNIT = 2 ** -32

class SongsOfDay implements DaySongs {
  readonly genreMass = new Float64Array(GENRES.length)
  private readonly book: Songbook
  private readonly index: InterestIndex
  /** Days from the index's origin. */
  private readonly today: number
  private readonly shocked: ShockedSongs
  /** First part of each genre, and the end of the last one. */
  private readonly genreStart = new Uint16Array(GENRES.length + 1)
  private readonly parts: Parts
  /** All interest that is liked, by the taste asked with last: a session asks with one. Tastes never change. */
  private lastTaste: Float64Array | undefined
  private lastTotal = 0

  constructor(book: Songbook, day: number) {
    this.book = book
    this.index = interestIndexOf(book)
    this.today = day - this.index.origin
    this.shocked = shockedSongs(book, day)
    draft.count = 0
    const season = book.curves.season(day)
    for (let genre = 0; genre < GENRES.length; genre++) {
      this.genreStart[genre] = draft.count
      let mass = addGroups(this.index, genre, this.today, season)
      mass = addShocked(this.shocked, genre, mass)
      this.genreMass[genre] = mass
    }
    this.genreStart[GENRES.length] = draft.count
    this.parts = copyOfDraft()
  }

  pick(draws: Draws, taste: Float64Array): number {
    const { genreMass } = this
    if (taste !== this.lastTaste) {
      this.lastTotal = 0
      for (let genre = 0; genre < genreMass.length; genre++) this.lastTotal += taste[genre]! * genreMass[genre]!
      this.lastTaste = taste
    }
    const total = this.lastTotal
    if (!(total > 0)) return -1
    while (true) {
      let left = draws.unit() * total
      let genre = -1
      let mass = 0
      // Ends at the last genre that is liked, which so takes what rounding leaves over.
      for (let at = 0; at < genreMass.length; at++) {
        const ofGenre = taste[at]! * genreMass[at]!
        if (ofGenre === 0) continue
        left -= mass
        genre = at
        mass = ofGenre
        if (left < mass) break
      }
      const song = this.songAt(genre, left / taste[genre]!, draws)
      if (song >= 0) return song
    }
  }

  /** The song at a place in its genre's mass, or −1 if its wave's climb refuses it. */
  private songAt(genre: number, place: number, draws: Draws): number {
    const { massEnd, scale, below, from, to } = this.parts
    const last = this.genreStart[genre + 1]! - 1
    let part = this.genreStart[genre]!
    const start = part
    while (part < last && place >= massEnd[part]!) part++
    const inPart = part === start ? place : place - massEnd[part - 1]!
    const isShocked = scale[part] === 0
    if (isShocked)
      return this.shocked.song[firstAbove(this.shocked.sum, from[part]!, to[part]!, below[part]! + inPart)]!
    const { wave, sum, onset } = this.index
    const at = firstAbove(sum, from[part]!, to[part]!, below[part]! + inPart / scale[part]!)
    const of = wave[at]!
    const song = of & ~SECOND
    const { book } = this
    const climb = book.curves.climb[CLIMB_OF[of >= SECOND ? book.secondWave[song]! : book.firstWave[song]!]!]!
    const age = this.today - onset[at]!
    return age >= climb.length || draws.u32() * UNIT < climb[age]! ? song : -1
  }
}

const CLIMB_OF = SHAPES.map(({ climb }) => climb)

/** The parts that a day's mass is made of: runs of entries of one group, or of the day's shocked songs. */
interface Parts {
  /** Mass of the genre's parts up to the end of this one. */
  readonly massEnd: Float64Array
  /** Mass of one unit of weight; 0: the part is of shocked songs. */
  readonly scale: Float64Array
  /** Running sum before the first entry. */
  readonly below: Float64Array
  readonly from: Uint32Array
  readonly to: Uint32Array
}

/** Parts in the making: more room than any day needs (components and, of each, two blocks; and the shocked). */
const PARTS_MAX = GENRES.length * 24
const draft = {
  count: 0,
  massEnd: new Float64Array(PARTS_MAX),
  scale: new Float64Array(PARTS_MAX),
  below: new Float64Array(PARTS_MAX),
  from: new Uint32Array(PARTS_MAX),
  to: new Uint32Array(PARTS_MAX),
}

function copyOfDraft(): Parts {
  const { count, massEnd, scale, below, from, to } = draft
  return {
    massEnd: massEnd.slice(0, count),
    scale: scale.slice(0, count),
    below: below.slice(0, count),
    from: from.slice(0, count),
    to: to.slice(0, count),
  }
}

/** @returns the mass before, plus the part's */
function addPart(mass: number, partMass: number, scale: number, below: number, from: number, to: number): number {
  if (!(partMass > 0)) return mass
  const at = draft.count++
  draft.massEnd[at] = mass + partMass
  draft.scale[at] = scale
  draft.below[at] = below
  draft.from[at] = from
  draft.to[at] = to
  return mass + partMass
}

function addGroups(index: InterestIndex, genre: number, today: number, season: number): number {
  const { components, groupStart, onset } = index
  let mass = 0
  for (let component = 0; component < components.length; component++) {
    const group = genre * components.length + component
    const start = groupStart[group]!
    const { fading, block_days, isSeasonal } = components[component]!
    const end = firstFrom(onset, start, groupStart[group + 1]!, today + 1)
    if (end === start) continue
    const oldest = Math.max(0, today - fading.window_days + 1)
    const block = Math.floor(today / block_days) * block_days
    const factor = isSeasonal ? season : 1
    // The block that today is in, and the one before as far as the window reaches into it.
    const middle = firstFrom(onset, start, end, block)
    mass = addRun(mass, index, middle, end, oldest, block, factor * fading.left(today - block))
    if (oldest < block && middle > start) {
      const before = block - block_days
      const first = firstFrom(onset, start, middle, before)
      mass = addRun(mass, index, first, middle, oldest, before, factor * fading.left(today - before))
    }
  }
  return mass
}

/** Adds a block's entries from `first` to `end` whose onset is `oldest` or later. @param begins the block's first day */
function addRun(
  mass: number,
  { onset, sum }: InterestIndex,
  first: number,
  end: number,
  oldest: number,
  begins: number,
  scale: number,
): number {
  const from = oldest <= begins ? first : firstFrom(onset, first, end, oldest)
  if (from >= end) return mass
  const below = from > first ? sum[from - 1]! : 0
  return addPart(mass, scale * (sum[end - 1]! - below), scale, below, from, end)
}

/** The first entry from `start` on, before `end`, whose onset is `day` or later; else `end`. */
function firstFrom(onset: Uint16Array, start: number, end: number, day: number): number {
  if (start === end || onset[start]! >= day) return start
  if (onset[end - 1]! < day) return end
  let low = start + 1
  let high = end - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (onset[middle]! >= day) high = middle
    else low = middle + 1
  }
  return low
}

/** The first entry whose running sum is above `target`; the last one where rounding left none. */
function firstAbove(sum: Float64Array, start: number, end: number, target: number): number {
  let low = start
  let high = end - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sum[middle]! > target) high = middle
    else low = middle + 1
  }
  return low
}

/** What a day's shocks add, genre by genre. */
interface ShockedSongs {
  /** First place of each genre, and the end of the last one. */
  readonly genreStart: Uint32Array
  readonly song: Uint32Array
  /** Running sum over all places of the interest added. */
  readonly sum: Float64Array
}

const NOBODY: ShockedSongs = {
  genreStart: new Uint32Array(GENRES.length + 1),
  song: new Uint32Array(0),
  sum: new Float64Array(0),
}

function shockedSongs(book: Songbook, day: number): ShockedSongs {
  const active = book.shocks.filter((shock) => shockLevel(shock, day) > 0)
  if (active.length === 0) return NOBODY
  const genreStart = new Uint32Array(GENRES.length + 1)
  const song: number[] = []
  const sum: number[] = []
  let total = 0
  for (let genre = 0; genre < GENRES.length; genre++) {
    for (const shock of active) {
      if (book.genre[shock.first] !== genre) continue
      const added = shockLevel(shock, day)
      for (let of = shock.first; of < shock.first + shock.count; of++) {
        total += added * book.base[of]! * levelOn(book, of, day)
        song.push(of)
        sum.push(total)
      }
    }
    genreStart[genre + 1] = song.length
  }
  return { genreStart, song: Uint32Array.from(song), sum: Float64Array.from(sum) }
}

function addShocked({ genreStart, sum }: ShockedSongs, genre: number, mass: number): number {
  const from = genreStart[genre]!
  const to = genreStart[genre + 1]!
  if (from === to) return mass
  const below = from === 0 ? 0 : sum[from - 1]!
  return addPart(mass, sum[to - 1]! - below, 0, below, from, to)
}
