/** Where remote write goes and what it sends, from k6's variables `K6_PROMETHEUS_RW_…` and one of our own. */
import { MusicboxError } from '../../datasets/failure.ts'
import { type Env, readInterval, readSwitch, refuseOthers } from './out-setting.ts'

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

/**
 * @param address takes the place of K6_PROMETHEUS_RW_SERVER_URL; empty for none
 * @throws MusicboxError `input.invalid`
 */
export function readRemoteWrite(address: string, env: Env): RemoteWriteSpec {
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

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new MusicboxError(
    'input.invalid',
    `expected the address of a remote write receiver, such as http://127.0.0.1:9090/api/v1/write, got "${text}"`,
  )
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
