/**
 * The conductor: adds up what the segments of a run report, second by second, and knows the run as a whole: totals,
 * the run over time, thresholds, marks, and what it is told while it goes on.
 */
import type { FateCounts } from '../ledger/event-ledger.ts'
import { TrafficDigest } from '../ledger/traffic-digest.ts'
import type { Metrics } from '../metrics/metric.ts'
import type { Sink } from '../metrics/sink.ts'
import { type Mark, Timeline, type TimelineBucket } from '../metrics/timeline.ts'
import type { RunResult } from '../run-result.ts'
import { type Threshold, type ThresholdResult, ThresholdWatch, thresholdSamples } from '../thresholds/thresholds.ts'
import type { SegmentHandle, SegmentReport } from './segment.ts'
import { joinedSeries } from './segment-message.ts'
import type { CheckTally, Run, RunCounts } from './vu.ts'

export class Conductor {
  readonly totals: Metrics
  readonly marks: Mark[] = []
  readonly #segments: readonly SegmentHandle[]
  /** Setup and teardown run here, and what is measured once for all segments is recorded here. */
  readonly #own: Run
  readonly #watch: ThresholdWatch
  readonly #timeline = new Timeline()
  /** The last report of each segment. */
  readonly #latest = new Map<SegmentHandle, SegmentReport>()
  #nextSecond = 0

  constructor(totals: Metrics, own: Run, segments: readonly SegmentHandle[], thresholds: readonly Threshold[]) {
    this.totals = totals
    this.#own = own
    this.#segments = segments
    this.#watch = new ThresholdWatch(thresholds)
  }

  /**
   * Takes in what came since the last call.
   * @param at_s      the second it belongs to, from the start of the scenarios
   * @param elapsed_ms since the start of the scenarios
   */
  advance(at_s: number, elapsed_ms: number): TimelineBucket {
    this.#nextSecond = at_s + 1
    const reports = this.#takeReports()
    const { metrics, options } = this.#own
    const { vusActive, vusInitialized } = this.counts()
    const tags = metrics.tagSets.root.withAll(options.tags)
    metrics.emit(metrics.builtIn('vus'), vusActive, tags, Date.now())
    metrics.emit(metrics.builtIn('vus_max'), vusInitialized, tags, Date.now())
    return this.#takeIn(reports, at_s, elapsed_ms)
  }

  /** Takes in what came after the last full second: when all segments have ended. */
  finish(elapsed_ms: number): TimelineBucket {
    return this.#takeIn(this.#takeReports(), this.#nextSecond, elapsed_ms)
  }

  #takeReports(): SegmentReport[] {
    return this.#segments.flatMap((segment) => {
      const report = segment.takeReport()
      if (report) this.#latest.set(segment, report)
      return report ? [report] : []
    })
  }

  /** Takes in what the conductor itself recorded: samples of setup and teardown. */
  absorbOwn(): void {
    this.totals.absorb(this.#own.metrics.drain())
  }

  #takeIn(reports: readonly SegmentReport[], at_s: number, elapsed_ms: number): TimelineBucket {
    const { metrics } = this.#own
    const series = joinedSeries([...reports.map((report) => report.series), metrics.drain()])
    this.totals.absorb(series)
    this.#watch.advance(elapsed_ms, new Map(series.map(({ name, sink }): [string, Sink] => [name, sink])))
    for (const output of metrics.outputs.filter(({ takesThresholds }) => takesThresholds)) {
      for (const sample of thresholdSamples(this.results(elapsed_ms / 1000), Date.now())) output.sample(sample)
    }
    return this.#timeline.add(at_s, this.counts().vusActive, series)
  }

  /** Thresholds that are missed now and end the run for it. */
  aborting(elapsed_ms: number): ThresholdResult[] {
    return this.#watch.aborting(elapsed_ms)
  }

  results(seconds: number): ThresholdResult[] {
    return this.#watch.results(seconds)
  }

  buckets(): TimelineBucket[] {
    return this.#timeline.buckets()
  }

  counts(): RunCounts {
    const sum: RunCounts = {
      iterationsCompleted: 0,
      iterationsInterrupted: 0,
      iterationsFailed: 0,
      vusActive: 0,
      vusInitialized: 0,
    }
    for (const { counts } of this.#latest.values()) {
      for (const name of Object.keys(sum) as (keyof RunCounts)[]) sum[name] += counts[name]
    }
    return sum
  }

  /** Of all segments, and of setup and teardown. */
  checks(): CheckTally[] {
    const all = [...this.#own.checks.values(), ...[...this.#latest.values()].flatMap((report) => report.checks)]
    const sums = new Map<string, CheckTally>()
    for (const check of all) {
      const key = `${check.group}::${check.name}`
      const sum = sums.get(key)
      if (sum) {
        sum.passes += check.passes
        sum.fails += check.fails
      } else sums.set(key, { ...check })
    }
    return [...sums.values()]
  }

  fates(): FateCounts {
    const sum: FateCounts = { accepted: 0, duplicate: 0, refused: 0, unknown: 0 }
    for (const { fates } of this.#latest.values()) {
      for (const fate of Object.keys(sum) as (keyof FateCounts)[]) sum[fate] += fates[fate]
    }
    return sum
  }

  traffic(): RunResult['traffic'] {
    const digest = new TrafficDigest()
    let malformed = 0
    let approximate = false
    for (const report of this.#latest.values()) {
      digest.merge(report.traffic)
      malformed += report.malformed
      approximate ||= report.approximate
    }
    return { events: digest.events, digest: digest.text(), malformed, ...(approximate && { approximate }) }
  }
}
