/**
 * Clusters of points by Lloyd's k-means, the best of several starts by k-means++ (Arthur and Vassilvitskii 2007).
 * Deterministic: the starts are drawn from a fixed key.
 * @returns cluster of each point, and the centres
 */
import { type Draws, sfc32 } from '../../../datasets/random.ts'

export interface Clusters {
  of: Uint8Array
  centres: readonly Float64Array[]
  /** Summed squares of distances to the centres. */
  spread: number
}

export function kMeans(points: readonly Float64Array[], k: number, starts = 8): Clusters {
  const draws = sfc32([0x6b6d, 0x6561, 0x6e73, 1])
  let best: Clusters | undefined
  for (let start = 0; start < starts; start++) {
    const found = lloyd(points, seeds(points, k, draws))
    if (best === undefined || found.spread < best.spread) best = found
  }
  return best!
}

function seeds(points: readonly Float64Array[], k: number, draws: Draws): Float64Array[] {
  const centres = [points[draws.below(points.length)]!.slice()]
  const nearest = points.map((point) => squared(point, centres[0]!))
  while (centres.length < k) {
    let target = draws.unit() * nearest.reduce((sum, each) => sum + each, 0)
    let at = 0
    while (at < points.length - 1 && target >= nearest[at]!) target -= nearest[at++]!
    const centre = points[at]!.slice()
    centres.push(centre)
    for (let i = 0; i < points.length; i++) nearest[i] = Math.min(nearest[i]!, squared(points[i]!, centre))
  }
  return centres
}

function lloyd(points: readonly Float64Array[], centres: Float64Array[]): Clusters {
  const of = new Uint8Array(points.length)
  let spread = 0
  for (let round = 0; round < 40; round++) {
    let moved = 0
    spread = 0
    const sizes = new Uint32Array(centres.length)
    const sums = centres.map((centre) => new Float64Array(centre.length))
    for (let i = 0; i < points.length; i++) {
      const point = points[i]!
      let [near, least] = [0, Number.POSITIVE_INFINITY]
      for (let c = 0; c < centres.length; c++) {
        const distance = squared(point, centres[c]!)
        if (distance < least) [near, least] = [c, distance]
      }
      if (of[i] !== near) moved++
      of[i] = near
      spread += least
      sizes[near]!++
      for (let d = 0; d < point.length; d++) sums[near]![d]! += point[d]!
    }
    for (let c = 0; c < centres.length; c++) if (sizes[c]! > 0) centres[c] = sums[c]!.map((each) => each / sizes[c]!)
    if (moved === 0 && round > 0) break
  }
  return { of, centres, spread }
}

function squared(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += (a[d]! - b[d]!) ** 2
  return sum
}
