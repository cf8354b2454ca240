/** Every sample as a row, in the form of k6's `--out csv`: a column for each of k6's own tags, all others in one. */
import { csvCell } from '../../datasets/csv-cell.ts'
import type { Output, Sample, Tags } from '../metrics/metric.ts'
import { LineFile } from './line-file.ts'

const TAG_COLUMNS = [
  'check',
  'error',
  'error_code',
  'expected_response',
  'group',
  'method',
  'name',
  'proto',
  'scenario',
  'service',
  'status',
  'subproto',
  'tls_version',
  'url',
] as const

export const CSV_HEADER = ['metric_name', 'timestamp', 'metric_value', ...TAG_COLUMNS, 'extra_tags', 'metadata'].join(
  ',',
)

export type CsvTimeFormat = keyof typeof TIME_FORMATS

/** As k6's `K6_CSV_TIME_FORMAT` names them; samples are timed to the millisecond. */
export const TIME_FORMATS = {
  unix: (ms: number) => String(Math.floor(ms / 1000)),
  unix_milli: (ms: number) => String(Math.floor(ms)),
  unix_micro: (ms: number) => String(Math.floor(ms * 1000)),
  unix_nano: (ms: number) => String(BigInt(Math.floor(ms)) * 1_000_000n),
  rfc3339: (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z'),
  rfc3339_nano: (ms: number) => new Date(ms).toISOString(),
} as const

export class CsvOutput implements Output {
  readonly #file: LineFile
  readonly #timeText: (ms: number) => string
  /** The cells that tags make: a set of tags comes with many samples. */
  readonly #cells = new WeakMap<Tags, string>()

  /**
   * The header is not written here: it stands once in a file that several processes append to.
   * @throws MusicboxError `backend.unreachable`
   */
  constructor(path: string, timeFormat: CsvTimeFormat = 'unix', flush_ms?: number) {
    this.#file = new LineFile(path, flush_ms)
    this.#timeText = TIME_FORMATS[timeFormat]
  }

  sample({ metric, value, tags, time_ms, metadata }: Sample): void {
    let cells = this.#cells.get(tags)
    if (cells === undefined) {
      cells = tagCells(tags)
      this.#cells.set(tags, cells)
    }
    const more = metadata ? csvCell(joined(Object.entries(metadata))) : ''
    this.#file.write(`${metric.name},${this.#timeText(time_ms)},${value.toFixed(6)},${cells},${more}`)
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

const OWN_COLUMN: ReadonlySet<string> = new Set(TAG_COLUMNS)

function tagCells(tags: Tags): string {
  const extra = Object.entries(tags).filter(([name]) => !OWN_COLUMN.has(name))
  return [...TAG_COLUMNS.map((name) => csvCell(tags[name] ?? '')), csvCell(joined(extra))].join(',')
}

function joined(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}
