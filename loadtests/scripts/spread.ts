/** Spreads whole numbers evenly over a span, however many there are and without knowing how many. */

/**
 * The base-2 radical inverse (van der Corput's sequence): the first n values leave no gap wider than 2/n. So a listener's
 * place does not depend on how many others there are.
 * @param number whole, from 0 to 2^32 − 1
 * @returns from 0 up to, not including, 1
 */
export function spread(number: number): number {
  let share = 0
  let half = 0.5
  for (let left = number; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) share += half
    half /= 2
  }
  return share
}
