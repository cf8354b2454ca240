/**
 * A real Prometheus for a test or a demo: the installed program on loopback, with our rules, a temporary store and a
 * scrape each second.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MusicboxError } from '../../datasets/failure.ts'
import { freePort } from '../free-port.ts'
import { prometheusConfig, rulesFile, type ScrapeTarget } from './config.ts'

/** One series of an answer: its labels, and pairs of time (seconds) and value (text, for `NaN` and `+Inf`). */
export interface Series {
  metric: Readonly<Record<string, string>>
  values: readonly (readonly [number, string])[]
}

export interface PrometheusServer {
  url: string
  /** The value now; each series has one pair. */
  query(expr: string): Promise<Series[]>
  /** @param range times in seconds since 1970 */
  queryRange(expr: string, range: { start_s: number; end_s: number; step_s: number }): Promise<Series[]>
  /** Any path of the HTTP API under `/api/v1/`; gives `data` of the answer. */
  get(path: string, parameters?: Record<string, string>): Promise<unknown>
  /** Ends the program; its folder stays for the caller to remove. */
  stop(): Promise<void>
}

export interface PrometheusOptions {
  targets: readonly ScrapeTarget[]
  /** An empty folder of the caller's, for configuration, store and log. */
  folder: string
  /** Default: any free port. */
  port?: number
  /** More of the program's own flags, such as `--web.enable-remote-write-receiver`. */
  flags?: readonly string[]
}

const START_MS_MAX = 30_000
const STOP_MS_MAX = 10_000
const TEST_SCRAPE_INTERVAL_S = 1

/**
 * Starts Prometheus and waits until it answers.
 * @throws MusicboxError `not.found` when it is not installed, `backend.unreachable` when it ends or does not get ready
 */
export async function startPrometheus({
  targets,
  folder,
  port,
  flags = [],
}: PrometheusOptions): Promise<PrometheusServer> {
  const address = `127.0.0.1:${port ?? (await freePort())}`
  const config = join(folder, 'prometheus.yml')
  const log = join(folder, 'prometheus.log')
  writeFileSync(join(folder, 'rules.yml'), rulesFile())
  writeFileSync(
    config,
    prometheusConfig({ scrapeInterval_s: TEST_SCRAPE_INTERVAL_S, targets, ruleFiles: ['rules.yml'] }),
  )
  const output = openSync(log, 'w')
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      ...flags,
    ],
    { stdio: ['ignore', output, output] },
  )
  const ended = endOf(child)
  const waiting = new AbortController()
  try {
    const early = ended.then(() => Promise.reject(endedEarly(log)))
    await Promise.race([ready(`http://${address}/-/ready`, waiting.signal), early])
  } catch (error) {
    await stop(child, ended)
    throw error
  } finally {
    waiting.abort()
  }
  return client(`http://${address}`, () => stop(child, ended))
}

/** Resolves when the program has ended. @throws MusicboxError `not.found` when it could not be started */
function endOf(child: ChildProcess): Promise<void> {
  const ended = Promise.race([
    once(child, 'exit'),
    once(child, 'error').then(([cause]: unknown[]) => {
      throw new MusicboxError(
        'not.found',
        `expected the program prometheus on the PATH, got ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`,
        'Debian: apt-get install prometheus',
        { cause },
      )
    }),
  ]).then(() => undefined)
  // Whoever waits gets the error; nobody may be waiting any more.
  ended.catch(() => undefined)
  return ended
}

function endedEarly(log: string): MusicboxError {
  const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join('\n')
  return new MusicboxError('backend.unreachable', `expected Prometheus to run, but it ended:\n${tail}`)
}

async function ready(url: string, signal: AbortSignal): Promise<void> {
  const deadline_ms = performance.now() + START_MS_MAX
  while (performance.now() < deadline_ms && !signal.aborted) {
    const response = await fetch(url).catch(() => undefined)
    await response?.arrayBuffer()
    if (response?.ok) return
    await sleep(100)
  }
  throw new MusicboxError('backend.unreachable', `expected Prometheus to be ready within ${START_MS_MAX / 1000} s`)
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const killing = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
  await ended.finally(() => clearTimeout(killing))
}

function client(url: string, stop: () => Promise<void>): PrometheusServer {
  const get: PrometheusServer['get'] = async (path, parameters = {}) => {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const answer = (await response.json()) as { status: string; error?: string; data: unknown }
    if (answer.status !== 'success') {
      throw new MusicboxError('input.invalid', `expected Prometheus to answer ${path}, got: ${answer.error}`)
    }
    return answer.data
  }
  return {
    url,
    get,
    stop,
    async query(query) {
      const { resultType, result } = (await get('query', { query })) as Answer
      // A scalar is a pair by itself.
      if (resultType === 'scalar') return [{ metric: {}, values: [result as unknown as Pair] }]
      return result.map(({ metric, value }) => ({ metric, values: value ? [value] : [] }))
    },
    async queryRange(query, { start_s, end_s, step_s }) {
      const range = { start: String(start_s), end: String(end_s), step: String(step_s) }
      const { result } = (await get('query_range', { query, ...range })) as Answer
      return result.map(({ metric, values }) => ({ metric, values: values ?? [] }))
    },
  }
}

type Pair = readonly [number, string]

interface Answer {
  resultType: string
  result: { metric: Record<string, string>; value?: Pair; values?: Pair[] }[]
}
