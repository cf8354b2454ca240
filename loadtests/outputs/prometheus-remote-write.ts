/**
 * Sends a run to Prometheus while it goes on, by remote write. What is sent are totals so far, so a push that fails loses
 * resolution and no sample: the next one carries everything. Only a failed last push is a failure of the output.
 */
import { setTimeout as sleep, setImmediate as yieldToRun } from 'node:timers/promises'
import { MusicboxError } from '../../datasets/failure.ts'
import type { Output, Sample } from '../metrics/metric.ts'
import { PrometheusSeries, type SeriesOptions } from './prometheus-series.ts'
import { encodeWriteRequest, type TimeSeries, WRITE_REQUEST_HEADERS } from './write-request.ts'

export interface RemoteWriteOptions extends SeriesOptions {
  url: string
  push_interval_ms: number
  /** Sent with each request. */
  headers: Readonly<Record<string, string>>
  /** End all series when the run ends. */
  staleMarkers: boolean
}

/** Where the output meets the world, for tests. */
export interface RemoteWriteWorld {
  clock: () => number
  /** Told of what goes wrong and is made good later. */
  warn: (line: string) => void
  retry_ms: number
}

const SERIES_PER_REQUEST = 500
/** How long series are put together before the run has its turn. */
const HOLD_MS = 4
const ATTEMPTS = 3
const ANSWER_WITHIN_MS = 10_000

export class PrometheusRemoteWrite implements Output {
  readonly takesThresholds = true
  readonly #options: RemoteWriteOptions
  readonly #world: RemoteWriteWorld
  readonly #series: PrometheusSeries
  readonly #timer: NodeJS.Timeout
  #pushing: Promise<void> | undefined
  /** Of the last push. */
  #failure: string | undefined
  #resend = false
  readonly #pushes = { all: 0, failed: 0 }

  constructor(options: RemoteWriteOptions, world: Partial<RemoteWriteWorld> = {}) {
    this.#options = options
    this.#world = { clock: Date.now, warn: () => {}, retry_ms: 250, ...world }
    this.#series = new PrometheusSeries(options)
    this.#timer = setInterval(() => void this.push(), options.push_interval_ms).unref()
  }

  sample(sample: Sample): void {
    this.#series.add(sample)
  }

  /** Sends what has changed. While a push is under way, another call waits for the same one. */
  push(): Promise<void> {
    this.#pushing ??= this.#push(this.#resend).finally(() => {
      this.#pushing = undefined
    })
    return this.#pushing
  }

  /** Sends the last values of all series. @throws MusicboxError `backend.unreachable` when they were not taken */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#pushing
    await this.#push(true)
    if (this.#options.staleMarkers && this.#failure === undefined) {
      const now_ms = this.#world.clock()
      // Behind the last values, which would be there at the same moment otherwise.
      const ends = [...this.#series.take(now_ms, true)].map(({ labels }) => ({ labels, value: 'stale' as const }))
      await this.#send(ends, now_ms + 1)
    }
    if (this.#series.leftOut > 0) {
      this.#world.warn(
        `${this.#series.leftOut} samples had tags beyond the number of series that is sent to Prometheus; give requests a name tag`,
      )
    }
    if (this.#failure !== undefined) {
      throw new MusicboxError(
        'backend.unreachable',
        `expected Prometheus at ${this.#options.url} to take the samples of the run, got ${this.#failure} (${this.#pushes.failed} of ${this.#pushes.all} pushes failed)`,
        'Prometheus takes remote write when started with --web.enable-remote-write-receiver; the address is K6_PROMETHEUS_RW_SERVER_URL.',
      )
    }
  }

  async #push(all: boolean): Promise<void> {
    const now_ms = this.#world.clock()
    const before = this.#failure
    const requests = await this.#send(this.#series.take(now_ms, all), now_ms)
    if (requests === 0) return
    this.#resend = this.#failure !== undefined
    this.#pushes.all++
    if (this.#failure === undefined) return
    this.#pushes.failed++
    if (before === undefined) this.#world.warn(`a push to Prometheus failed and will be made up for: ${this.#failure}`)
  }

  /** @returns how many requests it took; after one that failed there are no more */
  async #send(series: Iterable<TimeSeries>, time_ms: number): Promise<number> {
    let requests = 0
    let request: TimeSeries[] = []
    const post = async (): Promise<void> => {
      requests++
      this.#failure = await this.#post(encodeWriteRequest(request, time_ms))
      request = []
    }
    let since_ms = performance.now()
    for (const one of series) {
      request.push(one)
      if (request.length === SERIES_PER_REQUEST) {
        await post()
        if (this.#failure !== undefined) return requests
      } else if (performance.now() - since_ms > HOLD_MS) await yieldToRun()
      else continue
      since_ms = performance.now()
    }
    if (request.length > 0) await post()
    return requests
  }

  /** @returns what went wrong */
  async #post(body: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
    let failure: string | undefined
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await sleep(this.#world.retry_ms * 2 ** (attempt - 1))
      try {
        const answer = await fetch(this.#options.url, {
          method: 'POST',
          headers: { ...this.#options.headers, ...WRITE_REQUEST_HEADERS },
          body,
          signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        })
        const text = (await answer.text()).trim()
        if (answer.ok) return undefined
        failure = `status ${answer.status}${text && `: ${text.slice(0, 200)}`}`
        // What is wrong with a request is wrong with it the next time, too.
        if (answer.status < 500 && answer.status !== 429) return failure
      } catch (cause) {
        const { code, message } = ((cause as Error).cause ?? cause) as NodeJS.ErrnoException
        failure = typeof code === 'string' ? code : message
      }
    }
    return failure
  }
}
