/**
 * Runs a script in real k6, and gives a result of the same form as the embedded engine's.
 *
 * k6 is used as its documentation says: `k6 inspect` for the options, `k6 run -e NAME=VALUE --out json=FILE.gz
 * --summary-export FILE` for the run, its exit numbers as they are. Latencies come from the samples in that file, through
 * the same sinks as our own; the ledger comes from its samples of `event_fate`.
 *
 * What k6 does not tell stays unsaid: interrupted and failed iterations read 0, and of the generator's health only start
 * lateness (which our scripts measure) and processor time are known. This was built against k6's documentation and a
 * stand-in that speaks it; `musicbox parity` shows how the two engines compare where k6 is at hand.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { constants, createGunzip } from 'node:zlib'
import type { Options } from 'k6/options'
import { FAILURES, MusicboxError } from '../../datasets/failure.ts'
import { scriptHash } from '../engine/script-hash.ts'
import type { ScriptLog } from '../engine/script-log.ts'
import { createLedger, EventLedger } from '../ledger/event-ledger.ts'
import { parseMetricExpression } from '../metrics/metric-expression.ts'
import { ownThresholds } from '../thresholds/own-thresholds.ts'
import { joinedThresholds } from '../thresholds/threshold-option.ts'
import { describeMissed, readThresholds, type ThresholdResult } from '../thresholds/thresholds.ts'
import type { K6Binary } from './k6-binary.ts'
import { K6Samples } from './k6-samples.ts'
import { ProcessorTime } from './processor-time.ts'

export interface K6Run {
  binary: K6Binary
  /** Path of the script. */
  script: string
  /** What the script finds in `__ENV`. */
  env: Readonly<Record<string, string>>
  /** Further flags of `k6 run`. */
  flags?: readonly string[]
  /** Thresholds beside the script's own. These, and `musicbox.thresholds` of the script, are judged here. */
  thresholds?: Options['thresholds']
  /** No threshold is judged, whoever set it. */
  noThresholds?: boolean
  out: {
    ledger?: string
    /** Where to keep k6's samples: JSON lines, gzip. */
    samples?: string
    /** k6's own `--summary-export`. */
    summary?: string
  }
  /** Gets k6's summary as it prints it. */
  stdout?: { write(text: string): unknown }
  /** Gets k6's log and progress, a line each. */
  log?: ScriptLog
  signal?: AbortSignal
}

/** What is known of a run in k6. */
export interface K6Outcome {
  exitCode: number
  problem?: string
  options: Options
  samples: K6Samples
  ledger: EventLedger
  thresholds: ThresholdResult[]
  /** Cores of processor time used, on average. */
  cores: number
  /** SHA-256 of the script and all files it imports. */
  script_hash: string
  /** Of k6. */
  version: string
}

/** How often k6 is asked again to stop, if it does not. */
const STOP_WITHIN_MS = 35_000

