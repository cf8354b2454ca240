/**
 * Burstiness of gaps, (s − m)/(s + m) from their mean m and deviation s: −1 for a clock, 0 for a Poisson process, near 1
 * for rare bursts. Goh and Barabási, EPL 81 (2008) 48002.
 */
export function burstiness(count: number, sum: number, sumOfSquares: number): number {
  const mean = sum / count
  const deviation = Math.sqrt(Math.max(0, sumOfSquares / count - mean * mean))
  return (deviation - mean) / (deviation + mean)
}
