/** Gini coefficient of counts: 0 when all have alike, near 1 when one has all. */
export function gini(counts: ArrayLike<number>): number {
  const sorted = Float64Array.from(counts).sort()
  let weighted = 0
  let total = 0
  for (let i = 0; i < sorted.length; i++) {
    weighted += (i + 1) * sorted[i]!
    total += sorted[i]!
  }
  return (2 * weighted) / (sorted.length * total) - (sorted.length + 1) / sorted.length
}
