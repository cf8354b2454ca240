/**
 * Where a curve of throughput over load bends: from there on, more load brings hardly more.
 *
 * Kneedle (Satopaa, Albrecht, Irwin and Raghavan 2011, "Finding a 'Kneedle' in a Haystack"), offline, for a concave and
 * increasing curve: both axes are brought to 0..1, and the knee is where the curve stands highest above the straight line
 * from its first to its last point, provided it stands out by the sensitivity S, here 1, times the mean step of x.
 */
export interface Point {
  load: number
  throughput_per_s: number
}

const SENSITIVITY = 1

/** @returns the load at the knee; nothing for fewer than four points, or for a curve without one */
export function kneeOf(points: readonly Point[]): number | undefined {
  const curve = curveOf(points)
  const [first, last] = [curve[0], curve.at(-1)]
  if (curve.length < 4 || !first || !last) return undefined
  const most = Math.max(...curve.map(({ throughput_per_s }) => throughput_per_s))
  const least = Math.min(...curve.map(({ throughput_per_s }) => throughput_per_s))
  const [width, height] = [last.load - first.load, most - least]
  if (width <= 0 || height <= 0) return undefined
  const above = curve.map(
    ({ load, throughput_per_s }) => (throughput_per_s - least) / height - (load - first.load) / width,
  )
  const top = above.indexOf(Math.max(...above))
  const threshold = above[top]! - SENSITIVITY / (curve.length - 1)
  // A difference that never falls below the threshold again is the end of the data, not a knee.
  const falls = above.slice(top + 1).some((difference) => difference < threshold)
  return above[top]! > 0 && falls ? curve[top]!.load : undefined
}

/** One point a load, in order of load: the mean of its tries. */
export function curveOf<T extends Point>(points: readonly T[]): Point[] {
  const tries = new Map<number, number[]>()
  for (const { load, throughput_per_s } of points) tries.set(load, [...(tries.get(load) ?? []), throughput_per_s])
  return [...tries]
    .sort(([a], [b]) => a - b)
    .map(([load, values]) => ({
      load,
      throughput_per_s: values.reduce((total, value) => total + value, 0) / values.length,
    }))
}
