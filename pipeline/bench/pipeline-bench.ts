/**
 * The way from the log to the tables on both backends, over the same events: how many a second, how much processor time a
 * stage takes, and whether both end with the same bytes.
 *
 * Each stage runs in a process of its own ({@link import('./stage.ts')}). The processor time of a stage on the cluster is
 * that process's and what the servers used meanwhile; the night's is parted into `night` (our process, Hive, HDFS, Kafka) and
 * `publish` (ZooKeeper, HBase): what HBase puts into HDFS counts to the night, and the client that publishes too.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import type { StoreChoice } from '../../datasets/command.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { type Backend, withBackend } from '../backend.ts'
import { type DumpDigest, dumpDigest } from '../dump.ts'
import { type History, loadHistory } from '../load-history.ts'
import { readManifests } from '../manifest.ts'
import type { Stage, StageFigures } from './stage.ts'

export interface PipelineBenchOptions {
  /** Lines, look-up data: the same for both backends. Its days are iterated once. */
  history: History
  /** The cluster to compare with, and the processes that it is made of. */
  cluster: StoreChoice
  services: () => Promise<readonly ServiceProcess[]>
  /** One line a step, for whoever waits. */
  say?: (line: string) => void
}

export interface ServiceProcess {
  name: string
  pid: number
}

export interface PipelineBench {
  events: number
  /** Raw lines and every table, compared by digest. */
  digests_equal: boolean
  /** Every raw file, compared by name and SHA-256 of its bytes. */
  raw_bytes_equal: boolean
  digest: { embedded: string; cluster: string }
  /** Collector, a backlog of all events: Kafka to HDFS, and LMDB to local files. */
  kafka_to_hdfs_events_per_s: number
  embedded_events_per_s: number
  /** Wall time of each stage. */
  seconds: Record<Stage | 'publish' | 'total', Pair>
  /** Embedded ÷ cluster, wall time of all stages. */
  ratio: number
  core_s_per_million: Record<Stage | 'publish', Pair>
  /** Of our process in each stage. The embedded night holds DuckDB, which the cluster has in Hive. */
  rss_mb_max: Record<Stage, Pair>
  rows: number
  bytes: { raw_gzip_per_event: number; line_per_event: number }
}

interface Pair {
  embedded: number
  cluster: number
}

const STAGE_PROGRAM = fileURLToPath(new URL('./stage.ts', import.meta.url))

