/**
 * A capacity model: what a load needs of each part of the cluster, and which of processor, disk, network or copies asks for
 * most.
 *
 * It is linear where the work is: processor seconds for an event are taken to be the same at any load, as they were
 * measured. What is not linear: a day has rows for no more songs than the catalogue holds; machines come in whole ones, and
 * not fewer than there are copies. It knows nothing of skew (one song that all hear), of memory, of a slow disk among
 * many, or of what a network between data centres does.
 */
import type { Choices } from './choices.ts'
import { type Limit, limitsOf } from './limits.ts'
import type { Measured } from './measured.ts'

/** Machines of one kind, and what decides how many. */
export interface Tier {
  count: number
  /** What asks for most. */
  bound: string
  /** How many each need would ask for alone. */
  by: Readonly<Record<string, number>>
}

export interface Plan {
  events_per_day: number
  mean_per_s: number
  peak_per_s: number
  embedded: {
    /** What one machine with the embedded stores takes. */
    events_per_day_max: number
    enough: boolean
  }
  log: { brokers: Tier; partitions: number; bytes_per_day: number; bytes_kept: number }
  collect: { collectors: Tier; cores: number; batch_events: number }
  raw: {
    datanodes: Tier
    bytes_per_day: number
    bytes_kept: number
    files_per_day: number
    file_bytes: number
    files_kept: number
    namenode_heap_gb: number
  }
  night: { cores: number; bytes_per_day: number; bytes_kept: number }
  tables: {
    regionservers: Tier
    rows_per_day: number
    bytes_per_day: number
    bytes_kept: number
    regions: number
    /** Regions of each large table: so many less one split points, taken from real ids. */
    regions_of: Readonly<Record<string, number>>
  }
  /** Bytes of all stores, copies included. */
  bytes_kept_total: number
  /** On the way between machines in the busiest hour. */
  network_gbit: number
  machines: number
  limits: Limit[]
}

const DAY_S = 86_400
const MB = 1e6
const TB = 1e12
/** Bits a second, as bytes. */
const GBIT_BYTES = 1e9 / 8
/** A disk that is fuller slows down, and leaves no room to rewrite what a lost machine held. */
const DISK_FILL = 0.75
/** Share of an hour in which its events are collected, so that an hour that was missed can be made up for. */
const COLLECT_SHARE = 0.5
/**
 * What one partition takes in a second: the low end of the "tens of MB/s" of Kafka's own advice (J. Rao, "How to choose the
 * number of topics/partitions in a Kafka cluster").
 */
const PARTITION_BYTES_PER_S = 10 * MB
/** A run meets the event hour that it closes and the beginning of the next. */
const HOURS_IN_RUN = 2
const RUNS_PER_DAY = 24
/** Rule of HDFS's operators: 1 GB of heap for a million files of one block. */
const FILES_PER_HEAP_GB = 1e6
/** HBase's own advice: regions of 10 GB, and about 100 on a server. */
const REGION_BYTES = 10e9
const REGIONS_PER_SERVER = 100
/** HBase writes a store anew while the old one is still there. */
const COMPACTION_ROOM = 1.5
const PUBLISH_HOURS = 1

