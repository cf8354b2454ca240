/**
 * Inequality of counts as one number P: the top share P of the holders has the share 1 − P of all (KONECT's "balanced
 * inequality ratio", the 80–20 rule made exact). 0.5 when all have alike, 0 when one has all. Zeros are holders too.
 */
export function topPoint(counts: ArrayLike<number>): number {
  const sorted = Float64Array.from(counts).sort().reverse()
  const total = sorted.reduce((sum, count) => sum + count, 0)
  if (total === 0) return Number.NaN
  let held = 0
  for (let i = 0; i < sorted.length; i++) {
    const before = held / total
    held += sorted[i]! / total
    const rank = (i + 1) / sorted.length
    if (held < 1 - rank) continue
    // The point lies on this holder's piece of the curve: solve held = 1 − rank along it.
    const rise = held - before
    const step = 1 / sorted.length
    return i * step + (step * (1 - i * step - before)) / (rise + step)
  }
  return 0.5
}

/** Share of all that the top `share` of the holders has, both 0..1. */
export function topShare(counts: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(counts).sort().reverse()
  const top = Math.max(1, Math.round(sorted.length * share))
  let held = 0
  let total = 0
  for (let i = 0; i < sorted.length; i++) {
    total += sorted[i]!
    if (i < top) held += sorted[i]!
  }
  return held / total
}
