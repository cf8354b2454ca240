/**
 * Trials of the generator's verdict: is one that is held back called INVALID, and one that is not VALID? The ways to be
 * held back are those of real machines: a quota that stops the process in every tenth of a second (what Linux does with a
 * container over its limit), a standstill for a part of the run, and other programs on the same processor.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { RunResult } from '../run-result.ts'
import type { GeneratorTask } from './generator.ts'
import { startGenerator } from './generator-process.ts'
import { BODY } from './request.ts'
import { firstRequest, type Target } from './target-process.ts'

export const STARVATIONS = ['quota', 'standstill', 'neighbours'] as const
export type Starvation = (typeof STARVATIONS)[number]

export interface TrialOptions {
  target: Target
  duration_ms: number
  /** Nothing: the generator has what it needs. */
  starvation?: Starvation
}

/** @returns what the generator says of itself */
export async function trial({ target, duration_ms, starvation }: TrialOptions): Promise<RunResult['generator']> {
  // Next to other programs only one that needs a processor is starved: it sends all that it can.
  const script = starvation === 'neighbours' ? 'post' : 'paced'
  const env = { URL: target.url, BODY, VUS: '50', PERIOD_MS: '100', DURATION_MS: String(duration_ms) }
  const task: GeneratorTask = { script, env }
  const running = startGenerator(task, starvation === 'neighbours' ? 0 : undefined)
  let release = (): void => {}
  try {
    // From its first request on: it is to be held back while it makes load, and not while it is loaded.
    await firstRequest(target, running.report)
    if (starvation) release = STARVE[starvation](running.child)
    const { generator, requests } = (await running.report).result
    if (requests.count === 0) throw new Error('expected the generator on trial to send requests, got none')
    return generator
  } finally {
    release()
  }
}

const STARVE: Record<Starvation, (child: ChildProcess) => () => void> = {
  quota: (child) => dutyCycle(child, 20, 80),
  standstill: (child) => dutyCycle(child, 900, 300),
  neighbours() {
    const burners = Array.from({ length: 3 }, () =>
      spawn('taskset', ['--cpu-list', '0', process.execPath, '-e', BURN], { stdio: ['pipe', 'ignore', 'ignore'] }),
    )
    return () => {
      for (const burner of burners) burner.kill('SIGKILL')
    }
  },
}

/** Burns in slices, so that it sees when its parent is gone. */
const BURN = `
process.stdin.on('end', () => process.exit()).resume()
const burn = () => { const until = Date.now() + 50; while (Date.now() < until); setImmediate(burn) }
burn()`

/**
 * Lets the process run for so long, stops it for so long, and again. That is done by a process of its own, which ends with
 * this one: whoever dies, nobody is left stopped.
 */
function dutyCycle(child: ChildProcess, run_ms: number, stop_ms: number): () => void {
  const seconds = [run_ms, stop_ms].map((ms) => String(ms / 1000))
  const shell = spawn('/bin/sh', ['-c', DUTY_CYCLE, 'sh', String(child.pid), ...seconds], { stdio: 'ignore' })
  return () => {
    shell.kill('SIGTERM')
  }
}

const DUTY_CYCLE = `
trap 'kill -CONT "$1" 2>/dev/null; exit' TERM
while kill -0 "$PPID" 2>/dev/null && kill -STOP "$1" 2>/dev/null; do
  sleep "$3"
  kill -CONT "$1" 2>/dev/null
  sleep "$2"
done
kill -CONT "$1" 2>/dev/null`
