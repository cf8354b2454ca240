/**
 * How many events the event server makes durable in a second, and how long each waits for its answer.
 *
 * The server runs in a process of its own on a new LMDB log; this process is the load. Both share the machine, as the
 * harness itself does. A bare Hono handler, which parses the body and answers, is measured the same way in the same run:
 * their ratio says what validation, durability, metrics and limits cost, whatever the machine. Afterwards the log is
 * opened and counted: an accepted event that is not there, or one too many, counts as an error.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { hex32 } from '../datasets/random.ts'
import { openBackend } from '../pipeline/backend.ts'
import { BENCH_SONGS, benchSongId } from './bench-catalogue.ts'
import { type Connection, openConnection, postJson } from './http/connection.ts'

export interface ApiBenchOptions {
  /** Length of the measurement of single events; the others take half of it. */
  seconds: number
  /** Connections that each have one request under way. Default 128. */
  connections?: number
  /** Events a request in the batched measurement, 1 to 500. Default 100. */
  batch?: number
}

export interface ApiBench {
  /** Durable events a second, one a request. */
  events_per_s: number
  /** From sending to the answer. */
  accept_ms_p50: number
  accept_ms_p99: number
  /** Requests without a 202, and events that the log has too few or too many. */
  errors: number
  /** Durable events a second, `batch` a request. */
  events_per_s_batched: number
  /** Requests a second of a handler that parses and answers. */
  bare_hono_per_s: number
  /** `events_per_s` ÷ `bare_hono_per_s`. */
  ratio: number
}

export async function benchApi({ seconds, connections = 128, batch = 100 }: ApiBenchOptions): Promise<ApiBench> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-bench-'))
  const bodies = new Bodies()
  try {
    const bare = await withServer(['bare'], (url) => drive(url, connections, seconds / 2, () => bodies.next(1)))
    const [single, batched] = await withServer(['events', folder], async (url) => [
      await drive(url, connections, seconds, () => bodies.next(1)),
      await drive(url, connections, seconds / 2, () => bodies.next(batch)),
    ])
    const sent = single!.answered_total + batched!.answered_total * batch
    const stored = await countStored(folder)
    return {
      events_per_s: Math.round(single!.per_s),
      accept_ms_p50: quantile(single!.latencies_ms, 0.5),
      accept_ms_p99: quantile(single!.latencies_ms, 0.99),
      errors: bare.errors + single!.errors + batched!.errors + Math.abs(stored - sent),
      events_per_s_batched: Math.round(batched!.per_s * batch),
      bare_hono_per_s: Math.round(bare.per_s),
      ratio: Number((single!.per_s / bare.per_s).toFixed(3)),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs `bench-server.ts` with these arguments for as long as `use` takes. */
async function withServer<T>(args: string[], use: (url: string) => Promise<T>): Promise<T> {
  const program = fileURLToPath(new URL('./bench-server.ts', import.meta.url))
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  try {
    return await use(await firstLine(child))
  } finally {
    // Its standard input is its life line: it ends by itself even if this process is killed.
    child.stdin?.end()
    await exited
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line
  throw new Error('expected the benchmark’s server to say where it listens, but it ended')
}

interface Driven {
  /** Good answers a second of the measurement. */
  per_s: number
  /** Good answers, those of the warm-up included. */
  answered_total: number
  errors: number
  /** Ascending. */
  latencies_ms: number[]
}

/** Keeps every connection busy with one request after the other. */
async function drive(url: string, connections: number, seconds: number, nextRequest: () => Buffer): Promise<Driven> {
  const start_ms = performance.now()
  // A quarter first, at most a second, for the server to be compiled and the connections to open.
  const measure_ms = start_ms + Math.min(1000, (seconds * 1000) / 4)
  const end_ms = measure_ms + seconds * 1000
  const driven: Driven = { per_s: 0, answered_total: 0, errors: 0, latencies_ms: [] }
  const worker = async (connection: Connection): Promise<void> => {
    for (let now = performance.now(); now < end_ms; ) {
      const sent_ms = now
      const { status } = await connection.request(nextRequest())
      now = performance.now()
      if (status !== 202) driven.errors++
      else {
        driven.answered_total++
        if (sent_ms >= measure_ms && now <= end_ms) driven.latencies_ms.push(now - sent_ms)
      }
    }
  }
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(url)))
  try {
    await Promise.all(open.map(worker))
  } finally {
    for (const connection of open) connection.close()
  }
  driven.latencies_ms.sort((a, b) => a - b)
  driven.per_s = driven.latencies_ms.length / seconds
  return driven
}

/** Requests with new events, each with an id of its own. */
class Bodies {
  #count = 0
  readonly #run = hex32(Date.now()) + hex32(process.pid)

  next(events: number): Buffer {
    const parts = Array.from({ length: events }, () => this.#event())
    return postJson('/v1/events', events === 1 ? parts[0]! : `[${parts.join(',')}]`)
  }

  #event(): string {
    const count = this.#count++
    const eid = this.#run + hex32(0) + hex32(count)
    const uid = `bench-${count % 1000}`
    const song = benchSongId(count % BENCH_SONGS)
    return `{"eid":"${eid}","ts":${Date.now()},"uid":"${uid}","session":"${uid}-1","event":"play","songid":"${song}","position_ms":0,"ip4":"192.0.2.1","device":"bench"}`
  }
}

async function countStored(folder: string): Promise<number> {
  const backend = openBackend({ data: folder })
  try {
    return (await (await backend.log()).ends()).reduce((sum, end) => sum + end, 0)
  } finally {
    await backend.close()
  }
}

/** Of ascending values, by nearest rank, to the microsecond; 0 without values. */
function quantile(values: readonly number[], q: number): number {
  const value = values[Math.max(0, Math.ceil(values.length * q) - 1)] ?? 0
  return Number(value.toFixed(3))
}
