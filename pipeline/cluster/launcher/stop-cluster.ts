/** Stops a cluster, also one whose supervisor is dead, and removes what it made. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MusicboxError } from '../../../datasets/failure.ts'
import { clusterProcesses, isOurs, untilGone } from './cluster-process.ts'
import { readClusterState } from './cluster-state.ts'

/** Longer than a supervisor takes at most: its stages each end by SIGKILL. */
const STOP_WITHIN_MS = 70_000
const ORPHANS_WITHIN_MS = 10_000

/** What a cluster makes in its folder. */
const MADE = ['conf', 'data', 'logs', 'state.json', 'cluster.json', 'birth.json']

/** Arguments that make a process the supervisor of this cluster. */
export function supervisorMark(folder: string): string[] {
  return ['cluster', 'supervise', '--folder', folder]
}

/** Whether a living supervisor looks after the cluster. */
export async function isSupervised(folder: string): Promise<boolean> {
  const state = await readClusterState(folder)
  return state !== undefined && (await isOurs(state.supervisor_pid, supervisorMark(folder)))
}

/**
 * Stops all of a cluster's processes. Its data stays.
 * @returns whether there was anything to stop
 * @throws MusicboxError `backend.unreachable` when a process does not end
 */
export async function stopCluster(folder: string, say: (line: string) => void): Promise<boolean> {
  const state = await readClusterState(folder)
  let stopped = false
  if (state && (await isOurs(state.supervisor_pid, supervisorMark(folder)))) {
    process.kill(state.supervisor_pid, 'SIGTERM')
    stopped = true
    if (!(await untilGone([state.supervisor_pid], STOP_WITHIN_MS))) process.kill(state.supervisor_pid, 'SIGKILL')
  }
  return (await stopOrphans(folder, say)) || stopped
}

/** Stops JVMs that nobody looks after: their supervisor was killed. */
async function stopOrphans(folder: string, say: (line: string) => void): Promise<boolean> {
  const orphans = await clusterProcesses(folder)
  if (orphans.size === 0) return false
  say(`stopping ${[...orphans.values()].join(', ')}, whose supervisor is gone`)
  const pids = [...orphans.keys()]
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of pids) sendIfAlive(pid, signal)
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
    if (signal === 'SIGTERM') process.kill(pid, 'SIGCONT')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Removes the data of a cluster that is stopped, and nothing that the cluster did not make. */
export async function wipeCluster(folder: string): Promise<void> {
  for (const each of MADE) await rm(join(folder, each), { recursive: true, force: true })
}
