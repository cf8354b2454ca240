/**
 * A Zipf–Mandelbrot law over ranks 0 … n − 1 that is drawn from, and asked, in closed form: rank r has the integral of
 * (x + shift)^-exponent over [r, r + 1), normalised. The exponent is 1 + 2^-halvings, so that every power is made of
 * square roots and products, which are exact everywhere.
 */
export interface RankLaw {
  /** The share of `rank` among `count` ranks; the shares sum to 1. */
  share(rank: number, count: number): number
  /** The rank at which the shares summed from rank 0 pass `u`, for u in [0, 1). */
  rankAt(u: number, count: number): number
}

export function rankLaw(halvings: number, shift: number): RankLaw {
  /** (x + shift)^-(2^-halvings): the integral's antiderivative but for a factor that cancels. */
  const height = (x: number): number => {
    let root = x + shift
    for (let i = 0; i < halvings; i++) root = Math.sqrt(root)
    return 1 / root
  }
  const top = height(0)
  return {
    share: (rank, count) => (height(rank) - height(rank + 1)) / (top - height(count)),
    rankAt: (u, count) => {
      let x = 1 / (top - u * (top - height(count)))
      for (let i = 0; i < halvings; i++) x *= x
      return Math.min(count - 1, Math.max(0, Math.floor(x - shift)))
    },
  }
}
