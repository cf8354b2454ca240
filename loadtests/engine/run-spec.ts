/** What a run is asked to be. */
import type { Options } from 'k6/options'
import type { FateCounts } from '../ledger/event-ledger.ts'
import type { Mark, TimelineBucket } from '../metrics/timeline.ts'
import type { OutSpec } from '../outputs/out-option.ts'
import type { ThresholdOption } from '../thresholds/threshold-option.ts'
import type { RunControls } from './live-control.ts'
import type { ScriptLog } from './script-log.ts'

export interface RunSpec {
  /** Path of the script. */
  script: string
  /** What the script finds in `__ENV`; `K6_…` names also override options. */
  env?: Readonly<Record<string, string>>
  /** Options that those of the script override. */
  config?: Options
  /** Options that override those of the script, as the flags of a command line do. */
  options?: Options
  /** Beside those of the script. */
  thresholds?: ThresholdOption
  /** No threshold is looked at, whoever set it. */
  noThresholds?: boolean
  /** Processes that share the work; with one, the default, it is done in this process. */
  workers?: number
  /** Flags of Node for each of several processes: `--max-old-space-size=512`. */
  workerArgs?: readonly string[]
  out?: {
    /** One line for each answer to an event; see datasets/ledger.ts. */
    ledger?: string
    /** Every sample, in the forms of k6's `--out`. */
    samples?: readonly OutSpec[]
    /** The summary, in the form of k6's `--summary-export`. */
    summary?: string
  }
  /** Where the metrics of the system under load are asked for, once a second; see system-metrics.ts. */
  system?: { urls: readonly string[]; optional?: boolean }
  /** Breaks things at their planned moments; see faults/. */
  faults?: RunFaults
  /** Gets what the script logs and what the engine warns of, a line each. */
  log?: ScriptLog
  /** Gets the summary as text, or what the script's `handleSummary` says instead. */
  stdout?: { write(text: string): unknown }
  isTerminal?: boolean
  /** Stops the run: answers under way are still waited for a little, so that the ledger knows of them. */
  signal?: AbortSignal
  /** Told once what will be run, a line for each scenario. */
  onPlan?: (lines: readonly string[]) => void
  /** Told once, when the scenarios begin. */
  onStart?: (controls: RunControls) => void
  /** Told once a second. */
  onProgress?: (progress: RunProgress) => void
  onMark?: (mark: Mark) => void
}

export interface RunFaults {
  /** @param startedAt start of the scenarios on the monotonic clock, ms */
  start(startedAt: number, onMark: (mark: Mark) => void): void
  stop(): Promise<void>
}

export interface RunProgress {
  elapsed_ms: number
  /** How long iterations may be started, ms. */
  planned_ms: number
  vus: number
  iterations: number
  fates: FateCounts
  /** The last second. */
  bucket: TimelineBucket
}
