/**
 * `--out TYPE=PATH`: where the samples of a run go, with k6's types and k6's variables for their settings. A variable of
 * such an output that has no effect here is refused by name.
 *
 * What is read is plain data, so that each process of a run can open outputs of its own. Files are made once, before.
 */
import { MusicboxError } from '../../datasets/failure.ts'
import type { Output } from '../metrics/metric.ts'
import { CSV_HEADER, CsvOutput, type CsvTimeFormat, TIME_FORMATS } from './csv.ts'
import { JsonOutput } from './json.ts'
import { LineFile } from './line-file.ts'
import { type Env, readInterval, refuseOthers } from './out-setting.ts'
import { PrometheusRemoteWrite } from './prometheus-remote-write.ts'
import { type RemoteWriteSpec, readRemoteWrite } from './remote-write-option.ts'

export type OutSpec = JsonSpec | CsvSpec | RemoteWriteSpec

export interface JsonSpec {
  type: 'json'
  path: string
}

export interface CsvSpec {
  type: 'csv'
  path: string
  timeFormat: CsvTimeFormat
  save_interval_ms: number
}

/** @throws MusicboxError `input.invalid` for an unknown type, a missing path or a setting that cannot be */
export function readOut(text: string, env: Env = {}): OutSpec {
  const [, type, rest = ''] = /^([^=]*)(?:=(.*))?$/s.exec(text)!
  switch (type) {
    case 'json':
      return { type, path: pathOf(type, rest) }
    case 'csv':
      refuseOthers(env, 'K6_CSV_', ['TIME_FORMAT', 'FILENAME', 'SAVE_INTERVAL'])
      return {
        type,
        path: pathOf(type, rest || (env['K6_CSV_FILENAME'] ?? '')),
        timeFormat: readTimeFormat(env['K6_CSV_TIME_FORMAT'] ?? 'unix'),
        save_interval_ms: readInterval('K6_CSV_SAVE_INTERVAL', env, '1s'),
      }
    case 'experimental-prometheus-rw':
    case 'prometheus-remote-write':
      return readRemoteWrite(rest, env)
    default:
      throw new MusicboxError(
        'input.invalid',
        `expected --out to be json=PATH, csv=PATH or experimental-prometheus-rw, got "${text}"`,
      )
  }
}

/** Makes the files anew: once for a run, before {@link openOutputs} in any process. @throws MusicboxError `backend.unreachable` */
export function createOutFiles(specs: readonly OutSpec[]): void {
  for (const spec of specs) {
    if (spec.type === 'json') LineFile.create(spec.path)
    if (spec.type === 'csv') LineFile.create(spec.path, [CSV_HEADER])
  }
}

export interface OutContext {
  /** Number of this process's part in a run of several: tells its series in Prometheus from those of the others. */
  segment?: number
  warn?: (line: string) => void
}

/** @throws MusicboxError `backend.unreachable` for a file that cannot be opened */
export function openOutputs(specs: readonly OutSpec[], { segment, warn }: OutContext = {}): Output[] {
  return specs.map((spec) => openOutput(spec, segment, warn))
}

function openOutput(spec: OutSpec, segment: number | undefined, warn: OutContext['warn']): Output {
  switch (spec.type) {
    case 'json':
      return new JsonOutput(spec.path)
    case 'csv':
      return new CsvOutput(spec.path, spec.timeFormat, spec.save_interval_ms)
    case 'prometheus-remote-write': {
      const labels: Record<string, string> = segment === undefined ? {} : { segment: String(segment) }
      return new PrometheusRemoteWrite({ ...spec, labels }, warn && { warn })
    }
  }
}

function pathOf(type: string, path: string): string {
  if (path !== '' && path !== '-') return path
  throw new MusicboxError('input.invalid', `expected a path behind --out ${type}=, got "${path}"`)
}

function readTimeFormat(text: string): CsvTimeFormat {
  if (Object.hasOwn(TIME_FORMATS, text)) return text as CsvTimeFormat
  throw new MusicboxError(
    'input.invalid',
    `expected K6_CSV_TIME_FORMAT to be one of ${Object.keys(TIME_FORMATS).join(', ')}, got "${text}"`,
  )
}
