/** Stops a cluster, also one whose supervisor is dead, and removes what it made. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MusicboxError } from '../../../datasets/failure.ts'
import { clusterProcesses, untilGone } from './cluster-process.ts'
import { supervised } from './supervision.ts'

/** Longer than a supervisor takes at most: each of its stages ends by SIGKILL. */
const STOP_WITHIN_MS = 70_000
const ORPHANS_WITHIN_MS = 10_000

/** What a cluster makes in its folder. */
const MADE = ['conf', 'data', 'logs', 'state.json', 'cluster.json', 'birth.json', 'up.lock']

/**
 * Stops all of a cluster's processes. Its data stays.
 * @returns whether there was anything to stop
 * @throws MusicboxError `backend.unreachable` when a process does not end
 */
export async function stopCluster(folder: string, say: (line: string) => void): Promise<boolean> {
  const state = await supervised(folder)
  if (state) {
    process.kill(state.supervisor_pid, 'SIGTERM')
    if (!(await untilGone([state.supervisor_pid], STOP_WITHIN_MS))) process.kill(state.supervisor_pid, 'SIGKILL')
  }
  return (await stopOrphans(folder, say)) || state !== undefined
}

/**
 * Stops JVMs that nobody looks after, because their supervisor was killed.
 * @returns whether there were any
 */
export async function stopOrphans(folder: string, say: (line: string) => void): Promise<boolean> {
  const orphans = await clusterProcesses(folder)
  if (orphans.size === 0) return false
  say(`stopping ${[...orphans.values()].join(', ')}, whose supervisor is gone`)
  const pids = [...orphans.keys()]
  for (const signals of [['SIGTERM', 'SIGCONT'], ['SIGKILL']] as const) {
    for (const pid of pids) for (const signal of signals) sendIfAlive(pid, signal)
    if (await untilGone(pids, ORPHANS_WITHIN_MS)) return true
  }
  throw new MusicboxError(
    'backend.unreachable',
    `expected the processes ${pids.join(', ')} to end, they do not`,
    'end them yourself, then try again',
  )
}

function sendIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * Removes the data of a stopped cluster, and nothing that the cluster did not make.
 * @param options.force stops it first
 * @throws MusicboxError `input.invalid` when it runs
 */
export async function wipeCluster(
  folder: string,
  { force, say }: { force: boolean; say: (line: string) => void },
): Promise<void> {
  if (force) await stopCluster(folder, say)
  else if ((await supervised(folder)) || (await clusterProcesses(folder)).size > 0) {
    throw new MusicboxError(
      'input.invalid',
      `expected a stopped cluster in ${folder}, it runs`,
      'run `musicbox cluster down` first, or add --force',
    )
  }
  for (const each of MADE) await rm(join(folder, each), { recursive: true, force: true })
}
