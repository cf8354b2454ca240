/**
 * The processes of a cluster, by what their command lines say. Every JVM carries the folder of its cluster and its own name,
 * so neither a pid that the system has given to somebody else nor a neighbour's cluster is ever taken for ours.
 */
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { MusicboxError } from '../../../datasets/failure.ts'
import { isAlive } from '../../process-alive.ts'
import { readClusterState, type ServiceState } from './cluster-state.ts'

const run = promisify(execFile)
const POLL_MS = 100

/** JVM options that name a process, in this order. */
export function markOf(folder: string, name: string): string[] {
  return [`-Dmusicbox.cluster=${folder}`, `-Dmusicbox.service=${name}`]
}

/**
 * Sends a signal to one service of the cluster in `folder`: SIGKILL (its supervisor starts it again), SIGSTOP, SIGCONT.
 * @returns the pid that got it
 * @throws MusicboxError `not.found` when it does not run
 */
export async function signalService(folder: string, name: string, signal: NodeJS.Signals): Promise<number> {
  const service = await serviceOf(folder, name)
  if (service.pid === undefined || !(await isOurs(service.pid, markOf(folder, name)))) {
    throw new MusicboxError(
      'not.found',
      `expected ${name} to run, it is ${service.state}`,
      'see `musicbox cluster status`',
    )
  }
  process.kill(service.pid, signal)
  return service.pid
}

/**
 * Waits until a service does its work again.
 * @param until.not_pid the process that was killed: its successor is meant
 * @throws MusicboxError `backend.unreachable` when it takes longer
 */
export async function untilServiceReady(
  folder: string,
  name: string,
  until: { timeout_ms: number; not_pid?: number; signal?: AbortSignal },
): Promise<ServiceState & { pid: number }> {
  const end_ms = Date.now() + until.timeout_ms
  for (;;) {
    const service = await serviceOf(folder, name)
    const { pid } = service
    if (service.state === 'ready' && pid !== undefined && pid !== until.not_pid) return { ...service, pid }
    if (Date.now() > end_ms) {
      throw new MusicboxError(
        'backend.unreachable',
        `expected ${name} to be ready within ${until.timeout_ms} ms, it is ${service.state}`,
        'see `musicbox cluster logs`',
      )
    }
    await sleep(POLL_MS, undefined, until.signal ? { signal: until.signal } : {})
  }
}

async function serviceOf(folder: string, name: string): Promise<ServiceState> {
  const services = (await readClusterState(folder))?.services ?? []
  const found = services.find((each) => each.name === name)
  if (found) return found
  throw new MusicboxError(
    'not.found',
    `expected a service of the cluster in ${folder}, got ${name}`,
    services.length === 0 ? 'no cluster runs there' : `it has ${services.map((each) => each.name).join(', ')}`,
  )
}

/** The JVMs of a cluster, by pid: also those that a dead supervisor has left behind. */
export async function clusterProcesses(folder: string): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>()
  const mark = ` ${markOf(folder, '').join(' ')}`
  for (const { pid, command } of await allProcesses()) {
    const at = command.indexOf(mark)
    if (at >= 0) found.set(pid, command.slice(at + mark.length).split(' ', 1)[0]!)
  }
  return found
}

/** Whether the process has these arguments, one after the other. */
export async function isOurs(pid: number, marks: readonly string[]): Promise<boolean> {
  return `${await commandOf(pid)} `.includes(` ${marks.join(' ')} `)
}

/** Resident memory; undefined when the process is gone. */
export async function residentMegabytes(pid: number): Promise<number | undefined> {
  const kilobytes =
    process.platform === 'linux'
      ? /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1]
      : (await ps(['-o', 'rss=', '-p', String(pid)])).trim()
  return kilobytes ? Math.round(Number(kilobytes) / 1024) : undefined
}

/** Resolves when none of these processes is left. @returns whether that was so in time */
export async function untilGone(pids: readonly number[], timeout_ms: number): Promise<boolean> {
  const end_ms = Date.now() + timeout_ms
  while (pids.some(isAlive)) {
    if (Date.now() > end_ms) return false
    await sleep(POLL_MS)
  }
  return true
}

/** A process's command line, its arguments joined by spaces as `ps` does; empty when there is no such process. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') return (await ps(['-ww', '-o', 'command=', '-p', String(pid)])).trimEnd()
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trimEnd()
}

async function allProcesses(): Promise<{ pid: number; command: string }[]> {
  if (process.platform === 'linux') {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
    return await Promise.all(pids.map(async (pid) => ({ pid, command: await commandOf(pid) })))
  }
  return (await ps(['-axww', '-o', 'pid=,command='])).split('\n').map((line) => {
    const [, pid = '0', command = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? []
    return { pid: Number(pid), command }
  })
}

async function ps(args: readonly string[]): Promise<string> {
  return await run('ps', args).then(
    ({ stdout }) => stdout,
    () => '',
  )
}
