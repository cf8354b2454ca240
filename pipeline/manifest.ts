/**
 * The manifest: one file a batch, whose appearance is the only commit point of the collector.
 *
 * A batch moves a range of every partition into raw files, one a partition and event hour. The files are written first;
 * then the manifest that names them is published under the next sequence number. Publishing is write-once, so of two
 * collectors only one can take a number: the other is fenced. What no manifest names does not exist.
 */
import { createHash } from 'node:crypto'
import type { Day } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import type { RawStore } from './raw-store.ts'

export interface RawFile {
  /**
   * `dt=YYYY-MM-DD/hr=HH/events-<sequence>-pPP-<first>-<last>.jsonl.gz`: event day and hour, the manifest's sequence
   * number, partition, offsets included. Only the manifest of that number can ever name the file; so once the number is
   * taken, a file that it does not name may be removed without asking anybody.
   */
  path: string
  day: Day
  hour: string
  partition: number
  /** First and last offset of the batch's range in this partition; the hour's events are among them. */
  first: number
  last: number
  /** Lines. */
  count: number
  /** Sum of the lines' checksums modulo 2^64, decimal; see `audit.ts`. */
  checksum: string
  sha256: string
  size_bytes: number
}

export interface Manifest {
  version: 1
  /** From 1, without gaps. */
  sequence: number
  /** SHA-256 of the manifest before, empty for the first: altering an old one breaks the chain. */
  previous: string
  /** Who wrote it: a random name, so that two collectors never write the same bytes and each knows whether it won. */
  writer: string
  /** Offset at which each partition starts in this batch, by index. */
  begin: number[]
  /** Offset at which each partition goes on: the next batch's `begin`. */
  end: number[]
  /** The log was read to its end as it was at this instant (ms UTC): everything received before is in. Absent when
   *  more was left to read. */
  drained_ms?: number
  files: RawFile[]
  /** Log records that are no event, kept in a reject file with partition, offset and reason. */
  rejects?: { path: string; count: number; sha256: string }
}

export const MANIFEST_FOLDER = '_manifests'

/** A number as it stands in file names: they order as numbers do. */
export function padded(number: number, digits = 12): string {
  return String(number).padStart(digits, '0')
}

export function manifestPath(sequence: number): string {
  return `${MANIFEST_FOLDER}/${padded(sequence)}.json`
}

/** A manifest with the hash that the next one will hold. */
export interface Link {
  manifest: Manifest
  sha256: string
}

/** The one commit. @throws MusicboxError `writer.fenced` when the sequence number is taken */
export async function publishManifest(raw: RawStore, manifest: Manifest): Promise<Link> {
  const bytes = Buffer.from(`${JSON.stringify(manifest)}\n`)
  await raw.publish(manifestPath(manifest.sequence), bytes)
  return { manifest, sha256: sha256(bytes) }
}

/**
 * Every manifest by sequence, the whole chain checked.
 * The newest one has no successor yet that could vouch for it; that the others are as they were written is proven.
 * @throws MusicboxError `data.corrupt`, naming the manifest that is altered, missing or out of place
 */
export async function readManifests(raw: RawStore): Promise<Manifest[]> {
  const names = await raw.list(MANIFEST_FOLDER)
  const manifests: Manifest[] = []
  let before: Link | undefined
  for (let sequence = 1; sequence <= names.length; sequence++) {
    before = await readNext(raw, sequence, before, names)
    manifests.push(before.manifest)
  }
  return manifests
}

/** The newest manifest, checked against the one before it; undefined when there is none. */
export async function readLastManifest(raw: RawStore): Promise<Link | undefined> {
  const names = await raw.list(MANIFEST_FOLDER)
  const sequence = names.length
  if (sequence === 0) return undefined
  const before = sequence === 1 ? undefined : await readManifest(raw, sequence - 1)
  return await readNext(raw, sequence, before, names)
}

/** One manifest, of which only the form is checked. @throws MusicboxError `not.found`, `data.corrupt` */
export async function readManifest(raw: RawStore, sequence: number): Promise<Link> {
  const path = manifestPath(sequence)
  const bytes = await raw.read(path)
  let manifest: Manifest
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString()) as Manifest
  } catch (cause) {
    throw corrupt(`expected ${path} to be JSON, but it is not`, cause)
  }
  if (manifest.version !== 1 || manifest.sequence !== sequence || !Array.isArray(manifest.files)) {
    throw corrupt(`expected ${path} to be manifest ${sequence} of version 1, but it says otherwise`)
  }
  return { manifest, sha256: sha256(bytes) }
}

/** The raw files of each day, days ascending; a day's files by partition and offset: the log's order. */
export function filesByDay(manifests: readonly Manifest[]): Map<Day, RawFile[]> {
  const files = manifests.flatMap((manifest) => manifest.files).sort(inLogOrder)
  return Map.groupBy(files, ({ day }) => day)
}

function inLogOrder(a: RawFile, b: RawFile): number {
  if (a.day !== b.day) return a.day < b.day ? -1 : 1
  return a.partition - b.partition || a.first - b.first || (a.hour < b.hour ? -1 : 1)
}

async function readNext(
  raw: RawStore,
  sequence: number,
  before: Link | undefined,
  names: readonly string[],
): Promise<Link> {
  const expected = manifestPath(sequence)
  if (`${MANIFEST_FOLDER}/${names[sequence - 1]}` !== expected) {
    throw corrupt(`expected the manifest ${expected} next, got ${names[sequence - 1]}: one is missing or out of place`)
  }
  const next = await readManifest(raw, sequence)
  const { previous, begin } = next.manifest
  if (previous !== (before?.sha256 ?? '')) {
    throw corrupt(
      before
        ? `${manifestPath(sequence - 1)} was altered: its SHA-256 is ${before.sha256}, but ${expected} was written after ${previous}`
        : `expected ${expected} to be the first manifest, but it names one before it`,
    )
  }
  const start = before?.manifest.end ?? begin.map(() => 0)
  if (JSON.stringify(begin) !== JSON.stringify(start)) {
    throw corrupt(
      `expected ${expected} to begin at offsets ${start}, where the one before ends, but it begins at ${begin}`,
    )
  }
  return next
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function corrupt(message: string, cause?: unknown): MusicboxError {
  const hint = 'Restore the raw store from a copy, or make it anew from the event log with an empty raw folder.'
  return new MusicboxError('data.corrupt', message, hint, { cause })
}
