/**
 * Watches the system under load: once a second it asks each of its processes for `/metrics` and records what thresholds
 * can name ({@link SYSTEM_METRICS}). A scrape that fails is counted and ends nothing.
 *
 * Node's event-loop figures start anew at each scrape. Where a Prometheus scrapes the same process, each of the two sees
 * the delays since the other's last look only; every other metric is the same for both.
 */
import { MusicboxError } from '../../datasets/failure.ts'
import type { Metrics } from '../metrics/metric.ts'
import type { TagSet } from '../metrics/tag-set.ts'
import { parsePrometheusText } from './prometheus-text.ts'
import { type Scrape, SYSTEM_METRICS, systemReadings } from './system-metrics.ts'

/** Where `musicbox serve` has the metrics of its three processes. */
export const DEFAULT_METRICS_URLS: readonly string[] = [9181, 9191, 9201].map(
  (port) => `http://127.0.0.1:${port}/metrics`,
)

export interface SystemProbeOptions {
  urls: readonly string[]
  /** Where the readings are recorded. */
  metrics: Metrics
  /** On every reading. Default: none. */
  tags?: TagSet
  /** Leave out addresses that do not answer the first time: for {@link DEFAULT_METRICS_URLS}, which may not be there. */
  optional?: boolean
  /** Unix time, ms. */
  clock?: () => number
}

const INTERVAL_MS = 1000
const ANSWER_WITHIN_MS = 2000

export class SystemProbe {
  readonly #metrics: Metrics
  readonly #tags: TagSet
  readonly #clock: () => number
  readonly #stopping = new AbortController()
  #optional: boolean
  /** The last scrape of each address. */
  #targets: Map<string, Scrape | undefined>
  #scraping: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  /** @throws MusicboxError `input.invalid` for what is no address */
  constructor({ urls, metrics, tags, optional = false, clock = Date.now }: SystemProbeOptions) {
    this.#metrics = metrics
    this.#tags = tags ?? metrics.tagSets.root
    this.#clock = clock
    this.#optional = optional
    this.#targets = new Map(urls.map((url) => [expectAddress(url), undefined]))
    for (const [name, { type, contains }] of Object.entries(SYSTEM_METRICS)) metrics.custom(name, type, contains)
  }

  /** The addresses that are watched. */
  get urls(): string[] {
    return [...this.#targets.keys()]
  }

  /** Takes the first scrape, from which growth is counted, and goes on once a second. */
  async start(): Promise<void> {
    await this.scrape()
    this.#timer = setInterval(() => void this.scrape(), INTERVAL_MS)
  }

  /** Asks every address once. While answers are awaited, another call waits for the same ones. */
  scrape(): Promise<void> {
    this.#scraping ??= this.#scrapeAll().finally(() => {
      this.#scraping = undefined
    })
    return this.#scraping
  }

  /** Ends open scrapes; resolves when nothing more is recorded. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    await this.#scraping
  }

  async #scrapeAll(): Promise<void> {
    await Promise.all(this.urls.map((url) => this.#scrapeOne(url)))
    this.#optional = false
  }

  async #scrapeOne(url: string): Promise<void> {
    let scrape: Scrape
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)])
      const answer = await fetch(url, { signal })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`status ${answer.status}`)
      scrape = { samples: parsePrometheusText(text), at_ms: this.#clock() }
    } catch {
      if (this.#stopping.signal.aborted) return
      if (this.#optional) this.#targets.delete(url)
      else this.#record('system_scrape_failed', 1, { url })
      return
    }
    const readings = systemReadings(scrape, this.#targets.get(url), new URL(url).host)
    this.#targets.set(url, scrape)
    for (const { name, value, tags } of readings) {
      // One line for each part of the system: in the metric alone, the last part to be read would stand for all.
      for (const [tag, of] of Object.entries(tags)) this.#metrics.subMetric(`${name}{${tag}:${of}}`)
      this.#record(name, value, tags)
    }
  }

  #record(name: string, value: number, tags: Readonly<Record<string, string>>): void {
    this.#metrics.emit(this.#metrics.all.get(name)!, value, this.#tags.withAll(tags), this.#clock())
  }
}

function expectAddress(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw new MusicboxError(
    'input.invalid',
    `expected the address of metrics in Prometheus' form, such as http://127.0.0.1:9181/metrics, got "${url}"`,
  )
}
