/** Where a function of several numbers is least: Nelder and Mead, "A simplex method", Computer Journal 7 (1965). */
export function minimize(
  f: (x: readonly number[]) => number,
  start: readonly number[],
  { step = 0.5, rounds = 600 } = {},
): { x: readonly number[]; value: number } {
  type Point = { x: readonly number[]; value: number }
  const at = (x: readonly number[]): Point => {
    const value = f(x)
    return { x, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value }
  }
  const simplex = [at(start), ...start.map((_, i) => at(start.map((xi, j) => (i === j ? xi + step : xi))))]
  for (let round = 0; round < rounds; round++) {
    simplex.sort((a, b) => a.value - b.value)
    const best = simplex[0]!
    const worst = simplex[simplex.length - 1]!
    if (Math.abs(worst.value - best.value) <= 1e-12 * (1 + Math.abs(best.value))) break
    const centre = start.map((_, i) => simplex.slice(0, -1).reduce((sum, p) => sum + p.x[i]!, 0) / start.length)
    const along = (t: number): Point => at(centre.map((c, i) => c + t * (worst.x[i]! - c)))
    const reflected = along(-1)
    let next = reflected
    if (reflected.value < best.value) {
      const further = along(-2)
      if (further.value < reflected.value) next = further
    } else if (reflected.value >= simplex[simplex.length - 2]!.value) {
      next = along(reflected.value < worst.value ? -0.5 : 0.5)
    }
    if (next.value < worst.value) simplex[simplex.length - 1] = next
    else for (let i = 1; i < simplex.length; i++) simplex[i] = at(simplex[i]!.x.map((xi, j) => (xi + best.x[j]!) / 2))
  }
  return simplex.reduce((a, b) => (b.value < a.value ? b : a))
}

/** Where a function of one number with one valley is least, from `low` to `high`: golden section. */
export function minimizeOn(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2
  let [a, b] = [low, high]
  let [c, d] = [b - ratio * (b - a), a + ratio * (b - a)]
  let [fc, fd] = [f(c), f(d)]
  while (b - a > 1e-6) {
    if (fc < fd) {
      ;[b, d, fd] = [d, c, fc]
      c = b - ratio * (b - a)
      fc = f(c)
    } else {
      ;[a, c, fc] = [c, d, fd]
      d = a + ratio * (b - a)
      fd = f(d)
    }
  }
  return (a + b) / 2
}
