/** Where the way this system is built stops holding, and what to change then. */
import type { Plan } from './capacity-plan.ts'
import type { Choices } from './choices.ts'
import type { Measured } from './measured.ts'
import { shortBytes, shortCount } from './quantity.ts'

export interface Limit {
  /** What no longer holds. */
  what: string
  /** The figure that says so. */
  because: string
  change: string
}

/** Listeners' pairs with an id that an exact count of a month must tell apart: id and listener, 8 bytes each. */
const PAIR_BYTES = 16
const MONTH_DAYS = 31
/** Lines that the collector may hold at once; it is to stay within 300 MB. */
const LINES_BYTES_MAX = 150e6
/** Memory beside each core. */
const BYTES_PER_CORE = 4e9
/** One namenode keeps all names in its heap; beyond this, stops of its garbage collector are felt. */
const FILES_MAX = 100e6
/** A manifest is read and written as one piece. */
const FILES_PER_MANIFEST_MAX = 50_000
const RUNS_PER_DAY = 24
/** Size at which operators split a Kafka cluster, whatever its load: a judgement, not a measure. */
const BROKERS_MAX = 100

export function limitsOf(plan: Omit<Plan, 'limits'>, { bench }: Measured, choices: Choices): Limit[] {
  const { embedded, log, collect, raw, night } = plan
  const memory_bytes = raw.datanodes.count * choices.cores * BYTES_PER_CORE
  const lines_per_file = collect.batch_events / log.partitions
  const limits: (Limit | false)[] = [
    !embedded.enough && {
      what: 'the embedded stores on one machine',
      because: `they take ${shortCount(embedded.events_per_day_max)} events a day`,
      change: 'use the cluster: --backend cluster',
    },
    collect.collectors.count > 1 && {
      what: 'one collector with one manifest chain',
      because: `one takes ${shortCount(bench.events / bench.seconds.collect.cluster)} events/s, the busiest hour needs ${shortCount(collect.collectors.count)} of them`,
      change: 'give each group of partitions its own collector and chain; the night reads all chains',
    },
    raw.files_per_day / RUNS_PER_DAY > FILES_PER_MANIFEST_MAX && {
      what: 'one manifest for a run',
      because: `a run makes ${shortCount(raw.files_per_day / RUNS_PER_DAY)} files`,
      change: 'keep chains apart by partition group, and let a manifest name lists of files',
    },
    lines_per_file * bench.bytes.line_per_event > LINES_BYTES_MAX && {
      what: 'a raw file that is made in memory',
      because: `a file of ${shortBytes(raw.file_bytes)} holds ${shortBytes(lines_per_file * bench.bytes.line_per_event)} of lines`,
      change: 'collect in smaller batches and compact closed days, or write raw files as streams',
    },
    night.cores > choices.cores * (1 - choices.headroom) && {
      what: 'Hive in one process',
      because: `a night needs ${shortCount(night.cores)} cores`,
      change: 'run Hive on YARN or Tez over the datanodes, and check its counts against DuckDB on one hour first',
    },
    pairBytes(plan) > memory_bytes && {
      what: 'exact distinct listeners of a month in memory',
      because: `up to ${shortBytes(pairBytes(plan))} of pairs a month, ${shortBytes(memory_bytes)} in its machines`,
      change: 'keep a sketch (HyperLogLog) for each id and day, merge sketches for periods, and say ±1.6 %',
    },
    raw.files_kept > FILES_MAX && {
      what: 'one namenode',
      because: `${shortCount(raw.files_kept)} files are kept`,
      change: 'compact days that are closed into files of 1 GB, keep them for a shorter time, or federate namenodes',
    },
    log.brokers.count > BROKERS_MAX && {
      what: 'one Kafka cluster',
      because: `it would have ${log.brokers.count} brokers`,
      change: 'split listeners by a hash of their id into cells, each a whole pipeline; merge only the tables',
    },
  ]
  return limits.filter((limit) => limit !== false)
}

/** At most: one pair an event, were no listener to hear a song twice. */
function pairBytes({ events_per_day }: Pick<Plan, 'events_per_day'>): number {
  return events_per_day * MONTH_DAYS * PAIR_BYTES
}
