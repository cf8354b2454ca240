/**
 * A history as a data set on disk. The main thread only plans, hands out units of work, and keeps the journal; worker
 * threads make the files. Every file is a pure function of the plan, so neither the number of workers nor an interruption
 * shows in its bytes, and memory does not grow with the range.
 */

import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Day } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import type { World } from '../kernel/world.ts'
import { type Hand, hire } from './crew.ts'
import { Digest } from './digest.ts'
import { documents } from './documents.ts'
import type { Format } from './format.ts'
import { type Journal, openJournal } from './journal.ts'
import { createManifest, type Manifest, recordFiles, sealDataset } from './manifest.ts'
import { type FileRecord, PartFile } from './part-file.ts'
import { type Plan, partCount, planDataset, type Unit, unitName, unitsOf, utcDays, WORK_FOLDER } from './plan.ts'
import type { UnitRecord } from './unit.ts'

export interface DatasetOptions {
  /** Folder; made when absent. */
  out: string
  /** Local days whose sessions there are: both included. */
  firstDay: Day
  lastDay: Day
  formats: readonly Format[]
  /** Threads; nothing in the data set depends on it. */
  workers?: number
  /** Users in a part: by default a function of the user count. */
  partUsers?: number
  signal?: AbortSignal
  onProgress?: (progress: DatasetProgress) => void
  /** Adds files below `truth/`, `dirty/` or `users/`; they get into the manifest. */
  extra?: (out: string) => Promise<void>
}

export interface DatasetProgress {
  events: number
  bytes: number
  /** Days that are ready in all parts, on average. */
  days: number
  daysTotal: number
}

/**
 * Writes a data set, or goes on with one that was interrupted; what is there is checked by its checksums first.
 * ```ts
 * const { events, digest } = await writeDataset(world, { out: 'data/year', firstDay, lastDay, formats: ['parquet'] })
 * ```
 * @throws MusicboxError `input.invalid` for options that cannot be and for a folder that holds something else
 */
export async function writeDataset(world: World, options: DatasetOptions): Promise<Manifest> {
  const plan = planDataset(world, options)
  const { out, workers = Math.min(2, availableParallelism()), signal } = options
  if (!(Number.isInteger(workers) && workers >= 1 && workers <= 64)) {
    throw new MusicboxError('input.invalid', `expected 1 to 64 workers, got ${workers}`)
  }
  signal?.throwIfAborted()
  const journal = await openJournal(out, plan)
  await rm(join(out, '_SUCCESS'), { force: true })
  const crew: Hand[] = []
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal!.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  // Nobody may be waiting when it comes.
  aborted.promise.catch(() => {})
  try {
    for (let i = 0; i < workers; i++) crew.push(hire(plan, out))
    const records = await Promise.race([perform(plan, journal, crew, progressOf(plan, options)), aborted.promise])
    await options.extra?.(out)
    signal?.throwIfAborted()
    return await complete(plan, out, records)
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await Promise.all(crew.map((hand) => hand.dismiss()))
    await journal.close()
  }
}

