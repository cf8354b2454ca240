/**
 * How many requests a generator sends, and what they cost it: counted by the target and not by the generator, and over a
 * stretch in the middle of its work, so that what each needs to start and to end is not held against it. Every generator
 * is measured so, ours too.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { treeProcessorSeconds } from './process-tree.ts'
import type { Target } from './target-process.ts'

export interface SendRate {
  requests_per_s: number
  /** Requests ÷ seconds of processor time of the generator and its children. */
  requests_per_s_per_core: number
}

const POLL_MS = 50
/** To compile, to open connections, to begin with all users. */
const WARM_UP_MS = 2000
/** Longer than this no generator takes to send its first request. */
const FIRST_WITHIN_MS = 20_000
const END_WITHIN_MS = 3000

/** How long a generator must be able to run for its rate to be measured. */
export function runSeconds(seconds: number): number {
  return Math.ceil(seconds + (WARM_UP_MS + FIRST_WITHIN_MS) / 1000)
}

/**
 * @param start begins the generator, as leader of a process group of its own; it is ended here
 * @throws Error when it sends nothing
 */
export async function sendRate(start: () => ChildProcess, target: Target, seconds: number): Promise<SendRate> {
  const before = await target.count()
  const child = start()
  const exited = once(child, 'exit')
  try {
    for (let waited = 0; (await target.count()) === before; waited += POLL_MS) {
      if (waited > FIRST_WITHIN_MS || child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`expected ${child.spawnfile} to send requests, got none (it ended with ${child.exitCode})`)
      }
      await sleep(POLL_MS)
    }
    await sleep(Math.min(WARM_UP_MS, seconds * 1000))
    const first = await reading(child, target)
    await sleep(seconds * 1000)
    const last = await reading(child, target)
    const requests = last.count - first.count
    return {
      requests_per_s: requests / ((last.at_ms - first.at_ms) / 1000),
      requests_per_s_per_core: requests / (last.cpu_s - first.cpu_s),
    }
  } finally {
    await endGroup(child, exited)
  }
}

/** A program as leader of a process group and session of its own. */
export function startAlone(program: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(program, args, { detached: true, stdio: 'ignore', env: { ...process.env, ...env } })
}

async function reading(child: ChildProcess, target: Target): Promise<{ at_ms: number; count: number; cpu_s: number }> {
  const count = await target.count()
  return { at_ms: performance.now(), count, cpu_s: treeProcessorSeconds(child.pid!) }
}

async function endGroup(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, name)
    } catch {
      // All of them have ended.
    }
  }
  signal('SIGTERM')
  await Promise.race([exited, sleep(END_WITHIN_MS)])
  signal('SIGKILL')
  await exited
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
