import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Draws, drawsAt, type Key } from '../../datasets/random.ts'
import { memorySlope } from './memory-slope.ts'

const KEY: Key = [9, 8, 7, 6]
const SECONDS = 480
const MB = 1024 * 1024

/**
 * Memory of a program with a collector: what it keeps, a sawtooth of what it has not yet given back, and noise that lasts
 * (autoregressive, 0.9 from second to second).
 */
function memory(seed: number, leak_bytes_per_s: number): number[] {
  const draws = drawsAt(KEY, 3, seed)
  const period = 15 + draws.below(20)
  const offset = draws.below(period)
  let noise = 0
  return Array.from({ length: SECONDS }, (_, at) => {
    noise = 0.9 * noise + gaussian(draws) * 0.5 * MB
    return 120 * MB + leak_bytes_per_s * at + 4 * MB * (((at + offset) % period) / period) + noise
  })
}

/** The sum of twelve uniform draws (Irwin and Hall). */
function gaussian(draws: Draws): number {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += draws.unit()
  return sum
}

const times = (count: number, happens: (seed: number) => boolean): number =>
  Array.from({ length: count }, (_, seed) => seed).filter(happens).length

/** Whether the slope is called other than 0, however small. */
const isCertain = (values: readonly number[], block?: number): boolean => {
  const [low, high] = memorySlope(values, block).interval_bytes_per_s
  return low > 0 || high < 0
}

describe('the slope of memory', () => {
  it('is that of a line, with an interval of no width', () => {
    const line = Array.from({ length: 100 }, (_, at) => 1000 + 3 * at)
    const { slope_bytes_per_s, interval_bytes_per_s, flat } = memorySlope(line)
    assert.ok(Math.abs(slope_bytes_per_s - 3) < 1e-9)
    for (const end of interval_bytes_per_s) assert.ok(Math.abs(end - 3) < 1e-9)
    assert.equal(flat, false)
  })

  it('is told from 0 in at most 15 of 100 runs of a program that keeps nothing', () => {
    const wrong = times(100, (seed) => isCertain(memory(seed, 0)))
    assert.ok(wrong <= 15, String(wrong))
  })

  it('finds a leak of 1 MB a minute in at least 95 of 100', () => {
    const found = times(100, (seed) => !memorySlope(memory(seed, MB / 60)).flat)
    assert.ok(found >= 95, String(found))
  })

  it('would cry wolf if it drew second by second and not in blocks', () => {
    const wrong = times(100, (seed) => isCertain(memory(seed, 0), 1))
    assert.ok(wrong > 30, String(wrong))
  })

  it('is flat when it is certain and too small to matter, or when memory falls', () => {
    const tiny = Array.from({ length: 100 }, (_, at) => 100 * MB + 10 * at)
    assert.match(memorySlope(tiny).reason, /too little to matter/)
    assert.equal(memorySlope(tiny).flat, true)
    const falling = Array.from({ length: 100 }, (_, at) => 100 * MB - 100_000 * at)
    assert.equal(memorySlope(falling).flat, true)
    assert.match(memorySlope(falling).reason, /falls by/)
  })

  it('is refused for too few values', () => {
    assert.throws(() => memorySlope([1, 2, 3]), RangeError)
  })
})
