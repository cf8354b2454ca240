/** Slope of the least-squares line of y over x. */
export function slope(x: readonly number[], y: readonly number[]): number {
  const n = x.length
  const meanX = x.reduce((sum, each) => sum + each, 0) / n
  const meanY = y.reduce((sum, each) => sum + each, 0) / n
  let [xx, xy] = [0, 0]
  for (let i = 0; i < n; i++) {
    xx += (x[i]! - meanX) ** 2
    xy += (x[i]! - meanX) * (y[i]! - meanY)
  }
  return xy / xx
}

/** b of y ~ x^b: the slope between logarithms. Heaps' exponent, with plays as x and distinct songs as y. */
export function exponent(x: readonly number[], y: readonly number[]): number {
  return slope(x.map(Math.log), y.map(Math.log))
}
