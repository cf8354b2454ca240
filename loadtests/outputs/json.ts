/** Every sample as a line of JSON, in the form of k6's `--out json`: a Metric line before a metric's first Point. */
import type { Metric, Output, Sample, Tags } from '../metrics/metric.ts'
import { LineFile } from './line-file.ts'

export class JsonOutput implements Output {
  readonly #file: LineFile
  readonly #known = new Set<Metric>()
  /** Tags as text: a set of tags comes with many samples. */
  readonly #texts = new WeakMap<Tags, string>()
  #time_ms = Number.NaN
  #time = ''

  /** @throws MusicboxError `backend.unreachable` */
  constructor(path: string) {
    this.#file = new LineFile(path)
  }

  sample({ metric, value, tags, time_ms, metadata }: Sample): void {
    if (!this.#known.has(metric)) {
      this.#known.add(metric)
      this.#file.write(describe(metric))
    }
    // The samples of one request have one time.
    if (time_ms !== this.#time_ms) {
      this.#time_ms = time_ms
      this.#time = new Date(time_ms).toISOString()
    }
    const figure = Number.isFinite(value) ? value : null
    const more = metadata ? `,"metadata":${JSON.stringify(metadata)}` : ''
    this.#file.write(
      `{"metric":"${metric.name}","type":"Point","data":{"time":"${this.#time}","value":${figure},"tags":${this.#text(tags)}${more}}}`,
    )
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #text(tags: Tags): string {
    let text = this.#texts.get(tags)
    if (text === undefined) {
      text = JSON.stringify(tags)
      this.#texts.set(tags, text)
    }
    return text
  }
}

function describe({ name, type, contains, subMetrics }: Metric): string {
  const submetrics = subMetrics.map((sub) => ({ name: sub.name, suffix: sub.name.slice(name.length + 1, -1) }))
  const data = { name, type, contains, thresholds: [], submetrics: submetrics.length > 0 ? submetrics : null }
  return JSON.stringify({ type: 'Metric', data, metric: name })
}
