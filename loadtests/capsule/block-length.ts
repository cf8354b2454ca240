/**
 * How long the blocks of a block bootstrap should be: Politis and White (2004), "Automatic block-length selection for the
 * dependent bootstrap", with the correction of Patton, Politis and White (2009), for circular blocks.
 *
 * The length follows from how far the series' autocorrelation reaches: about 1 for independent values, longer the longer
 * a good or bad spell lasts. A trend over the whole run reads as one long spell, so that intervals come out too wide
 * rather than too narrow.
 */

/** @returns 1 to a third of the series: fewer than three blocks say nothing of how much blocks differ */
export function blockLength(series: readonly number[]): number {
  const n = series.length
  const longest = Math.max(1, Math.floor(n / 3))
  const mean = series.reduce((sum, value) => sum + value, 0) / n
  const centred = series.map((value) => value - mean)
  const variance = autocovariance(centred, 0)
  if (!(variance > 0)) return 1
  const lags_max = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + enoughSmall(n))
  const covariances = Array.from({ length: lags_max + 1 }, (_, lag) => autocovariance(centred, lag))
  const reach = lastLag(
    covariances.map((covariance) => covariance / variance),
    n,
  )
  const bandwidth = Math.min(2 * reach, lags_max)
  let spectrum = covariances[0]!
  let slope = 0
  for (let lag = 1; lag <= bandwidth; lag++) {
    const weighted = 2 * flatTop(lag / bandwidth) * covariances[lag]!
    spectrum += weighted
    slope += lag * weighted
  }
  if (!(spectrum > 0)) return 1
  const length = Math.cbrt((2 * slope ** 2 * n) / ((4 / 3) * spectrum ** 2))
  return Math.min(longest, Math.max(1, Math.ceil(length)))
}

/** So many lags in a row must be near zero for the autocorrelation to count as ended. */
function enoughSmall(n: number): number {
  return Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))))
}

/** The last lag before {@link enoughSmall} lags in a row that chance explains. */
function lastLag(correlations: readonly number[], n: number): number {
  const limit = 2 * Math.sqrt(Math.log10(n) / n)
  const enough = enoughSmall(n)
  let last = 1
  for (let lag = 1; lag < correlations.length; lag++) {
    if (Math.abs(correlations[lag]!) >= limit) last = lag
    else if (lag - last >= enough) break
  }
  return last
}

/** The lag window of Politis and Romano: 1 up to a half, then falling to 0. */
function flatTop(t: number): number {
  return t <= 0.5 ? 1 : 2 * (1 - t)
}

function autocovariance(centred: readonly number[], lag: number): number {
  let sum = 0
  for (let i = lag; i < centred.length; i++) sum += centred[i]! * centred[i - lag]!
  return sum / centred.length
}
