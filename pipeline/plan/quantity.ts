/** Quantities as a person reads them: two or three digits that count, and the unit. */

/** `1.2 k`, `35 M`, `10 G`, `1 T`: thousands, millions, billions (10^9) and so on. */
export function shortCount(count: number): string {
  return scaled(count, ['', ' k', ' M', ' G', ' T', ' P'])
}

/** Decimal units, as disks are sold in. */
export function shortBytes(count: number): string {
  return scaled(count, [' B', ' kB', ' MB', ' GB', ' TB', ' PB', ' EB'])
}

function scaled(count: number, units: readonly string[]): string {
  let value = count
  let at = 0
  // 999.5 would be written as 1000.
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1000
    at++
  }
  return `${value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))}${units[at]}`
}
