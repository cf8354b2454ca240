/** Total variation of two histograms over the same bins, of any sums: half the summed differences of shares, 0..1. */
export function totalVariation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [sumA, sumB] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    sumA += a[i]!
    sumB += b[i]!
  }
  let differences = 0
  for (let i = 0; i < a.length; i++) differences += Math.abs(a[i]! / sumA - b[i]! / sumB)
  return differences / 2
}
