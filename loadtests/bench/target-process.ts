/** Starts the benchmark's target in a process of its own, and speaks with it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TargetMessage } from './target.ts'

export interface Target extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/v1/events` */
  url: string
  port: number
  /** How many requests it has answered. */
  count(): Promise<number>
  /** Each answer during the next `for_ms` comes so much later. */
  slow(delay_ms: number, for_ms: number): void
}

const POLL_MS = 20
const PROGRAM = fileURLToPath(new URL('./target.ts', import.meta.url))

export async function startTarget(): Promise<Target> {
  const child = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const { port } = (await answer(child)) as { port: number }
  const tell = (message: TargetMessage): void => void child.send(message)
  return {
    url: `http://127.0.0.1:${port}/v1/events`,
    port,
    async count() {
      const told = answer(child)
      tell({ count: true })
      return ((await told) as { count: number }).count
    },
    slow: (delay_ms, for_ms) => tell({ slow: { delay_ms, for_ms } }),
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      if (child.connected) child.disconnect()
      await exited
    },
  }
}

/** Resolves once the target has answered one more request, or when the generator has `ended` without. */
export async function firstRequest(target: Target, ended: Promise<unknown>): Promise<void> {
  let over = false
  const end = (): void => {
    over = true
  }
  ended.then(end, end)
  const before = await target.count()
  while (!over && (await target.count()) === before) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
}

/** @throws Error when the process ends instead */
async function answer(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController()
  const { signal } = stop
  const ended = async (): Promise<never> => {
    const [code] = await once(child, 'exit', { signal })
    throw new Error(`expected the benchmark's process to answer, but it ended with ${code}`)
  }
  const message = once(child, 'message', { signal })
  const gone = ended()
  // Whichever comes second is let go of.
  message.catch(() => {})
  gone.catch(() => {})
  try {
    return ((await Promise.race([message, gone])) as unknown[])[0]
  } finally {
    stop.abort()
  }
}
