/** How fast histories are made and written: figures of one run on one machine, and what they are to be compared with. */
import { execFileSync } from 'node:child_process'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { addDays } from '../../datasets/day.ts'
import { dayNumber } from '../kernel/day-number.ts'
import { EventBlock } from '../kernel/event-block.ts'
import { fillDay, wireEvent } from '../kernel/history.ts'
import { userAt } from '../kernel/user.ts'
import { createWorld, type World } from '../kernel/world.ts'
import { FilledBlock } from './filled-block.ts'
import type { Format } from './format.ts'
import { JsonLines } from './json-lines.ts'
import { LineBuffer } from './line-buffer.ts'
import { writeDataset } from './write-dataset.ts'

export interface SimulateFigures {
  cores: number
  /** To files, on two warm threads, hashed and counted. */
  jsonl_events_per_s: number
  jsonl_bytes_per_s: number
  columnar_rows_per_s: number
  parquet_rows_per_s: number
  /** One thread, no output. */
  kernel_events_per_s: number
  /** One thread, lines of a day that is made, into memory. */
  encoder_events_per_s: number
  json_stringify_events_per_s: number
  profiles_per_s: number
  /** First event of any (user, day) of a world in use. */
  first_event_ms: number
  first_event_ms_max: number
  /** The same in a new process, its modules loaded. */
  cold_first_event_ms: number
  /** Most memory of the whole process while it wrote JSON lines. */
  rss_mb: number
  /** Zeros one after the other into one file, to the disk. */
  disk_bytes_per_s: number
  jsonl_over_json_stringify: number
  encoder_over_json_stringify: number
  jsonl_over_disk: number
}

/**
 * Measures on the default world with 5,000 listeners.
 * @param seconds length of each measured phase; there are nine
 */
export async function benchSimulate({
  seconds,
  users = 5_000,
}: {
  seconds: number
  users?: number
}): Promise<SimulateFigures> {
  const world = createWorld({ userCount: users })
  const jsonl = await writing(world, 'jsonl', seconds)
  const columnar = await writing(world, 'npy', seconds)
  const parquet = await writing(world, 'parquet', seconds)
  const kernel_events_per_s = kernelSpeed(world, seconds)
  const { encoder, stringify } = lineSpeeds(world, seconds)
  const disk_bytes_per_s = diskSpeed(Math.min(2 ** 30, jsonl.bytes))
  const first = firstEvents(world, seconds)
  return {
    cores: availableParallelism(),
    jsonl_events_per_s: jsonl.events_per_s,
    jsonl_bytes_per_s: jsonl.bytes_per_s,
    columnar_rows_per_s: columnar.events_per_s,
    parquet_rows_per_s: parquet.events_per_s,
    kernel_events_per_s,
    encoder_events_per_s: encoder,
    json_stringify_events_per_s: stringify,
    profiles_per_s: profileSpeed(world, seconds),
    first_event_ms: first.median_ms,
    first_event_ms_max: first.max_ms,
    cold_first_event_ms: coldFirstEvent(users),
    rss_mb: jsonl.rss_mb,
    disk_bytes_per_s,
    jsonl_over_json_stringify: jsonl.events_per_s / stringify,
    encoder_over_json_stringify: encoder / stringify,
    jsonl_over_disk: jsonl.bytes_per_s / disk_bytes_per_s,
  }
}

/** Writes a data set until the time is up; the first quarter of it, in which threads start and code gets warm, does not count. */
async function writing(
  world: World,
  format: Format,
  seconds: number,
): Promise<{ events_per_s: number; bytes_per_s: number; bytes: number; rss_mb: number }> {
  const out = mkdtempSync(join(tmpdir(), 'musicbox-bench-'))
  const stop = new AbortController()
  const start_ms = performance.now()
  let rss = 0
  let last: { at_ms: number; events: number; bytes: number } = { at_ms: start_ms, events: 0, bytes: 0 }
  let warm: typeof last | undefined
  try {
    await writeDataset(world, {
      out,
      firstDay: world.firstDay,
      lastDay: addDays(world.firstDay, 1_094),
      formats: [format],
      workers: 2,
      signal: stop.signal,
      onProgress: (progress) => {
        if (stop.signal.aborted) return
        last = { at_ms: performance.now(), events: progress.events, bytes: progress.bytes }
        rss = Math.max(rss, process.memoryUsage.rss())
        if (warm === undefined && last.at_ms - start_ms >= seconds * 250) warm = last
        else if (warm !== undefined && last.at_ms - start_ms >= seconds * 1000 && last.events > warm.events)
          stop.abort()
      },
    })
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    rmSync(out, { recursive: true, force: true, maxRetries: 5 })
  }
  const from = warm ?? { at_ms: start_ms, events: 0, bytes: 0 }
  const elapsed_s = (last.at_ms - from.at_ms) / 1000
  return {
    events_per_s: (last.events - from.events) / elapsed_s,
    bytes_per_s: (last.bytes - from.bytes) / elapsed_s,
    bytes: last.bytes,
    rss_mb: rss / 2 ** 20,
  }
}

