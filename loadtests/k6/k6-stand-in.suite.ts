/**
 * A program that speaks k6's documented command line and `--out json` form, for tests on machines without k6. It runs no
 * script: it writes the samples that a test gives it.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface StandIn {
  version?: string
  options?: object
  /** Lines of `--out json`. */
  samples?: readonly object[]
  /** What `--summary-export` writes. */
  summary?: object
  stdout?: string
  stderr?: string
  exitCode?: number
  /** Waits for SIGINT, then ends as k6 does. */
  waits?: boolean
}

/** Writes the program into a folder. @returns its path, and where it writes down the arguments it was called with */
export async function writeStandIn(folder: string, plan: StandIn): Promise<{ path: string; calls: string }> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'k6')
  const calls = join(folder, 'calls.ndjson')
  const source = `#!${process.execPath}
const { appendFileSync, writeFileSync } = require('node:fs')
const { gzipSync } = require('node:zlib')
const plan = ${JSON.stringify(plan)}
const args = process.argv.slice(2)
appendFileSync(${JSON.stringify(calls)}, JSON.stringify(args) + '\\n')
const valueOf = (flag) => args[args.indexOf(flag) + 1]
if (args[0] === 'version') {
  console.log('k6 v' + (plan.version ?? '1.2.3') + ' (go1.24.0, linux/amd64)')
} else if (args[0] === 'inspect') {
  if (plan.options) console.log(JSON.stringify(plan.options))
  else { console.error('GoError: script cannot be read'); process.exitCode = 107 }
} else if (args[0] === 'run') {
  const end = (code) => {
    const lines = (plan.samples ?? []).map((line) => JSON.stringify(line) + '\\n').join('')
    const out = args.includes('--out') ? valueOf('--out').replace(/^json=/, '') : undefined
    if (out) writeFileSync(out, out.endsWith('.gz') ? gzipSync(lines) : lines)
    if (args.includes('--summary-export')) writeFileSync(valueOf('--summary-export'), JSON.stringify(plan.summary ?? { metrics: {} }))
    process.stdout.write(plan.stdout ?? '')
    process.stderr.write(plan.stderr ?? '')
    process.exitCode = code
  }
  if (plan.waits) {
    const timer = setInterval(() => {}, 1000)
    process.once('SIGINT', () => { clearInterval(timer); end(105) })
    console.log('running')
  } else end(plan.exitCode ?? 0)
}
`
  await writeFile(path, source)
  await chmod(path, 0o755)
  return { path, calls }
}

const START_MS = Date.parse('2026-03-01T12:00:00Z')

/** A metric's declaration, as k6 writes it before the metric's first sample. */
export function metricLine(name: string, type: string, contains = 'default'): object {
  return { type: 'Metric', data: { name, type, contains, thresholds: [], submetrics: null }, metric: name }
}

/** A sample `at_s` seconds after the start of the run. */
export function pointLine(
  metric: string,
  at_s: number,
  value: number,
  tags: Record<string, string> = {},
  metadata?: Record<string, string>,
): object {
  // k6 writes nanoseconds and the zone of the machine.
  const time = new Date(START_MS + at_s * 1000).toISOString().replace('Z', '000001+00:00')
  return { metric, type: 'Point', data: { time, value, tags, ...(metadata && { metadata }) } }
}
