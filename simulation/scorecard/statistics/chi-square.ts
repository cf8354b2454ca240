/** Pearson's chi-square of observed against expected counts. Cells with less than `least` expected are left out. */
import { normalQuantile } from '../../kernel/elementary.ts'

export function chiSquare(
  observed: ArrayLike<number>,
  expected: ArrayLike<number>,
  least = 5,
): { value: number; cells: number } {
  let [value, cells] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    const mean = expected[i]!
    if (mean < least) continue
    value += (observed[i]! - mean) ** 2 / mean
    cells++
  }
  return { value, cells }
}

/** The quantile of chi-square at `p`, by Wilson and Hilferty (1931): within one percent in the upper half from 3 degrees on. */
export function chiSquareQuantile(p: number, degrees: number): number {
  const part = 2 / (9 * degrees)
  return degrees * (1 - part + normalQuantile(p) * Math.sqrt(part)) ** 3
}
