/** Who looks after a cluster: at most one supervisor, which the folder's state file names. */
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MusicboxError } from '../../../datasets/failure.ts'
import { isAlive } from '../../process-alive.ts'
import { isOurs } from './cluster-process.ts'
import { type ClusterState, readClusterState } from './cluster-state.ts'

const POLL_MS = 100
/** Fetching the jars of a first start may take minutes. */
const WAIT_MS = 600_000

/** Arguments that make a process the supervisor of this cluster; the program that it runs on follows. */
export function supervisorMark(folder: string): string[] {
  return ['cluster', 'supervise', '--folder', folder, '--java']
}

/** What a living supervisor says of its cluster; nothing without one. */
export async function supervised(folder: string): Promise<ClusterState | undefined> {
  const state = await readClusterState(folder)
  return state && (await isOurs(state.supervisor_pid, supervisorMark(folder))) ? state : undefined
}

/**
 * Lets one start after the other look and act: the second one finds what the first has started.
 * @throws MusicboxError `writer.fenced` when another start takes too long
 */
export async function oneStartAtOnce<T>(folder: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const path = join(folder, 'up.lock')
  const end_ms = Date.now() + WAIT_MS
  while (!(await claim(path))) {
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    // A start that was killed; a file that is still empty belongs to one that is just writing its number.
    if (holder > 0 && !isAlive(holder)) await rm(path, { force: true })
    else if (Date.now() > end_ms) {
      throw new MusicboxError(
        'writer.fenced',
        `expected to start the cluster in ${folder}, process ${holder} does so already`,
        `wait for it, or end it; if it is something else, remove ${path}`,
      )
    } else await sleep(POLL_MS, undefined, { signal })
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function claim(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
