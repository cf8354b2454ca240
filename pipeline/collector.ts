/**
 * The collector: moves events from the log into raw files by event hour, each exactly once.
 *
 * A batch is a range of every partition. Its steps are: write an intent that lists the files to come; publish the files;
 * publish the manifest that names them, which is the commit; remove the intent. Where the next batch begins is known
 * from the last manifest and from nowhere else.
 *
 * A collector that finds an intent for the next sequence number does not know whether its writer is dead or slow. So it
 * first takes that number with an empty manifest: a slow writer will find the number taken when it comes to commit, and
 * is fenced. Only then are the intent's files removed. File names hold the sequence number, so that a file that is
 * removed can never be one that somebody else has just published anew.
 */
import { createHash, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { dayOf, HOUR_MS, hourOf } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import type { Metrics } from '../observability/metrics.ts'
import { ChecksumSum } from './checksum.ts'
import type { EventLog, StoredLine } from './event-log.ts'
import { judgeRecord } from './log-record.ts'
import {
  type Link,
  MANIFEST_FOLDER,
  type Manifest,
  padded,
  publishManifest,
  type RawFile,
  readLastManifest,
  readManifest,
} from './manifest.ts'
import type { RawStore } from './raw-store.ts'

export interface CollectOptions {
  log: EventLog
  raw: RawStore
  /** Milliseconds UTC. */
  clock: () => number
  metrics?: Metrics
  /** Stops before the next batch; what is committed stays. */
  signal?: AbortSignal
  /** Events in a batch, over all partitions. Default 200,000. */
  maxBatchEvents?: number
  /** Told after each commit how many events this run has moved. */
  onProgress?: (events: number) => void
  /** Names this collector. Default: random. */
  writer?: string
  /** Called after each step; a test that throws here, or ends the process, sees what is left behind. */
  failPoint?: (name: FailPoint) => void | Promise<void>
}

export interface CollectResult {
  /** Moved into raw files by this run. */
  events: number
  files: number
  /** Manifests published, the fence and the empty one that only tells the time included. */
  manifests: number
  rejects: number
  /** Everything that the log had acknowledged before this instant is in raw files, ms UTC. */
  drained_ms: number
  /** Events that have come into the log since. */
  lag_events: number
}

/** Every step after which a collector may die; those of a recovery first. */
export const FAIL_POINTS = [
  'intents-read',
  'fence-published',
  'leftover-removed',
  'leftover-intent-removed',
  'ends-read',
  'batch-read',
  'intent-published',
  'file-published',
  'rejects-published',
  'manifest-published',
  'intent-removed',
] as const

export type FailPoint = (typeof FAIL_POINTS)[number]

export const INTENT_FOLDER = '_intents'
export const REJECT_FOLDER = '_rejects'

const READ_EVENTS = 5000
/** Files compressed and published at once: enough to keep a second core and the disk busy. */
const FILES_AT_ONCE = 8

/**
 * Drains the log to the ends it has now.
 * @throws MusicboxError `writer.fenced` when another collector commits first; `data.corrupt` when the log is shorter than
 *   the manifests say or the chain is broken; `interrupted` on the signal; whatever the stores throw.
 */
export async function collect(options: CollectOptions): Promise<CollectResult> {
  const { log, raw, clock, metrics, signal, onProgress, maxBatchEvents = 200_000 } = options
  if (!(maxBatchEvents >= 1)) {
    throw new MusicboxError('input.invalid', `expected a batch of at least 1 event, got ${maxBatchEvents}`)
  }
  const step: Step = async (name) => options.failPoint?.(name)
  const writer = options.writer ?? randomBytes(8).toString('hex')

  const recovered = await recover(raw, log.partitionCount, writer, step)
  let last = recovered.last
  // The clock first: what is acknowledged before this instant lies before the ends that are read after it.
  const drained_ms = clock()
  const ends = await log.ends()
  await step('ends-read')
  checkLog(last, ends)

  const result = { events: 0, files: 0, manifests: recovered.fenced ? 1 : 0, rejects: 0, drained_ms, lag_events: 0 }
  for (;;) {
    if (signal?.aborted) {
      throw new MusicboxError('interrupted', `stopped after ${result.events} events`, 'Collect again to go on.')
    }
    const begin = last?.manifest.end ?? ends.map(() => 0)
    const end = planBatch(begin, ends, maxBatchEvents)
    const drained = end.every((offset, partition) => offset >= ends[partition]!)
    const empty = end.every((offset, partition) => offset === begin[partition])
    if (empty && (last?.manifest.drained_ms ?? Number.NEGATIVE_INFINITY) >= drained_ms) break
    const plan: Batch = {
      sequence: (last?.manifest.sequence ?? 0) + 1,
      previous: last?.sha256 ?? '',
      writer,
      begin,
      end,
      ...(drained && { drained_ms }),
    }
    last = await runBatch(plan, log, raw, step)
    const { files, rejects } = last.manifest
    result.manifests++
    result.files += files.length
    result.events += files.reduce((sum, { count }) => sum + count, 0)
    result.rejects += rejects?.count ?? 0
    if (metrics) countCommit(metrics, last.manifest, ends)
    onProgress?.(result.events)
    if (drained) break
  }
  const now = await log.ends()
  now.forEach((offset, partition) => {
    const lag_events = offset - last!.manifest.end[partition]!
    result.lag_events += lag_events
    metrics?.log_end_offset.set({ partition }, offset)
    metrics?.collector_lag_events.set({ partition }, lag_events)
  })
  return result
}

/**
 * Where the next batch ends: at the log's ends, or earlier so that it holds `eventsMax` events. Each partition gets an
 * equal share, and what one leaves over goes to the others. A function of its arguments, so that a batch that failed
 * is cut the same way again.
 */
export function planBatch(begin: readonly number[], ends: readonly number[], eventsMax: number): number[] {
  const end = [...begin]
  let room = eventsMax
  for (;;) {
    const open = end.flatMap((offset, partition) => (offset < ends[partition]! ? [partition] : []))
    if (room === 0 || open.length === 0) return end
    const share = Math.max(1, Math.floor(room / open.length))
    for (const partition of open) {
      const taken = Math.min(share, room, ends[partition]! - end[partition]!)
      end[partition]! += taken
      room -= taken
    }
  }
}

type Step = (name: FailPoint) => Promise<void>
type Batch = Omit<Manifest, 'version' | 'files' | 'rejects'>

interface Intent {
  sequence: number
  paths: string[]
}

/** Reads where the last commit is, and clears away what a collector before us has left unfinished. */
async function recover(
  raw: RawStore,
  partitionCount: number,
  writer: string,
  step: Step,
): Promise<{ last: Link | undefined; fenced: boolean }> {
  // Intents first: the manifest before an intent's number was there when the intent was written, so it is found next.
  const intents = await readIntents(raw)
  let last = await readLastManifest(raw)
  await step('intents-read')
  const next = (last?.manifest.sequence ?? 0) + 1
  const beyond = intents.find(({ intent }) => intent.sequence > next)
  if (beyond) {
    throw new MusicboxError(
      'data.corrupt',
      `expected manifest ${beyond.intent.sequence - 1}, which ${beyond.path} was written after, but the last is ${next - 1}`,
      `Restore ${MANIFEST_FOLDER}/ from a copy: manifests are missing.`,
    )
  }
  const fenced = intents.some(({ intent }) => intent.sequence === next)
  if (fenced) {
    const end = last?.manifest.end ?? new Array<number>(partitionCount).fill(0)
    last = await publishManifest(raw, {
      version: 1,
      sequence: next,
      previous: last?.sha256 ?? '',
      writer,
      begin: end,
      end,
      files: [],
    })
    await step('fence-published')
  }
  for (const { path, intent } of intents) {
    await removeUnnamed(raw, intent, step)
    await raw.remove(path)
    await step('leftover-intent-removed')
  }
  return { last, fenced }
}

async function readIntents(raw: RawStore): Promise<{ path: string; intent: Intent }[]> {
  const found: { path: string; intent: Intent }[] = []
  for (const name of await raw.list(INTENT_FOLDER)) {
    const path = `${INTENT_FOLDER}/${name}`
    try {
      found.push({ path, intent: JSON.parse(Buffer.from(await raw.read(path)).toString()) as Intent })
    } catch (error) {
      // Its writer has just finished.
      if (!(error instanceof MusicboxError && error.code === 'not.found')) throw error
    }
  }
  return found
}

/** Removes what an intent lists and the manifest of its number does not. That number must be taken. */
async function removeUnnamed(raw: RawStore, intent: Intent, step: Step): Promise<void> {
  const { manifest } = await readManifest(raw, intent.sequence)
  const named = new Set([...manifest.files.map(({ path }) => path), manifest.rejects?.path])
  for (const path of intent.paths) {
    if (named.has(path)) continue
    await raw.remove(path)
    await step('leftover-removed')
  }
}

function checkLog(last: Link | undefined, ends: readonly number[]): void {
  const hint =
    'The log was replaced or cut after it was collected. Restore it, or begin anew with an empty raw folder; ' +
    'raw files that are there stay valid.'
  if (!last) return
  const { end: collected, sequence } = last.manifest
  if (collected.length !== ends.length) {
    throw new MusicboxError(
      'data.corrupt',
      `expected a log of ${collected.length} partitions, as manifest ${sequence} says, got ${ends.length}`,
      hint,
    )
  }
  collected.forEach((offset, partition) => {
    if (ends[partition]! >= offset) return
    throw new MusicboxError(
      'data.corrupt',
      `expected partition ${partition} of the log to reach offset ${offset}, as manifest ${sequence} ` +
        `says, but it ends at ${ends[partition]}`,
      hint,
    )
  })
}

async function runBatch(batch: Batch, log: EventLog, raw: RawStore, step: Step): Promise<Link> {
  const { hours, rejects } = await surveyBatch(batch, log)
  await step('batch-read')
  const rejectPath = `${REJECT_FOLDER}/${padded(batch.sequence)}-${batch.writer}.jsonl`
  const paths = hours.flatMap((ofPartition, partition) =>
    hoursIn(ofPartition).map((hour) => pathOf(batch, partition, hour)),
  )
  const intent: Intent = {
    sequence: batch.sequence,
    paths: rejects.length > 0 ? [...paths, rejectPath] : paths,
  }
  // An empty batch leaves nothing behind that would need one.
  const intentPath = intent.paths.length > 0 && `${INTENT_FOLDER}/${padded(batch.sequence)}-${batch.writer}.json`
  if (intentPath) {
    await raw.publish(intentPath, Buffer.from(JSON.stringify(intent)))
    await step('intent-published')
  }
  try {
    const manifest: Manifest = { version: 1, ...batch, files: await publishFiles(batch, hours, log, raw, step) }
    if (rejects.length > 0) {
      manifest.rejects = await publishRejects(rejectPath, rejects, raw)
      await step('rejects-published')
    }
    const link = await publishManifest(raw, manifest)
    await step('manifest-published')
    if (intentPath) {
      await raw.remove(intentPath)
      await step('intent-removed')
    }
    return link
  } catch (error) {
    if (!(error instanceof MusicboxError && error.code === 'writer.fenced')) throw error
    if (intentPath) await clearAway(raw, intent, intentPath)
    throw new MusicboxError(
      'writer.fenced',
      `another collector took number ${batch.sequence} while this one was writing its files`,
      'Nothing is lost or doubled. See that only one collector runs, or just collect again.',
      { cause: error },
    )
  }
}

/** A fenced collector removes its own files, if it is sure that they will never be named. */
async function clearAway(raw: RawStore, intent: Intent, intentPath: string): Promise<void> {
  try {
    await removeUnnamed(raw, intent, async () => {})
    await raw.remove(intentPath)
  } catch (error) {
    // The number is not taken yet: a file, not the manifest, was there before ours. The next collector will see to it.
    if (!(error instanceof MusicboxError && error.code === 'not.found')) throw error
  }
}

interface Reject {
  partition: number
  offset: number
  reason: string
  line: string
}

/** For each offset of the batch in a partition, the hours since 1970 of its event; {@link NO_EVENT} for a reject. */
type HoursByOffset = Int32Array
const NO_EVENT = -1

/**
 * Reads a batch once to know which files it will make. The lines are read again when they are written, one partition
 * after the other, so that memory holds a part of the batch only; the log does not change.
 */
async function surveyBatch(batch: Batch, log: EventLog): Promise<{ hours: HoursByOffset[]; rejects: Reject[] }> {
  const hours: HoursByOffset[] = []
  const rejects: Reject[] = []
  for (const [partition, begin] of batch.begin.entries()) {
    const ofPartition = new Int32Array(batch.end[partition]! - begin)
    for await (const stored of readRange(batch, partition, log)) {
      for (const { offset, line } of stored) {
        const judged = judgeRecord(line)
        ofPartition[offset - begin] = judged.state === 'event' ? Math.floor(judged.ts / HOUR_MS) : NO_EVENT
        if (judged.state === 'reject') rejects.push({ partition, offset, reason: judged.reason, line })
      }
    }
    hours.push(ofPartition)
  }
  return { hours, rejects }
}

/** The hours that hold events, ascending. */
function hoursIn(ofPartition: HoursByOffset): number[] {
  return [...new Set(ofPartition)].filter((hour) => hour !== NO_EVENT).sort((a, b) => a - b)
}

/**
 * A batch's lines of one partition, several thousand at a time.
 * @throws MusicboxError `data.corrupt` when the log does not hold every offset of the range
 */
async function* readRange(
  { begin, end }: Batch,
  partition: number,
  log: EventLog,
): AsyncGenerator<readonly StoredLine[]> {
  const to = end[partition]!
  for (let from = begin[partition]!; from < to; ) {
    const stored = await log.read(partition, from, Math.min(READ_EVENTS, to - from))
    if (stored[0]?.offset !== from || stored.at(-1)!.offset !== from + stored.length - 1) {
      throw new MusicboxError(
        'data.corrupt',
        `expected the log to hold offset ${from} of partition ${partition} and what follows it without a gap, ` +
          `got ${stored.length === 0 ? 'nothing' : `${stored[0]!.offset} to ${stored.at(-1)!.offset}`}`,
        'The log has lost events. Restore it from a copy; raw files that are there stay valid.',
      )
    }
    yield stored
    from += stored.length
  }
}

function pathOf({ sequence, begin, end }: Batch, partition: number, hour: number): string {
  const offsets = `${padded(begin[partition]!)}-${padded(end[partition]! - 1)}`
  const name = `events-${padded(sequence)}-p${padded(partition, 2)}-${offsets}.jsonl.gz`
  return `dt=${dayOf(hour * HOUR_MS)}/hr=${hourOf(hour * HOUR_MS)}/${name}`
}

/** The lines of one partition and hour: one file to be. */
interface Group {
  partition: number
  /** Since 1970. */
  hour: number
  lines: string[]
}

/** Every group of the batch by partition and hour. The next partition is read when all groups of this one are taken. */
async function* groupsOf(batch: Batch, hours: readonly HoursByOffset[], log: EventLog): AsyncGenerator<Group> {
  for (const [partition, ofPartition] of hours.entries()) {
    const groups = new Map<number, Group>()
    for (const hour of hoursIn(ofPartition)) groups.set(hour, { partition, hour, lines: [] })
    for await (const stored of readRange(batch, partition, log)) {
      for (const { offset, line } of stored) {
        groups.get(ofPartition[offset - batch.begin[partition]!]!)?.lines.push(line)
      }
    }
    yield* groups.values()
  }
}

/** Compresses and publishes all groups, several at a time. Answers in their order. */
async function publishFiles(
  batch: Batch,
  hours: readonly HoursByOffset[],
  log: EventLog,
  raw: RawStore,
  step: Step,
): Promise<RawFile[]> {
  const files: RawFile[] = []
  const groups = groupsOf(batch, hours, log)
  let count = 0
  let failed = false
  const work = async (): Promise<void> => {
    try {
      while (!failed) {
        const { value: group } = await groups.next()
        if (!group) return
        const at = count++
        files[at] = await publishFile(batch, group, raw)
        await step('file-published')
      }
    } catch (error) {
      failed = true
      throw error
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: FILES_AT_ONCE }, work))
  // Only now that no worker is at it any more: what follows may remove files.
  const failure = workers.find((worker) => worker.status === 'rejected')
  if (failure) throw failure.reason
  return files
}