/** @throws MusicboxError `script.failed` when k6 cannot read the script, `backend.unreachable` when k6 cannot be started */
export async function runInK6(run: K6Run): Promise<K6Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-k6-'))
  try {
    const settings = Object.entries(run.env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const options = await inspect(run, settings)
    const samplesFile = join(folder, 'samples.json.gz')
    const summaryFile = join(folder, 'summary.json')
    const outputs = ['--out', `json=${samplesFile}`, '--summary-export', summaryFile]
    const none = run.noThresholds ? ['--no-thresholds'] : []
    const args = ['run', '--no-usage-report', ...settings, ...outputs, ...none, ...(run.flags ?? []), run.script]
    const { exitCode, cores } = await execute(run, args)
    const asked = run.noThresholds ? {} : await allThresholds(run, options)
    const { samples, ledger, thresholds } = await readSamples(run, samplesFile, asked)
    const judged = await withK6Verdicts(thresholds, summaryFile)
    if (run.out.summary !== undefined) await copyFile(summaryFile, run.out.summary).catch(ignoreMissing)
    if (run.out.samples !== undefined) await copyFile(samplesFile, run.out.samples).catch(ignoreMissing)
    const missed = judged.filter(({ ok }) => !ok)
    const ownCode = exitCode === 0 && missed.length > 0 ? FAILURES['threshold.missed'].exit : exitCode
    const problem = problemOf(ownCode, missed)
    const known = problem === undefined ? {} : { problem }
    const script_hash = await scriptHash(run.script)
    const { version } = run.binary
    return { exitCode: ownCode, ...known, options, samples, ledger, thresholds: judged, cores, script_hash, version }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The options that k6 makes of the script, its environment and the flags. */
async function inspect({ binary, script }: K6Run, settings: readonly string[]): Promise<Options> {
  const told = await promisify(execFile)(binary.path, ['inspect', ...settings, script], { maxBuffer: 1 << 24 }).catch(
    (cause: Error & { stderr?: string }) => {
      const words = cause.stderr?.trim() || cause.message
      throw new MusicboxError('script.failed', `k6 cannot read ${script}: ${words}`, '', { cause })
    },
  )
  try {
    return JSON.parse(told.stdout) as Options
  } catch (cause) {
    throw new MusicboxError(
      'script.failed',
      `expected k6 inspect to answer with the options as JSON, got ${JSON.stringify(told.stdout.slice(0, 80))}`,
      '',
      { cause },
    )
  }
}

async function execute(run: K6Run, args: readonly string[]): Promise<{ exitCode: number; cores: number }> {
  const child = spawn(run.binary.path, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const processor = new ProcessorTime(child.pid)
  // The first signal lets k6 end what is under way and run its teardown; the second one ends it.
  let forced: NodeJS.Timeout | undefined
  const stop = (): void => {
    child.kill('SIGINT')
    forced = setTimeout(() => child.kill('SIGINT'), STOP_WITHIN_MS).unref()
  }
  if (run.signal?.aborted) stop()
  run.signal?.addEventListener('abort', stop, { once: true })
  child.stdout.setEncoding('utf8').on('data', (text: string) => void run.stdout?.write(text))
  createInterface({ input: child.stderr }).on('line', (line) => run.log?.('info', line))
  try {
    const [code, signal] = (await once(child, 'close').catch((cause: Error) => {
      throw new MusicboxError('backend.unreachable', `cannot start k6 at ${run.binary.path}: ${cause.message}`, '', {
        cause,
      })
    })) as [number | null, string | null]
    return { exitCode: code ?? (signal === 'SIGINT' ? FAILURES.interrupted.exit : 1), cores: processor.stop() }
  } finally {
    processor.stop()
    clearTimeout(forced)
    run.signal?.removeEventListener('abort', stop)
  }
}

async function readSamples(
  run: K6Run,
  path: string,
  asked: NonNullable<Options['thresholds']>,
): Promise<{ samples: K6Samples; ledger: EventLedger; thresholds: ThresholdResult[] }> {
  const samples = new K6Samples()
  if (run.out.ledger !== undefined) createLedger(run.out.ledger)
  const ledger = new EventLedger(run.out.ledger)
  samples.metrics.addOutput(ledger)
  // k6 makes a metric known before its first sample and no sooner; thresholds name it before.
  for await (const line of linesOf(path)) if (line.includes('"type":"Metric"')) samples.take(line)
  const known = Object.entries(asked).filter(([name]) => samples.totals.all.has(parseMetricExpression(name).base))
  samples.judge(readThresholds(Object.fromEntries(known), samples.totals))
  for await (const line of linesOf(path)) samples.take(line)
  const thresholds = samples.end()
  await ledger.close()
  return { samples, ledger, thresholds: [...thresholds, ...withoutSamples(asked, known)] }
}

/** Thresholds on metrics that had no sample: k6's word counts for them, if it has one, and else they pass. */
function withoutSamples(
  asked: NonNullable<Options['thresholds']>,
  known: readonly (readonly [metric: string, unknown])[],
): ThresholdResult[] {
  const names = new Set(known.map(([metric]) => metric))
  return Object.entries(asked)
    .filter(([metric]) => !names.has(metric))
    .flatMap(([metric, list]) =>
      list.map((each) => {
        const threshold = typeof each === 'string' ? each : each.threshold
        return { metric, threshold, value: 0, ok: true, unjudged: true as const }
      }),
    )
}

/** The lines of a gzip file; one that its writer could not finish gives what is in it. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const unzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })
  const file = createReadStream(path)
  file.on('error', (error) => unzip.destroy(error))
  try {
    yield* createInterface({ input: file.pipe(unzip), crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    ignoreMissing(error)
  }
}

/** The script's, as k6 has read them, those that it has for us alone, and those that were asked for beside it. */
async function allThresholds(run: K6Run, options: Options): Promise<NonNullable<Options['thresholds']>> {
  const own = await ownThresholds(run.script, run.env)
  if (own.refused !== undefined) run.log?.('warn', `musicbox.thresholds of the script are not judged: ${own.refused}`)
  return joinedThresholds(options.thresholds, own.thresholds, run.thresholds)
}

/** Where k6 has judged itself, its word counts: in its export, `true` is a threshold that was missed. */
async function withK6Verdicts(results: readonly ThresholdResult[], path: string): Promise<ThresholdResult[]> {
  const text = await readFile(path, 'utf8').catch(ignoreMissing)
  if (!text) return [...results]
  const { metrics = {} } = JSON.parse(text) as { metrics?: Record<string, { thresholds?: Record<string, boolean> }> }
  return results.map((result) => {
    const missed = metrics[result.metric]?.thresholds?.[result.threshold]
    return missed === undefined ? result : { ...result, ok: !missed }
  })
}

function problemOf(exitCode: number, missed: readonly ThresholdResult[]): string | undefined {
  if (exitCode === 0) return undefined
  if (exitCode === FAILURES['threshold.missed'].exit && missed.length > 0) return describeMissed(missed)
  return `k6 ended with exit code ${exitCode}`
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  return undefined
}