/** Does what the journal does not say is done; answers the records of all units. */
async function perform(
  plan: Plan,
  journal: Journal,
  crew: readonly Hand[],
  onDays: (days: number, events: number, bytes: number) => void,
): Promise<UnitRecord[]> {
  const units = unitsOf(plan)
  const done = await checkDone(units, journal, crew, onDays)
  const waiting = units.filter((unit) => !done.has(unit))
  /** Which listeners each hand was at: their memories are at hand there, and would be made anew elsewhere. */
  const usersOf = new Map<Hand, string>()
  /** A unit whose needs are met, of the hand's own listeners if there is one; none may be left, or others at work. */
  const next = (hand: Hand): Unit | undefined => {
    const isFree = (unit: Unit): boolean =>
      unit.kind !== 'daily' || needsOf(unit, units).every((need) => done.has(need))
    const others = new Set([...usersOf].flatMap(([other, users]) => (other === hand ? [] : [users])))
    const at = [
      (unit: Unit) => unit.kind !== 'events',
      (unit: Unit) => listenersOf(unit) === usersOf.get(hand),
      (unit: Unit) => !others.has(listenersOf(unit)),
      () => true,
    ]
      .map((wanted) => waiting.findIndex((unit) => isFree(unit) && wanted(unit)))
      .find((place) => place >= 0)
    if (at === undefined) return undefined
    const [unit] = waiting.splice(at, 1)
    if (unit!.kind === 'events') usersOf.set(hand, listenersOf(unit!))
    return unit
  }
  await Promise.all(
    crew.map(async (hand) => {
      for (let unit = next(hand); unit !== undefined; unit = next(hand)) {
        const report = await hand.perform({ unit }, (events, bytes) => onDays(1, events, bytes))
        if (!('done' in report)) throw new Error('expected a worker to report that its unit is done')
        await journal.append(unitName(unit), report.done)
        done.set(unit, report.done)
      }
    }),
  )
  return units.map((unit) => done.get(unit)!)
}

function listenersOf(unit: Unit): string {
  return unit.kind === 'events' ? unit.parts.join() : ''
}

/** Which units the journal knows and whose files are as they were written. */
async function checkDone(
  units: readonly Unit[],
  journal: Journal,
  crew: readonly Hand[],
  onDays: (days: number, events: number, bytes: number) => void,
): Promise<Map<Unit, UnitRecord>> {
  const done = new Map<Unit, UnitRecord>()
  const queue = units.filter((unit) => journal.done.has(unitName(unit)))
  await Promise.all(
    crew.map(async (hand) => {
      for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
        const record = journal.done.get(unitName(unit))!
        const report = await hand.perform({ check: record.files })
        if ('intact' in report && report.intact) done.set(unit, record)
      }
    }),
  )
  const summed = new Set([...done.keys()].map((unit) => (unit.kind === 'daily' ? unit.first : undefined)))
  for (const [unit, { work }] of [...done]) {
    if (unit.kind !== 'events' || summed.has(unit.first)) continue
    const report = await crew[0]!.perform({ check: work })
    if (!('intact' in report && report.intact)) done.delete(unit)
  }
  for (const [unit, { events, files }] of done) {
    if (unit.kind === 'events') onDays(unit.parts.length * (unit.last - unit.first + 1), events, sizeOf(files))
  }
  return done
}

function needsOf(unit: { first: number }, units: readonly Unit[]): Unit[] {
  return units.filter((other) => other.kind === 'events' && other.first === unit.first)
}

function progressOf(plan: Plan, { onProgress }: DatasetOptions): (days: number, events: number, bytes: number) => void {
  const { first, last } = utcDays(plan)
  const parts = partCount(plan)
  const total = { events: 0, bytes: 0, partDays: 0 }
  return (days, events, bytes) => {
    total.events += events
    total.bytes += bytes
    total.partDays += days
    onProgress?.({
      events: total.events,
      bytes: total.bytes,
      days: Math.floor(total.partDays / parts),
      daysTotal: last - first + 1,
    })
  }
}

async function complete(plan: Plan, out: string, records: readonly UnitRecord[]): Promise<Manifest> {
  const digest = new Digest()
  let events = 0
  for (const record of records) {
    digest.addText(record.digest)
    events += record.events
  }
  const files: FileRecord[] = records.flatMap((record) => record.files)
  for (const [path, text] of documents(plan)) {
    const file = new PartFile(out, path)
    file.write(new TextEncoder().encode(text))
    files.push(file.close(0))
  }
  const known = new Set(files.map(({ path }) => path))
  for (const folder of ['truth', 'dirty', 'users']) files.push(...(await recordFiles(out, folder, known)))
  await rm(join(out, WORK_FOLDER), { recursive: true, force: true })
  const manifest = createManifest(plan, events, digest.toString(), files)
  await sealDataset(out, manifest)
  return manifest
}

function sizeOf(files: readonly FileRecord[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}