async function publishFile(batch: Batch, { partition, hour, lines }: Group, raw: RawStore): Promise<RawFile> {
  const checksum = new ChecksumSum()
  for (const line of lines) checksum.add(line)
  const bytes = await compress(`${lines.join('\n')}\n`)
  const path = pathOf(batch, partition, hour)
  await raw.publish(path, bytes)
  return {
    path,
    day: dayOf(hour * HOUR_MS),
    hour: hourOf(hour * HOUR_MS),
    partition,
    first: batch.begin[partition]!,
    last: batch.end[partition]! - 1,
    count: lines.length,
    checksum: String(checksum.total()),
    sha256: sha256(bytes),
    size_bytes: bytes.length,
  }
}

const gzipped = promisify(gzip)

/** The same text gives the same bytes: gzip's header holds no time here, and not the name of this operating system. */
async function compress(text: string): Promise<Buffer> {
  const bytes = await gzipped(text, { level: constants.Z_BEST_SPEED })
  const operatingSystemAt = 9
  const unknown = 255
  bytes[operatingSystemAt] = unknown
  return bytes
}

async function publishRejects(
  path: string,
  rejects: readonly Reject[],
  raw: RawStore,
): Promise<NonNullable<Manifest['rejects']>> {
  const bytes = Buffer.from(rejects.map((reject) => `${JSON.stringify(reject)}\n`).join(''))
  await raw.publish(path, bytes)
  return { path, count: rejects.length, sha256: sha256(bytes) }
}

function countCommit(metrics: Metrics, manifest: Manifest, ends: readonly number[]): void {
  for (const { count } of manifest.files) metrics.collector_events_total.inc(count)
  metrics.collector_files_total.inc(manifest.files.length)
  metrics.collector_rejects_total.inc(manifest.rejects?.count ?? 0)
  manifest.end.forEach((offset, partition) => {
    metrics.collector_offset.set({ partition }, offset)
    metrics.collector_lag_events.set({ partition }, ends[partition]! - offset)
  })
  if (manifest.drained_ms !== undefined) {
    metrics.stage_watermark_timestamp_seconds.set({ stage: 'raw' }, manifest.drained_ms / 1000)
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
