/**
 * `--out TYPE=PATH`: where the samples of a run go, with k6's types and k6's variables for their settings. A variable of
 * such an output that has no effect here is refused by name.
 *
 * What is read is plain data, so that each process of a run can open outputs of its own. Files are made once, before.
 */
import { MusicboxError } from '../../datasets/failure.ts'
import { durationMs } from '../duration.ts'
import type { Output } from '../metric.ts'
import { CSV_HEADER, CsvOutput, type CsvTimeFormat, TIME_FORMATS } from './csv.ts'
import { JsonOutput } from './json.ts'
import { LineFile } from './line-file.ts'
import { PrometheusRemoteWrite } from './prometheus-remote-write.ts'

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

export interface RemoteWriteSpec {
  type: 'prometheus-remote-write'
  url: string
  push_interval_ms: number
  trendStats: string[]
  histograms: boolean
  staleMarkers: boolean
  /** May hold a password or a token: not for reports. */
  headers: Record<string, string>
}

type Env = Readonly<Record<string, string | undefined>>

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

function readRemoteWrite(address: string, env: Env): RemoteWriteSpec {
  const name = (end: string): string => `K6_PROMETHEUS_RW_${end}`
  refuseOthers(env, name(''), REMOTE_WRITE_VARIABLES)
  const url = readUrl(address || env[name('SERVER_URL')] || 'http://localhost:9090/api/v1/write')
  const username = env[name('USERNAME')] ?? decodeURIComponent(url.username)
  const password = env[name('PASSWORD')] ?? decodeURIComponent(url.password)
  url.username = url.password = ''
  const token = env[name('BEARER_TOKEN')]
  return {
    type: 'prometheus-remote-write',
    url: url.href,
    push_interval_ms: readInterval(name('PUSH_INTERVAL'), env, '5s'),
    trendStats: readTrendStats(env[name('TREND_STATS')] || 'p(99)'),
    histograms: readSwitch('MUSICBOX_PROMETHEUS_RW_HISTOGRAMS', env),
    staleMarkers: readSwitch(name('STALE_MARKERS'), env),
    headers: {
      ...(username && { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }),
      ...(token && { Authorization: `Bearer ${token}` }),
      ...readHeaders(env),
    },
  }
}

const REMOTE_WRITE_VARIABLES = [
  'SERVER_URL',
  'PUSH_INTERVAL',
  'TREND_STATS',
  'STALE_MARKERS',
  'USERNAME',
  'PASSWORD',
  'BEARER_TOKEN',
  'HTTP_HEADERS',
  /^HEADERS_./,
]

/** A setting that would silently be without effect is an error. */
function refuseOthers(env: Env, prefix: string, known: readonly (string | RegExp)[]): void {
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || !value) continue
    const end = name.slice(prefix.length)
    if (known.some((each) => (typeof each === 'string' ? each === end : each.test(end)))) continue
    if (end === 'TREND_AS_NATIVE_HISTOGRAM' && value === 'false') continue
    throw new MusicboxError(
      'input.invalid',
      `${name} is not supported by this engine`,
      end === 'TREND_AS_NATIVE_HISTOGRAM'
        ? 'MUSICBOX_PROMETHEUS_RW_HISTOGRAMS=true sends histograms with buckets, which every Prometheus reads.'
        : `It knows ${known.map((each) => prefix + (typeof each === 'string' ? each : 'HEADERS_NAME')).join(', ')}.`,
    )
  }
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new MusicboxError(
    'input.invalid',
    `expected the address of a remote write receiver, such as http://127.0.0.1:9090/api/v1/write, got "${text}"`,
  )
}

function readInterval(name: string, env: Env, fallback: string): number {
  const ms = durationMs(env[name] || fallback, name)
  if (ms >= 100) return ms
  throw new MusicboxError('input.invalid', `expected ${name} to be 100ms at least, got ${env[name]}`)
}

function readTrendStats(text: string): string[] {
  return text.split(',').map((each) => {
    const stat = each.trim()
    const percent = /^p\((\d+(?:\.\d+)?)\)$/.exec(stat)?.[1]
    if (percent === undefined ? /^(count|sum|min|max|avg|med)$/.test(stat) : Number(percent) <= 100) return stat
    throw new MusicboxError(
      'input.invalid',
      `expected K6_PROMETHEUS_RW_TREND_STATS to be a list of count, sum, min, max, avg, med and p(N), got "${stat}"`,
    )
  })
}

function readSwitch(name: string, env: Env): boolean {
  const text = env[name] || 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw new MusicboxError('input.invalid', `expected ${name} to be true or false, got "${text}"`)
}

/** `K6_PROMETHEUS_RW_HTTP_HEADERS=name:value,name:value`, and `K6_PROMETHEUS_RW_HEADERS_name=value`. */
function readHeaders(env: Env): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const pair of (env['K6_PROMETHEUS_RW_HTTP_HEADERS'] ?? '').split(',')) {
    if (pair.trim() === '') continue
    const [, name, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(pair) ?? []
    if (name === undefined) {
      throw new MusicboxError('input.invalid', 'expected K6_PROMETHEUS_RW_HTTP_HEADERS to be name:value,name:value')
    }
    headers[name] = value!
  }
  for (const [variable, value] of Object.entries(env)) {
    const name = /^K6_PROMETHEUS_RW_HEADERS_(.+)$/.exec(variable)?.[1]
    if (name && value) headers[name] = value
  }
  return headers
}
