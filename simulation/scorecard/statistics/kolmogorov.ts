/** Kolmogorov–Smirnov distances: the largest difference of two distribution functions, 0..1. An effect size, no test. */

/** Of a sample to a law. */
export function distanceToLaw(sample: ArrayLike<number>, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(sample).sort()
  let distance = 0
  for (let i = 0; i < sorted.length; i++) {
    const law = cdf(sorted[i]!)
    distance = Math.max(distance, Math.abs(law - i / sorted.length), Math.abs(law - (i + 1) / sorted.length))
  }
  return distance
}

/** Of two histograms over the same bins, of any sums. */
export function distanceOfBins(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [sumA, sumB] = [sum(a), sum(b)]
  let [upToA, upToB, distance] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    upToA += a[i]! / sumA
    upToB += b[i]! / sumB
    distance = Math.max(distance, Math.abs(upToA - upToB))
  }
  return distance
}

function sum(bins: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < bins.length; i++) total += bins[i]!
  return total
}
