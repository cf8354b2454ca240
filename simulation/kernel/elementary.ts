/**
 * exp, log, powers and normal quantiles from + − × ÷ and √ alone.
 *
 * ECMAScript leaves Math.exp and its kin "implementation-approximated": V8 has changed their last digits between
 * versions, and k6's engine calls another library. IEEE 754 fixes the five operations used here to the last bit, so a
 * history has the same bytes everywhere. Errors against the true values stay below 2e-15 relative (a test holds it).
 */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10

/** 2^-1022 … 2^1023 by repeated doubling and halving, which are exact. */
const POWER_OF_2_MIN = -1022
const POWERS_OF_2 = (() => {
  const powers = new Float64Array(2046)
  let up = 1
  let down = 1
  for (let k = 0; k <= 1023; k++) {
    powers[k - POWER_OF_2_MIN] = up
    if (k <= -POWER_OF_2_MIN) powers[-k - POWER_OF_2_MIN] = down
    up *= 2
    down /= 2
  }
  return powers
})()

// 1/n!: factorials to 13! are whole numbers below 2^53.
const C2 = 1 / 2
const C3 = 1 / 6
const C4 = 1 / 24
const C5 = 1 / 120
const C6 = 1 / 720
const C7 = 1 / 5_040
const C8 = 1 / 40_320
const C9 = 1 / 362_880
const C10 = 1 / 3_628_800
const C11 = 1 / 39_916_800
const C12 = 1 / 479_001_600
const C13 = 1 / 6_227_020_800

/** e^x for |x| up to 700; 0 below, Infinity above. */
export function exp(x: number): number {
  if (x < -700) return 0
  if (x > 700) return Number.POSITIVE_INFINITY
  // x = k·ln 2 + r with |r| ≤ ln 2 / 2; the two-part ln 2 keeps r exact to the last bits.
  const k = Math.floor(x * Math.LOG2E + 0.5)
  const r = x - k * LN2_HIGH - k * LN2_LOW
  // Taylor's terms to r^13/13!; the next is below 2^-57 here. In two halves, which a processor works on side by side.
  const square = r * r
  const even = 1 + square * (C2 + square * (C4 + square * (C6 + square * (C8 + square * (C10 + square * C12)))))
  const odd = 1 + square * (C3 + square * (C5 + square * (C7 + square * (C9 + square * (C11 + square * C13)))))
  return (even + r * odd) * POWERS_OF_2[k - POWER_OF_2_MIN]!
}

const bits = new DataView(new ArrayBuffer(8))

/** The natural logarithm of a normal positive number. @throws RangeError otherwise */
export function log(x: number): number {
  if (!(x >= 2.2250738585072014e-308 && x < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`log expects a positive finite number, got ${x}`)
  }
  // x = m·2^k with m from √½ to √2, taken from the bits, which IEEE 754 fixes.
  bits.setFloat64(0, x)
  const high = bits.getInt32(0)
  let k = (high >>> 20) - 1023
  bits.setInt32(0, (high & 0xfffff) | 0x3ff00000)
  let m = bits.getFloat64(0)
  if (m > Math.SQRT2) {
    m /= 2
    k++
  }
  // log m = 2 artanh((m − 1)/(m + 1)); the argument is below 0.172, so eleven terms reach 2^-60.
  const s = (m - 1) / (m + 1)
  const square = s * s
  const fourth = square * square
  const evens = 1 + fourth * (1 / 5 + fourth * (1 / 9 + fourth * (1 / 13 + fourth * (1 / 17 + fourth * (1 / 21)))))
  const odds = 1 / 3 + fourth * (1 / 7 + fourth * (1 / 11 + fourth * (1 / 15 + fourth * (1 / 19))))
  return k * LN2_HIGH + (2 * s * (evens + square * odds) + k * LN2_LOW)
}

/** base^exponent for a positive base. */
export function power(base: number, exponent: number): number {
  return exp(exponent * log(base))
}

/**
 * The standard normal quantile of p in (0, 1): one uniform draw becomes one normal draw, which keeps draw counts fixed.
 * Wichura, "Algorithm AS 241", Applied Statistics 37 (1988), routine PPND7: relative error about 1e-7.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`normalQuantile expects a number between 0 and 1, got ${p}`)
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (
      (q * (((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)) /
      (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1)
    )
  }
  const tail = Math.sqrt(-log(q < 0 ? p : 1 - p))
  let value: number
  if (tail <= 5) {
    const r = tail - 1.6
    value =
      (((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777) /
      ((0.12021132975 * r + 0.7370016425) * r + 1)
  } else {
    const r = tail - 5
    value =
      (((0.017337203997 * r + 0.42868294337) * r + 3.081226386) * r + 6.657905115) /
      ((0.012258202635 * r + 0.24197894225) * r + 1)
  }
  return q < 0 ? -value : value
}
