/** Plans side by side, as a person reads them. */
import Table from 'cli-table3'
import type { Plan, Tier } from './capacity-plan.ts'
import type { Choices } from './choices.ts'
import type { Measured } from './measured.ts'
import { shortBytes, shortCount } from './quantity.ts'

const ROWS: readonly [string, (plan: Plan) => string][] = [
  ['events/s, mean', ({ mean_per_s }) => shortCount(mean_per_s)],
  ['events/s, busiest hour', ({ peak_per_s }) => shortCount(peak_per_s)],
  ['embedded stores, one machine', ({ embedded }) => (embedded.enough ? 'enough' : 'too small')],
  ['Kafka brokers', ({ log }) => machines(log.brokers)],
  ['  partitions', ({ log }) => shortCount(log.partitions)],
  ['  log a day, one copy', ({ log }) => shortBytes(log.bytes_per_day)],
  ['  log kept, all copies', ({ log }) => shortBytes(log.bytes_kept)],
  ['collectors', ({ collect }) => shortCount(collect.collectors.count)],
  ['  cores, servers included', ({ collect }) => shortCount(collect.cores)],
  ['  events in a batch', ({ collect }) => shortCount(collect.batch_events)],
  ['HDFS datanodes, with Hive', ({ raw }) => machines(raw.datanodes)],
  ['  raw a day, one copy', ({ raw }) => shortBytes(raw.bytes_per_day)],
  ['  raw kept, all copies', ({ raw }) => shortBytes(raw.bytes_kept)],
  ['  files a day', ({ raw }) => shortCount(raw.files_per_day)],
  ['  size of a file', ({ raw }) => shortBytes(raw.file_bytes)],
  ['  namenode heap', ({ raw }) => shortBytes(raw.namenode_heap_gb * 1e9)],
  ['  warehouse kept, all copies', ({ night }) => shortBytes(night.bytes_kept)],
  ['  cores of the night', ({ night }) => shortCount(night.cores)],
  ['HBase regionservers', ({ tables }) => machines(tables.regionservers)],
  ['  rows a day', ({ tables }) => shortCount(tables.rows_per_day)],
  ['  tables kept, all copies', ({ tables }) => shortBytes(tables.bytes_kept)],
  ['  regions', ({ tables }) => shortCount(tables.regions)],
  ['  of song_event_log', ({ tables }) => shortCount(tables.regions_of['song_event_log']!)],
  ['network, busiest hour', ({ network_gbit }) => `${shortCount(network_gbit)} Gbit/s`],
  ['bytes kept, all stores', ({ bytes_kept_total }) => shortBytes(bytes_kept_total)],
  ['machines', (plan) => shortCount(plan.machines)],
]

export function planText(plans: readonly Plan[], measured: Measured, choices: Choices): string {
  const table = new Table({
    head: ['events a day', ...plans.map(({ events_per_day }) => shortCount(events_per_day))],
    colAligns: ['left', ...plans.map(() => 'right' as const)],
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] },
  })
  for (const [name, of] of ROWS) table.push([name, ...plans.map(of)])
  const { peak, headroom, replication, cores, disk_tb, network_gbit, log_days, raw_days, table_days } = choices
  return [
    table.toString(),
    'In brackets: what decides the count.',
    `Chosen: peak ${peak}x, ${Math.round(headroom * 100)} % kept free, ${replication} copies; log ${log_days} days, ` +
      `raw ${raw_days}, tables ${table_days}; ${shortCount(choices.songs)} songs;`,
    `machines of ${cores} cores, ${disk_tb} TB, ${network_gbit} Gbit/s.`,
    `Measured on ${measured.measured_on}: ${measured.machine}.`,
    'A model, linear in what was measured there; nothing of this size has been run.',
    ...plans.flatMap(limitsText),
  ].join('\n')
}

function limitsText({ events_per_day, limits }: Plan): string[] {
  if (limits.length === 0) return ['', `At ${shortCount(events_per_day)} events a day all holds as it is built.`]
  return [
    '',
    `At ${shortCount(events_per_day)} events a day no longer holds:`,
    ...limits.map(({ what, because, change }) => `- ${what} (${because}): ${change}.`),
  ]
}

function machines({ count, bound }: Tier): string {
  return `${shortCount(count)} (${bound})`
}