/** @param events_per_day accepted ones, over all listeners */
export function planCapacity(events_per_day: number, measured: Measured, choices: Choices): Plan {
  const { bench } = measured
  const mean_per_s = events_per_day / DAY_S
  const peak_per_s = mean_per_s * choices.peak
  /** Cores that work at a rate keeps busy. */
  const coresOf = (stage: keyof typeof bench.core_s_per_million, per_s: number): number =>
    (per_s * bench.core_s_per_million[stage].cluster) / 1e6
  const machinesFor = {
    cpu: (cores: number) => cores / (choices.cores * (1 - choices.headroom)),
    disk: (bytes: number) => bytes / (choices.disk_tb * TB * DISK_FILL),
    network: (bytes_per_s: number) => bytes_per_s / (choices.network_gbit * GBIT_BYTES * (1 - choices.headroom)),
  }
  const copies = choices.replication

  const line_per_s = peak_per_s * bench.bytes.line_per_event
  const log_per_day = events_per_day * bench.bytes.line_per_event
  const log_kept = log_per_day * choices.log_days * copies
  const collect_per_s = peak_per_s / COLLECT_SHARE
  const log_network = Math.max(
    line_per_s * copies,
    // Out: to each further copy, and to the collectors.
    line_per_s * (copies - 1) + collect_per_s * bench.bytes.line_per_event,
  )
  const brokers = tier({
    // One copy was measured, the producers' share in it; each further copy is taken to cost as much, which is too much.
    cpu: machinesFor.cpu(coresOf('append', peak_per_s) * copies),
    disk: machinesFor.disk(log_kept),
    network: machinesFor.network(log_network),
    copies,
  })

  const collectors = tier({ cpu: collect_per_s / (bench.events / bench.seconds.collect.cluster) })
  // A multiple of the copies: a whole round over brokers that hold one each.
  const partitions = multipleOf(copies, Math.max(line_per_s / PARTITION_BYTES_PER_S, collectors.count, brokers.count))

  const raw_per_day = events_per_day * bench.bytes.raw_gzip_per_event
  const raw_kept = raw_per_day * choices.raw_days * copies
  const files_per_day = Math.max(
    partitions * RUNS_PER_DAY * HOURS_IN_RUN,
    Math.ceil(raw_per_day / (choices.file_mb * MB)),
  )
  const files_kept = files_per_day * choices.raw_days

  const warehouse_per_day = events_per_day * measured.warehouse.bytes_per_event.cluster
  const warehouse_kept = warehouse_per_day * choices.raw_days * copies

  const tables = planTables(events_per_day, measured, choices)
  const night_s = choices.night_hours * 3600
  const night_cores = coresOf('night', events_per_day / night_s)
  const raw_network =
    // Written in copies and read back once by the collector; the night reads all and sends each line to where it counts.
    collect_per_s * bench.bytes.raw_gzip_per_event * (copies + 1) +
    (events_per_day / night_s) * (bench.bytes.raw_gzip_per_event + bench.bytes.line_per_event)
  const datanodes = tier({
    cpu: machinesFor.cpu(night_cores),
    disk: machinesFor.disk(raw_kept + warehouse_kept + tables.bytes_kept * COMPACTION_ROOM),
    network: machinesFor.network(raw_network),
    copies,
  })
  const regionservers = tier({
    cpu: machinesFor.cpu((tables.rows_per_day * core_s_per_row(measured)) / (PUBLISH_HOURS * 3600)),
    regions: tables.regions / REGIONS_PER_SERVER,
    copies,
  })
  const collect_cores = coresOf('collect', collect_per_s)
  const plan: Omit<Plan, 'limits'> = {
    events_per_day,
    mean_per_s,
    peak_per_s,
    embedded: planEmbedded(events_per_day, measured, choices),
    log: { brokers, partitions, bytes_per_day: log_per_day, bytes_kept: log_kept },
    collect: {
      collectors,
      cores: collect_cores,
      batch_events: Math.round(events_per_day / (files_per_day / partitions / HOURS_IN_RUN)),
    },
    raw: {
      datanodes,
      bytes_per_day: raw_per_day,
      bytes_kept: raw_kept,
      files_per_day,
      file_bytes: raw_per_day / files_per_day,
      files_kept,
      namenode_heap_gb: Math.max(1, Math.ceil(files_kept / FILES_PER_HEAP_GB)),
    },
    night: { cores: night_cores, bytes_per_day: warehouse_per_day, bytes_kept: warehouse_kept },
    tables: { ...tables, regionservers },
    bytes_kept_total: log_kept + raw_kept + warehouse_kept + tables.bytes_kept,
    network_gbit: (line_per_s + log_network + raw_network) / GBIT_BYTES,
    machines: brokers.count + datanodes.count + regionservers.count + Math.ceil(machinesFor.cpu(collect_cores)),
  }
  return { ...plan, limits: limitsOf(plan, measured, choices) }
}

/** Rows, bytes and regions; the bytes are in as many copies as HDFS keeps. */
function planTables(
  events_per_day: number,
  { tables }: Measured,
  choices: Choices,
): Omit<Plan['tables'], 'regionservers'> {
  const songs = Math.min(choices.songs, events_per_day * tables.songs_per_event)
  const rows_per_day = Math.ceil(songs * tables.rows_per_song + tables.rows_fixed)
  const bytes_per_day = rows_per_day * tables.bytes_per_row.cluster
  const lookup_bytes = choices.songs * tables.lookup_rows_per_song * tables.bytes_per_row.cluster
  const kept = bytes_per_day * choices.table_days
  const regions_of = Object.fromEntries(
    Object.entries(tables.shares).map(([table, share]) => [table, Math.ceil((kept * share) / REGION_BYTES)]),
  )
  const shares = sum(Object.values(tables.shares))
  const others = Math.ceil((kept * (1 - shares) + lookup_bytes) / REGION_BYTES)
  return {
    rows_per_day,
    bytes_per_day,
    bytes_kept: (kept + lookup_bytes) * choices.replication,
    regions: sum(Object.values(regions_of)) + others,
    regions_of,
  }
}

/** The publishing of the benchmark, by its rows: rows grow slower than events. */
function core_s_per_row({ bench }: Measured): number {
  return (bench.core_s_per_million.publish.cluster * bench.events) / 1e6 / bench.rows
}

/**
 * What one machine takes with the embedded stores. Its stages are one process each, so it is their wall time that counts: the
 * log must take the busiest hour, and collecting and aggregating a day must not take a day.
 */
function planEmbedded(
  events_per_day: number,
  { bench, warehouse, tables }: Measured,
  choices: Choices,
): Plan['embedded'] {
  const { append, collect, night } = bench.seconds
  const free = 1 - choices.headroom
  const secondsOf = (stage: { embedded: number }): number => stage.embedded / bench.events
  const by_append = (DAY_S * free) / (secondsOf(append) * choices.peak)
  const by_jobs = (DAY_S * free) / (secondsOf(collect) + secondsOf(night))
  const bytes_per_event =
    bench.bytes.line_per_event * choices.log_days +
    (bench.bytes.raw_gzip_per_event + warehouse.bytes_per_event.embedded) * choices.raw_days +
    (bench.rows / bench.events) * tables.bytes_per_row.embedded * choices.table_days
  const by_disk = (choices.disk_tb * TB * DISK_FILL) / bytes_per_event
  const events_per_day_max = Math.floor(Math.min(by_append, by_jobs, by_disk))
  return { events_per_day_max, enough: events_per_day <= events_per_day_max }
}

function tier(by: Record<string, number>): Tier {
  const [bound, most] = Object.entries(by).reduce((top, each) => (each[1] > top[1] ? each : top))
  return { count: Math.max(1, Math.ceil(most)), bound, by }
}

/** The least multiple that is not below `least`. */
function multipleOf(step: number, least: number): number {
  return step * Math.ceil(least / step)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
