/**
 * One stage of the way in a process of its own, so that its time, processor time and memory are its own. Arguments: the
 * stage, the stores as JSON, for `append` the file of stored lines. Prints one object.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { StoreChoice } from '../../datasets/command.ts'
import { type Backend, withBackend } from '../backend.ts'
import { collect } from '../collector.ts'
import type { LogEntry } from '../event-log.ts'
import { runNight } from '../night-job.ts'
import type { TableStore } from '../table-store.ts'

export type Stage = 'append' | 'collect' | 'night'

export interface StageFigures {
  /** Of the work alone: opening the stores and reading the input are left out. */
  seconds: number
  /** Processor time of this process, over the same span. */
  cpu_s: number
  /** Most resident memory of this process, from its start to its end. */
  rss_mb_max: number
  /** Events appended, or moved, or counted. */
  events: number
  /** Of the night: rows published, and how much of `seconds` went by while a publication was under way. */
  rows?: number
  publish_s?: number
}

/** Events parsed before they are appended: enough for several of the log's own batches. */
const CHUNK_EVENTS = 20_000
/** Appends under way at once, and events in each, as several web servers would send them. */
const APPENDS_AT_ONCE = 4
const APPEND_EVENTS = 1000

type Work = Pick<StageFigures, 'events' | 'rows' | 'publish_s'>

/** Adds up wall time and processor time over the parts of the work that count. */
class Span {
  readonly total = { seconds: 0, cpu_s: 0 }

  async over<T>(work: () => Promise<T>): Promise<T> {
    const start_ms = performance.now()
    const cpu = process.cpuUsage()
    try {
      return await work()
    } finally {
      const { user, system } = process.cpuUsage(cpu)
      this.total.seconds += (performance.now() - start_ms) / 1000
      this.total.cpu_s += (user + system) / 1e6
    }
  }
}

const RUN: Record<Stage, (backend: Backend, span: Span, file: string) => Promise<Work>> = {
  async append(backend, span, file) {
    const log = await backend.log()
    let events = 0
    for await (const chunk of chunksOf(file)) {
      await span.over(async () => {
        const batches = Array.from({ length: Math.ceil(chunk.length / APPEND_EVENTS) }, (_, at) =>
          chunk.slice(at * APPEND_EVENTS, (at + 1) * APPEND_EVENTS),
        )
        // In turns, so that each partition gets its lines in the file's order on every backend.
        for (let from = 0; from < batches.length; from += APPENDS_AT_ONCE) {
          await Promise.all(batches.slice(from, from + APPENDS_AT_ONCE).map((batch) => log.append(batch)))
        }
      })
      events += chunk.length
    }
    return { events }
  },

  async collect(backend, span) {
    const stores = { log: await backend.log(), raw: await backend.raw() }
    const { events } = await span.over(() => collect({ ...stores, clock: Date.now }))
    return { events }
  },

  async night(backend, span) {
    const stores = { raw: await backend.raw(), warehouse: await backend.warehouse() }
    const publishing = new Span()
    const tables = timed(await backend.tables(), publishing)
    const night = await span.over(() => runNight({ ...stores, tables }, { through: '9999-12-31' }))
    const events = night.days.reduce((sum, day) => sum + day.events, 0)
    return { events, rows: night.rows, publish_s: publishing.total.seconds }
  },
}

/** The same store, with its publications timed. */
function timed(tables: TableStore, publishing: Span): TableStore {
  return {
    snapshot: (read) => tables.snapshot(read),
    put: (rows) => tables.put(rows),
    publish: (publication, rows) => publishing.over(() => tables.publish(publication, rows)),
    close: () => tables.close(),
  }
}

async function* chunksOf(file: string): AsyncGenerator<LogEntry[]> {
  let chunk: LogEntry[] = []
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { eid, uid } = JSON.parse(line) as { eid: string; uid: string }
    chunk.push({ eid, key: uid, line })
    if (chunk.length < CHUNK_EVENTS) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

const [stage, stores, file] = process.argv.slice(2)
const span = new Span()
const work = await withBackend(JSON.parse(stores!) as StoreChoice, (backend) =>
  RUN[stage as Stage](backend, span, file!),
)
const rss_mb_max = process.resourceUsage().maxRSS / 1024
process.stdout.write(`${JSON.stringify({ ...span.total, rss_mb_max, ...work } satisfies StageFigures)}\n`)