function kernelSpeed(world: World, seconds: number): number {
  const block = new EventBlock()
  let day = dayNumber(world.firstDay)
  return perSecond(seconds, () => {
    fillDay(block, world, day++)
    return block.count
  })
}

function lineSpeeds(world: World, seconds: number): { encoder: number; stringify: number } {
  const filled = new FilledBlock()
  filled.fill(world, dayNumber(world.firstDay), { first: 0, count: Math.min(2_500, world.userCount) })
  const lines = new JsonLines(world, 'wire')
  const buffer = new LineBuffer(() => {})
  const encoder = perSecond(seconds, () => {
    lines.open(filled)
    for (const row of filled.order) lines.put(buffer, filled, row)
    return filled.order.length
  })
  const events = Array.from(filled.order, (row) => wireEvent(world, filled.block, row))
  let length = 0
  const stringify = perSecond(seconds, () => {
    for (const event of events) length += JSON.stringify(event).length
    return events.length
  })
  if (length === 0) throw new Error('expected a day with events')
  return { encoder, stringify }
}

function profileSpeed(world: World, seconds: number): number {
  const many = { ...world, userCount: 1_000_000 }
  let user = 0
  return perSecond(seconds, () => {
    for (let i = 0; i < 100; i++) userAt(many, user++ % many.userCount)
    return 100
  })
}

function firstEvents(world: World, seconds: number): { median_ms: number; max_ms: number } {
  const took_ms: number[] = []
  const end_ms = performance.now() + seconds * 1000
  for (let i = 0; took_ms.length < 25 || performance.now() < end_ms; i++) {
    const start_ms = performance.now()
    if (firstEvent(world, (i * 7_919) % world.userCount, (i * 104_729) % 1_095))
      took_ms.push(performance.now() - start_ms)
  }
  took_ms.sort((a, b) => a - b)
  return { median_ms: took_ms[took_ms.length >>> 1]!, max_ms: took_ms.at(-1)! }
}

/** Whether the user has an event on that day of the history. */
export function firstEvent(world: World, user: number, day: number): boolean {
  const block = new EventBlock()
  fillDay(block, world, dayNumber(world.firstDay) + day, { first: user, count: 1 })
  return block.count > 0 && wireEvent(world, block, 0).eid !== ''
}

function coldFirstEvent(userCount: number): number {
  const modules = ['../kernel/world.ts', './bench.ts'].map((path) => new URL(path, import.meta.url).href)
  const program = `
    Promise.all(${JSON.stringify(modules)}.map((path) => import(path))).then(([{ createWorld }, { firstEvent }]) => {
      const start_ms = performance.now()
      const world = createWorld({ userCount: ${userCount} })
      for (let user = 0; !firstEvent(world, user, 500); user++);
      console.log(performance.now() - start_ms)
    })`
  return Number(execFileSync(process.execPath, ['--eval', program], { encoding: 'utf8' }))
}

function diskSpeed(bytes: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'musicbox-bench-'))
  const block = new Uint8Array(1 << 20)
  try {
    const start_ms = performance.now()
    const file = openSync(join(folder, 'zeros'), 'w')
    let written = 0
    while (written < bytes) written += writeSync(file, block)
    fsyncSync(file)
    closeSync(file)
    return written / ((performance.now() - start_ms) / 1000)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param round does some work and answers how much; the first quarter of the time warms up */
function perSecond(seconds: number, round: () => number): number {
  const warm_ms = performance.now() + seconds * 250
  while (performance.now() < warm_ms) round()
  const start_ms = performance.now()
  let done = 0
  do done += round()
  while (performance.now() - start_ms < seconds * 750)
  return done / ((performance.now() - start_ms) / 1000)
}