export async function benchPipeline(options: PipelineBenchOptions): Promise<PipelineBench> {
  const { history, cluster, services, say = () => {} } = options
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-bench-'))
  try {
    const lines = join(folder, 'lines.jsonl')
    const written = await writeLines(history, lines)
    say(`${written.events} events written`)
    const embedded = await runWay({ data: join(folder, 'data') }, history, lines, async () => [], say)
    const real = await runWay(cluster, history, lines, services, say)
    return compare(written, embedded, real)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeLines(history: History, file: string): Promise<{ events: number; bytes: number }> {
  const out = createWriteStream(file)
  let events = 0
  for await (const { entries } of history.days) {
    events += entries.length
    if (!out.write(`${entries.map(({ line }) => line).join('\n')}\n`)) await once(out, 'drain')
  }
  out.end()
  await finished(out)
  return { events, bytes: out.bytesWritten }
}

interface Way {
  figures: Record<Stage, StageFigures & { servers_cpu_s: number; tables_cpu_s: number }>
  dump: DumpDigest
  /** Path and hash of every raw file. */
  files: string[]
  raw_bytes: number
}

async function runWay(
  stores: StoreChoice,
  history: History,
  lines: string,
  services: PipelineBenchOptions['services'],
  say: (line: string) => void,
): Promise<Way> {
  const name = stores.backend ?? 'embedded'
  await withBackend(stores, (backend) => loadHistory(backend, { ...history, days: noDays() }))
  const figures = {} as Way['figures']
  for (const stage of ['append', 'collect', 'night'] as const) {
    const before = await services()
    const cpuBefore = cpuOf(before)
    const own = await runStage(stage, stores, lines)
    expectSame(before, await services())
    const used = since(cpuBefore, cpuOf(before))
    const servers_cpu_s = sum(Object.values(used))
    const tables_cpu_s = sum(
      Object.entries(used).flatMap(([service, cpu_s]) => (OF_TABLES.test(service) ? [cpu_s] : [])),
    )
    figures[stage] = { ...own, servers_cpu_s, tables_cpu_s }
    say(`${name} ${stage}: ${own.events} events in ${own.seconds.toFixed(1)} s`)
  }
  return { figures, ...(await withBackend(stores, readBack)) }
}

async function readBack(backend: Backend): Promise<Omit<Way, 'figures'>> {
  const raw = await backend.raw()
  const files = (await readManifests(raw)).flatMap((manifest) => manifest.files)
  return {
    dump: await dumpDigest({ raw, tables: await backend.tables() }),
    files: files.map(({ path, sha256 }) => `${path} ${sha256}`),
    raw_bytes: sum(files.map(({ size_bytes }) => size_bytes)),
  }
}

async function* noDays(): History['days'] {}

async function runStage(stage: Stage, stores: StoreChoice, lines: string): Promise<StageFigures> {
  const child = spawn(process.execPath, [STAGE_PROGRAM, stage, JSON.stringify(stores), lines], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0) return JSON.parse(text) as StageFigures
  throw new MusicboxError('backend.unreachable', `the stage ${stage} ended with ${code}`, 'see its message above')
}

const OF_TABLES = /^(zookeeper|hbase-master|regionserver)/
/** Of `/proc`: kernels for users count in hundredths. */
const TICKS_PER_S = 100

/** @throws MusicboxError `backend.unreachable` when a service was started again: its processor time is lost */
function expectSame(before: readonly ServiceProcess[], after: readonly ServiceProcess[]): void {
  const pids = new Set(after.map(({ pid }) => pid))
  const gone = before.filter(({ pid }) => !pids.has(pid)).map(({ name }) => name)
  if (gone.length === 0) return
  throw new MusicboxError(
    'backend.unreachable',
    `expected the cluster to stay up for the whole benchmark, but ${gone.join(', ')} ended`,
    'see `musicbox cluster logs`, then run it again',
  )
}

/** Processor seconds of each process since it began, by its name. Needs Linux's `/proc`. */
function cpuOf(services: readonly ServiceProcess[]): Record<string, number> {
  return Object.fromEntries(
    services.map(({ name, pid }) => {
      // The name in brackets may hold spaces; what follows it does not.
      const [, fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
      const [user, system] = fields!.split(' ').slice(11, 13).map(Number)
      return [name, (user! + system!) / TICKS_PER_S]
    }),
  )
}

function since(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, cpu_s]) => [name, cpu_s - (before[name] ?? 0)]))
}

function compare({ events, bytes }: { events: number; bytes: number }, embedded: Way, cluster: Way): PipelineBench {
  const pair = (of: (way: Way) => number): Pair => ({ embedded: of(embedded), cluster: of(cluster) })
  const total_s = (way: Way): number => sum(Object.values(way.figures).map(({ seconds }) => seconds))
  const collected = ({ figures }: Way): number => Math.round(figures.collect.events / figures.collect.seconds)
  const perMillion = (cpu_s: number): number => rounded((cpu_s / events) * 1e6)
  const core = (stage: Stage) => (way: Way) => {
    const { cpu_s, servers_cpu_s, tables_cpu_s } = way.figures[stage]
    return perMillion(cpu_s + servers_cpu_s - (stage === 'night' ? tables_cpu_s : 0))
  }
  const rss = (stage: Stage) => (way: Way) => Math.round(way.figures[stage].rss_mb_max)
  const seconds = (stage: Stage) => (way: Way) => rounded(way.figures[stage].seconds)
  return {
    events,
    digests_equal: embedded.dump.digest === cluster.dump.digest,
    raw_bytes_equal: embedded.files.join() === cluster.files.join(),
    digest: { embedded: embedded.dump.digest, cluster: cluster.dump.digest },
    kafka_to_hdfs_events_per_s: collected(cluster),
    embedded_events_per_s: collected(embedded),
    seconds: {
      append: pair(seconds('append')),
      collect: pair(seconds('collect')),
      night: pair(seconds('night')),
      publish: pair((way) => rounded(way.figures.night.publish_s!)),
      total: pair((way) => rounded(total_s(way))),
    },
    ratio: rounded(total_s(embedded) / total_s(cluster)),
    core_s_per_million: {
      append: pair(core('append')),
      collect: pair(core('collect')),
      night: pair(core('night')),
      publish: pair((way) => perMillion(way.figures.night.tables_cpu_s)),
    },
    rss_mb_max: { append: pair(rss('append')), collect: pair(rss('collect')), night: pair(rss('night')) },
    rows: embedded.figures.night.rows!,
    bytes: { raw_gzip_per_event: rounded(embedded.raw_bytes / events), line_per_event: rounded(bytes / events) },
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
