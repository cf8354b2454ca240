/**
 * Kaplan and Meier's survival from binned times: the share that is still there at the end of each bin.
 * @param left     how many left in each bin
 * @param censored how many were lost from sight in each bin, and are counted as present when others leave in it
 */
export function survival(left: ArrayLike<number>, censored: ArrayLike<number>): Float64Array {
  let present = 0
  for (let i = 0; i < left.length; i++) present += left[i]! + censored[i]!
  const curve = new Float64Array(left.length)
  let share = 1
  for (let i = 0; i < left.length; i++) {
    if (present > 0) share *= 1 - left[i]! / present
    curve[i] = share
    present -= left[i]! + censored[i]!
  }
  return curve
}
