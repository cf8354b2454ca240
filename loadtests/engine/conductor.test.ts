import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TrafficDigest } from '../ledger/traffic-digest.ts'
import { Metrics } from '../metrics/metric.ts'
import { readThresholds } from '../thresholds/thresholds.ts'
import { Conductor } from './conductor.ts'
import type { SegmentHandle, SegmentReport } from './segment.ts'
import type { Run } from './vu.ts'

describe('the conductor', () => {
  it('books what comes after the last full second to the next one: no second is missing, none is filled twice', () => {
    const { conductor, segments } = conducted(2)
    for (const second of [0, 1]) {
      for (const segment of segments) segment.report({ iterations: 4, active: 3 })
      conductor.advance(second, (second + 1) * 1000)
    }
    for (const segment of segments) segment.report({ iterations: 1, active: 0 })
    conductor.finish(2040)
    assert.deepEqual(
      conductor.buckets().map(({ at_s, series }) => [at_s, (series['iterations'] as { total: number }).total]),
      [
        [0, 8],
        [1, 8],
        [2, 2],
      ],
    )
  })

  it('counts the users of a segment only while it has any, and takes the run’s end for no fall of users', () => {
    const { conductor, segments, totals } = conducted(2)
    segments[0]!.report({ iterations: 1, active: 5 })
    segments[1]!.report({ iterations: 1, active: 2 })
    assert.equal(conductor.advance(0, 1000).vus, 7)
    segments[0]!.report({ iterations: 1, active: 0 })
    segments[1]!.report({ iterations: 1, active: 2 })
    assert.equal(conductor.advance(1, 2000).vus, 2)
    segments[1]!.report({ iterations: 1, active: 0 })
    conductor.finish(2500)
    const vus = totals.builtIn('vus').sink
    assert.deepEqual(vus.type === 'gauge' && [vus.value, vus.min, vus.max], [2, 2, 7])
    assert.ok(conductor.results(2.5).every(({ ok }) => ok))
  })

  it('adds up checks, fates and traffic of all segments', () => {
    const { conductor, segments } = conducted(3)
    for (const segment of segments) segment.report({ iterations: 1, active: 1 })
    conductor.advance(0, 1000)
    assert.deepEqual(conductor.checks(), [{ name: 'c', group: '', passes: 6, fails: 3 }])
    assert.deepEqual(conductor.fates(), { accepted: 3, duplicate: 0, refused: 0, unknown: 0 })
    assert.equal(conductor.traffic().events, 3)
  })
})

class ToldSegment {
  readonly #metrics = new Metrics()
  #next: SegmentReport | undefined

  report({ iterations, active }: { iterations: number; active: number }): void {
    const { root } = this.#metrics.tagSets
    this.#metrics.emit(this.#metrics.builtIn('iterations'), iterations, root, 0)
    const traffic = new TrafficDigest()
    traffic.add('0'.repeat(32), 0)
    this.#next = {
      series: this.#metrics.drain(),
      checks: [{ name: 'c', group: '', passes: 2, fails: 1 }],
      counts: {
        iterationsCompleted: iterations,
        iterationsInterrupted: 0,
        iterationsFailed: 0,
        vusActive: active,
        vusInitialized: 5,
      },
      fates: { accepted: 1, duplicate: 0, refused: 0, unknown: 0 },
      traffic: traffic.state(),
      malformed: 0,
      approximate: false,
    }
  }

  takeReport(): SegmentReport | undefined {
    const report = this.#next
    this.#next = undefined
    return report
  }
}

function conducted(count: number) {
  const totals = new Metrics()
  const own = { metrics: new Metrics(), options: { tags: {} }, checks: new Map() } as unknown as Run
  const segments = Array.from({ length: count }, () => new ToldSegment())
  const thresholds = readThresholds({ vus: ['value>=2'] }, totals)
  const conductor = new Conductor(totals, own, segments as unknown as SegmentHandle[], thresholds)
  return { conductor, segments, totals }
}
