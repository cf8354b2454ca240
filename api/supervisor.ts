/**
 * Keeps the parts of `musicbox serve` alive: each is a child process that is started again when it dies, at most once a
 * second, and is asked to stop (SIGTERM) when the supervisor is.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { MusicboxError } from '../datasets/failure.ts'
import { announcePart, PARTS, type Part, withdrawParts } from '../datasets/serving.ts'

export { PARTS, type Part }

/** Where a part answers, once it is ready: the line that it prints. */
export interface Endpoints {
  part: Part
  /** Of the API and its page; the pipeline has none. */
  url?: string
  metrics_url: string
}

export interface Supervised {
  serving: readonly (Endpoints & { pid: number })[]
  /** Stops every part: SIGTERM, and SIGKILL for one that does not end within its drain time. */
  stop(): Promise<void>
}

export interface SuperviseOptions {
  /** Path of the CLI. */
  program: string
  /** Options that each `serve PART` gets. */
  args: readonly string[]
  parts: readonly Part[]
  /** Data folder whose serving file says which processes the parts are; without it none is written. */
  data?: string
  /** One line for the operator. */
  log: (line: string) => void
}

const RESTART_AFTER_MS = 1000
const STOP_WITHIN_MS = 15_000

/**
 * Starts the parts and watches them. Resolves once all of them answer.
 * @throws MusicboxError `backend.unreachable` when one ends before it was ready
 */
export async function supervise({ program, args, parts, data, log }: SuperviseOptions): Promise<Supervised> {
  const children = new Map<Part, ChildProcess>()
  let stopping = false

  async function start(part: Part): Promise<Endpoints & { pid: number }> {
    // Its standard input is its life line: a part ends by itself even when the supervisor is killed.
    const child = spawn(process.execPath, [program, 'serve', part, ...args, '--supervised'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    children.set(part, child)
    const exited = once(child, 'exit')
    const ready = once(createInterface(child.stdout!), 'line') as Promise<[string]>
    const outcome = await Promise.race([ready, exited.then(() => undefined)])
    if (outcome === undefined) {
      throw new MusicboxError('backend.unreachable', `the part "${part}" ended before it was ready`, 'see its message')
    }
    void exited.then(([code, signal]) => restart(part, signal ?? code))
    const serving = { ...(JSON.parse(outcome[0]) as Endpoints), pid: child.pid! }
    if (data !== undefined && !stopping) announcePart(data, serving)
    return serving
  }

  async function restart(part: Part, why: string | number): Promise<void> {
    while (!stopping) {
      log(`${part} ended (${why}); starting it again`)
      await new Promise((resolve) => setTimeout(resolve, RESTART_AFTER_MS))
      if (stopping) return
      try {
        await start(part)
        return
      } catch (error) {
        if (!(error instanceof MusicboxError)) throw error
      }
    }
  }

  async function stop(): Promise<void> {
    stopping = true
    await Promise.all(Array.from(children.values(), stopChild))
    if (data !== undefined) withdrawParts(data, parts)
  }

  try {
    return { serving: await Promise.all(parts.map(start)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  await exited
  clearTimeout(timer)
}
