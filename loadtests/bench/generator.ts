/**
 * The embedded engine in a process of its own, as the benchmark measures it: reads what to run from its arguments, tells
 * its parent what came of it. Its parent is its life line.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runScript } from '../engine/runner.ts'
import type { RunResult } from '../run-result.ts'

const SCRIPTS = {
  post: new URL('./scripts/post.ts', import.meta.url),
  paced: new URL('./scripts/paced.ts', import.meta.url),
}

export interface GeneratorTask {
  script: keyof typeof SCRIPTS
  env: Record<string, string>
  /** Run once with one user before, so that what is measured is not the first use of everything. */
  warmUp?: boolean
  /**
   * Collect garbage every few seconds: what memory then shows is what is kept. Left alone, a collector with room lets
   * garbage lie for minutes, and its long waves look like growth.
   */
  collects?: boolean
}

export interface GeneratorReport {
  result: RunResult
  /** Of the metric `began`; see scripts/paced.ts. 0 without it. */
  began_ms_max: number
  /** Resident memory before there were users. */
  rss_before_bytes: number
  /** With them, once a second. */
  rss_bytes: number[]
  /** What was still in use after each collection, where there were any. */
  kept_bytes: number[]
}

const RSS_EVERY_MS = 1000
const COLLECT_EVERY = 5

async function run({ script, env, warmUp, collects }: GeneratorTask): Promise<GeneratorReport> {
  const path = fileURLToPath(SCRIPTS[script])
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-generator-'))
  const summary = join(folder, 'summary.json')
  try {
    if (warmUp) await runScript({ script: path, env: { ...env, VUS: '1', PERIOD_MS: '5', DURATION_MS: '1000' } })
    const gc = (globalThis as { gc?: () => void }).gc
    gc?.()
    const before = process.memoryUsage.rss()
    const rss_bytes: number[] = []
    const kept_bytes: number[] = []
    const timer = setInterval(() => {
      if (collects && rss_bytes.length % COLLECT_EVERY === 0) {
        gc?.()
        const { heapUsed, external } = process.memoryUsage()
        kept_bytes.push(heapUsed + external)
      }
      rss_bytes.push(process.memoryUsage.rss())
    }, RSS_EVERY_MS)
    const result = await runScript({ script: path, env, out: { summary }, log })
    clearInterval(timer)
    const { metrics } = JSON.parse(await readFile(summary, 'utf8')) as { metrics: Record<string, { max?: number }> }
    return { result, began_ms_max: metrics['began']?.max ?? 0, rss_before_bytes: before, rss_bytes, kept_bytes }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const log = (level: string, line: string): void => console.error(`${level}: ${line}`)

process.on('disconnect', () => process.exit(0))
const report = await run(JSON.parse(process.argv[2]!) as GeneratorTask)
process.send?.({ report }, () => process.disconnect())
