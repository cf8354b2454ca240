/** A segment in a process of its own, so that a run can use more than one core. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type FailureCode, MusicboxError } from '../../datasets/failure.ts'
import type { ControlState } from './run-control.ts'
import type { SegmentEnd, SegmentEvents, SegmentHandle, SegmentReport, SegmentSpec } from './segment.ts'
import { type FromSegment, joinedSeries, reportOf, type ToSegment } from './segment-message.ts'

const PROGRAM = fileURLToPath(new URL('./segment-process.ts', import.meta.url))
/** How long a process that was asked to close may take: an output may try three times for ten seconds. */
const CLOSE_WITHIN_MS = 40_000

export class WorkerSegment implements SegmentHandle {
  readonly ready: Promise<{ init_ms: number }>
  readonly #child: ChildProcess
  readonly #waiting = new Map<FromSegment['type'], (message: FromSegment) => void>()
  readonly #events: SegmentEvents
  readonly #failed: Promise<never>
  #fail: (error: unknown) => void = () => {}
  #reports: SegmentReport[] = []
  #closing = false

  /** @param nodeArgs flags of Node for the process, beside those of this one */
  constructor(spec: SegmentSpec, events: SegmentEvents, nodeArgs: readonly string[] = []) {
    this.#events = events
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    // Whoever waits for something sees the failure; nobody may be waiting.
    this.#failed.catch(() => {})
    this.#child = fork(PROGRAM, { serialization: 'advanced', execArgv: [...process.execArgv, ...nodeArgs] })
    this.#child.on('message', (message: FromSegment) => this.#onMessage(message))
    this.#child.on('exit', (code, signal) => this.#onExit(signal ?? String(code)))
    this.#child.on('error', (error) => this.#fail(error))
    this.ready = this.#expect('ready').then(({ init_ms }) => ({ init_ms }))
    this.ready.catch(() => {})
    this.#say({ type: 'load', spec })
  }

  async start(data: string | undefined, start_ms: number): Promise<SegmentEnd> {
    const ended = this.#expect('end')
    this.#say({ type: 'start', data, start_ms })
    return (await ended).end
  }

  takeReport(): SegmentReport | undefined {
    if (this.#reports.length === 0) return undefined
    const taken = this.#reports
    this.#reports = []
    return joinedReports(taken)
  }

  control(state: ControlState): void {
    this.#say({ type: 'control', state })
  }

  async park(): Promise<void> {
    const parked = this.#expect('parked')
    this.#say({ type: 'park' })
    await parked
  }

  stop(): void {
    this.#say({ type: 'stop' })
  }

  /** @throws what the process could not bring to an end: its ledger, its outputs */
  async close(): Promise<void> {
    if (this.#closing || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#closing = true
    const exited = once(this.#child, 'exit')
    const closed = this.#expect('closed')
    this.#say({ type: 'close' })
    const timer = setTimeout(() => {
      this.#fail(new MusicboxError('backend.unreachable', `a worker process did not end within ${CLOSE_WITHIN_MS} ms`))
      this.#child.kill('SIGKILL')
    }, CLOSE_WITHIN_MS)
    try {
      await closed
    } finally {
      await exited
      clearTimeout(timer)
    }
  }

  #say(message: ToSegment): void {
    if (this.#child.connected) this.#child.send(message)
  }

  #expect<T extends FromSegment['type']>(type: T): Promise<Extract<FromSegment, { type: T }>> {
    const came = new Promise<Extract<FromSegment, { type: T }>>((resolve) => {
      this.#waiting.set(type, resolve as (message: FromSegment) => void)
    })
    return Promise.race([came, this.#failed])
  }

  #onMessage(message: FromSegment): void {
    switch (message.type) {
      case 'report':
        this.#reports.push(reportOf(message.report))
        break
      case 'log':
        this.#events.log(message.level, message.message, message.from)
        break
      case 'abort':
        this.#events.onAbort(message.message)
        break
      case 'fail':
        this.#events.onFail(message.message)
        break
      case 'error':
        this.#fail(errorOf(message))
        break
      case 'end':
        // At once, and not when all have ended: from now on this process has no users at work.
        this.#reports.push(reportOf(message.report))
        this.#waiting.get(message.type)?.(message)
        break
      default:
        this.#waiting.get(message.type)?.(message)
    }
  }

  #onExit(why: string): void {
    if (this.#closing) return
    this.#fail(
      new MusicboxError(
        'script.failed',
        `a worker process of the load ended (${why}) before its share was done`,
        'Is there memory enough? Try fewer --workers.',
      ),
    )
  }
}

function errorOf({ code, message, hint }: Extract<FromSegment, { type: 'error' }>): Error {
  return code === undefined ? new Error(message) : new MusicboxError(code as FailureCode, message, hint)
}

/** Reports of one segment, in order: what came adds up, counts are those of the last one. */
function joinedReports(reports: readonly SegmentReport[]): SegmentReport {
  return { ...reports.at(-1)!, series: joinedSeries(reports.map(({ series }) => series)) }
}
