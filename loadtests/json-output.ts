/** Every sample as a line of JSON, in the form of k6's `--out json`: a Metric line before a metric's first Point. */
import { createWriteStream, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { Metric, Output, Sample } from './metric.ts'

export class JsonOutput implements Output {
  readonly #stream: WriteStream
  readonly #known = new Set<Metric>()
  #failure: Error | undefined

  constructor(path: string) {
    this.#stream = createWriteStream(path)
    this.#stream.on('error', (error) => {
      this.#failure = error
    })
  }

  sample({ metric, value, tags, time_ms, metadata }: Sample): void {
    if (!this.#known.has(metric)) {
      this.#known.add(metric)
      const { name, type, contains, subMetrics } = metric
      const submetrics = subMetrics.map((sub) => ({ name: sub.name, suffix: sub.name.slice(name.length + 1, -1) }))
      this.#line({ metric: name, type: 'Metric', data: { name, type, contains, thresholds: [], submetrics } })
    }
    const data = { time: new Date(time_ms).toISOString(), value, tags, ...(metadata && { metadata }) }
    this.#line({ metric: metric.name, type: 'Point', data })
  }

  async close(): Promise<void> {
    this.#stream.end()
    await finished(this.#stream)
    if (this.#failure) throw this.#failure
  }

  #line(value: unknown): void {
    this.#stream.write(`${JSON.stringify(value)}\n`)
  }
}
