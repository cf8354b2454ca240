/**
 * All waves of a songbook in an order in which songs can be drawn by their interest on any day, without looking at each.
 *
 * A wave's level is a sum of exponentials with times from short lists (`archetype.ts`), so waves are put into groups of
 * one genre and one time. In a group the ratios of interests never change: with weights w = base · height · e^(onset/time)
 * the waves begun by day d have e^(−d/time) · Σ w, a difference of two static running sums. To keep the exponentials
 * within numbers, time is cut into blocks of 64 times each, from whose starts onsets are counted; a window of 16 times
 * then lies in at most two of them.
 *
 * Climbs are left out of the weights (drawing rejects for them), and so are shocks.
 */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { NO_WAVE, SHAPES } from './archetype.ts'
import type { Fading } from './fading.ts'
import { perObject } from './per-object.ts'
import type { Songbook } from './songbook.ts'

export interface InterestIndex {
  /** {@link dayNumber} that onsets count from. */
  readonly origin: number
  readonly components: readonly Component[]
  /** First entry of group genre · components + component, and the end of the last one. */
  readonly groupStart: Uint32Array
  /** By entry, in order of onset within a group: which song, plus {@link SECOND} for its second wave. */
  readonly wave: Uint32Array
  /** By entry: days from the origin to the wave's begin. */
  readonly onset: Uint16Array
  /** By entry: sum of weights from the first entry of the same group and block up to this one. */
  readonly sum: Float64Array
}

/** Waves that fade with one time. */
export interface Component {
  readonly fading: Fading
  readonly block_days: number
  readonly isSeasonal: boolean
}

/** Marks a song's second wave. */
export const SECOND = 0x80000000

/** Made once for each songbook. */
export const interestIndexOf: (book: Songbook) => InterestIndex = perObject(createIndex)

function createIndex(book: Songbook): InterestIndex {
  const { curves, songCount, genre, firstWave, secondWave, base } = book
  const components = [
    ...curves.talk.map((fading) => componentOf(fading, false)),
    ...curves.memory.map((fading) => componentOf(fading, false)),
    ...curves.memory.map((fading) => componentOf(fading, true)),
  ]
  const { origin, order, onsets } = wavesByOnset(book)
  // A wave has an entry for its talk and one for its memory, where it has them.
  const talkOf = SHAPES.map(({ talk }, shape) => (curves.talkHeight[shape]! > 0 ? talk : -1))
  const memoryOf = SHAPES.map(({ archetype, memory }, shape) =>
    curves.memoryHeight[shape]! > 0
      ? curves.talk.length + memory + (archetype === 'seasonal' ? curves.memory.length : 0)
      : -1,
  )
  const next = new Uint32Array(GENRES.length * components.length + 1)
  const count = (song: number, shape: number): void => {
    const group = genre[song]! * components.length
    if (talkOf[shape]! >= 0) next[group + talkOf[shape]! + 1]!++
    if (memoryOf[shape]! >= 0) next[group + memoryOf[shape]! + 1]!++
  }
  for (let song = 0; song < songCount; song++) {
    count(song, firstWave[song]!)
    if (secondWave[song] !== NO_WAVE) count(song, secondWave[song]!)
  }
  for (let group = 1; group < next.length; group++) next[group]! += next[group - 1]!
  const groupStart = next.slice()
  const entries = next[next.length - 1]!
  const wave = new Uint32Array(entries)
  const onset = new Uint16Array(entries)
  const sum = new Float64Array(entries)
  const add = (of: number, begin: number, group: number, component: number, height: number): void => {
    const { fading, block_days } = components[component]!
    const at = next[group + component]!
    next[group + component] = at + 1
    wave[at] = of
    onset[at] = begin
    const block = Math.floor(begin / block_days)
    const weight = height / fading.left(begin - block * block_days)
    const isSameBlock = at > groupStart[group + component]! && Math.floor(onset[at - 1]! / block_days) === block
    sum[at] = isSameBlock ? sum[at - 1]! + weight : weight
  }
  for (let place = 0; place < order.length; place++) {
    const of = order[place]!
    const song = of & ~SECOND
    const shape = of >= SECOND ? secondWave[song]! : firstWave[song]!
    const group = genre[song]! * components.length
    const [talk, memory] = [talkOf[shape]!, memoryOf[shape]!]
    if (talk >= 0) add(of, onsets[place]!, group, talk, base[song]! * curves.talkHeight[shape]!)
    if (memory >= 0) add(of, onsets[place]!, group, memory, base[song]! * curves.memoryHeight[shape]!)
  }
  return { origin, components, groupStart, wave, onset, sum }
}

/** Longer than any history. */
const NO_BLOCKS_DAYS = 0x3fffffff

function componentOf(fading: Fading, isSeasonal: boolean): Component {
  const block_days = Math.max(fading.window_days, Math.min(NO_BLOCKS_DAYS, Math.floor(64 * fading.time_days)))
  return { fading, block_days: Math.min(NO_BLOCKS_DAYS, block_days), isSeasonal }
}

/** All waves by onset, by a counting sort over days. */
function wavesByOnset(book: Songbook): { origin: number; order: Uint32Array; onsets: Uint16Array } {
  const { songCount, release, secondWave, secondGap_days } = book
  let origin = release[0]!
  let waveCount = songCount
  for (let song = 0; song < songCount; song++) {
    if (release[song]! < origin) origin = release[song]!
    if (secondWave[song] !== NO_WAVE) waveCount++
  }
  const next = new Uint32Array(0x10001)
  for (let song = 0; song < songCount; song++) {
    const begin = release[song]! - origin
    next[begin + 1]!++
    if (secondWave[song] !== NO_WAVE) next[begin + secondGap_days[song]! + 1]!++
  }
  for (let day = 1; day < next.length; day++) next[day]! += next[day - 1]!
  const order = new Uint32Array(waveCount)
  const onsets = new Uint16Array(waveCount)
  const put = (of: number, begin: number): void => {
    const place = next[begin]!++
    order[place] = of
    onsets[place] = begin
  }
  for (let song = 0; song < songCount; song++) {
    const begin = release[song]! - origin
    put(song, begin)
    if (secondWave[song] !== NO_WAVE) put(song + SECOND, begin + secondGap_days[song]!)
  }
  return { origin, order, onsets }
}
