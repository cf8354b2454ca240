/** Starts a cluster in a process of its own and follows it until it is ready. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MusicboxError } from '../../../datasets/failure.ts'
import { formatDuration, type Host } from '../../../datasets/host.ts'
import {
  type ClusterBirth,
  type ClusterState,
  readClusterBirth,
  readClusterState,
  type Topology,
  writeClusterBirth,
} from './cluster-state.ts'
import { isCached, resolveJars } from './jar-cache.ts'
import { logFile, MODULES } from './jvm-plan.ts'
import { planCluster } from './plan-cluster.ts'
import {
  availableMegabytes,
  expectFreePorts,
  expectMemory,
  expectPlainPath,
  findJava,
  findMaven,
} from './requirements.ts'
import { stopCluster, stopOrphans } from './stop-cluster.ts'
import { oneStartAtOnce, supervised, supervisorMark } from './supervision.ts'
import { BASE_PORT, ONE_OF_EACH } from './topology.ts'

export interface StartOptions {
  /** The cluster's own. */
  folder: string
  /** What the user asked for; the rest is as when the cluster was first started. */
  asked: Partial<Topology> & { base_port?: number }
  /** Path of the CLI. */
  program: string
  host: Host
  /** One line of progress. */
  say: (line: string) => void
  /** End the cluster when this process ends. */
  attached?: boolean
}

const START_WITHIN_MS = 420_000
/** A service that dies this often before it was ever ready will not get ready. */
const DEATHS_MAX = 3
const POLL_MS = 100
const TAIL_LINES = 15

export interface Started {
  state: ClusterState
  /** Ours, if it was not running already. */
  supervisor?: ChildProcess
}

/**
 * Resolves with the state of a cluster that is ready, whether it was started now or ran already.
 * @throws MusicboxError for what is missing (requirements.ts), and `backend.unreachable` when a service does not get ready;
 *   all is stopped again then
 */
export async function startCluster(options: StartOptions): Promise<Started> {
  const { folder, host } = options
  expectPlainPath(folder)
  await mkdir(folder, { recursive: true })
  const supervisor = await oneStartAtOnce(folder, host.signal, () => startUnlessSupervised(options))
  await untilAllReady(options, supervisor)
  return { state: (await readClusterState(folder))!, ...(supervisor ? { supervisor } : {}) }
}

async function startUnlessSupervised(options: StartOptions): Promise<ChildProcess | undefined> {
  const { folder, host, say } = options
  const birth = await birthOf(options)
  if (await supervised(folder)) return undefined
  const java = await findJava(host.env)
  // What a dead supervisor has left behind holds the ports and the disks.
  await stopOrphans(folder, say)
  const plans = planCluster({ ...birth, folder })
  await expectFreePorts(plans, birth.base_port)
  expectMemory(plans, availableMegabytes())
  await fetchJars(host)
  writeClusterBirth(folder, birth)
  const supervisor = spawnSupervisor(options, java)
  while (supervisor.exitCode === null && (await supervised(folder))?.supervisor_pid !== supervisor.pid)
    await sleep(POLL_MS)
  return supervisor
}

/**
 * What the cluster is made for: at its first start what was asked for, later the same again.
 * @throws MusicboxError `input.invalid` when something else is asked for now
 */
async function birthOf({ folder, asked }: StartOptions): Promise<ClusterBirth> {
  const born = await readClusterBirth(folder)
  const { base_port = born?.base_port ?? BASE_PORT, ...counts } = asked
  const wanted = { topology: { ...(born?.topology ?? ONE_OF_EACH), ...counts }, base_port }
  if (born === undefined) return { ...wanted, kafka_cluster_id: kafkaClusterId() }
  const differs =
    base_port !== born.base_port ||
    (Object.keys(ONE_OF_EACH) as (keyof Topology)[]).some((each) => wanted.topology[each] !== born.topology[each])
  if (!differs) return born
  throw new MusicboxError(
    'input.invalid',
    `expected the cluster in ${folder} as it was first started, ${describe(born)}, got ${describe(wanted)}`,
    'copies and addresses are written into its data: use another --data, or `musicbox cluster wipe` it first',
  )
}

function describe({ topology, base_port }: Omit<ClusterBirth, 'kafka_cluster_id'>): string {
  const { brokers, datanodes, regionservers } = topology
  return `--brokers ${brokers} --datanodes ${datanodes} --regionservers ${regionservers} --base-port ${base_port}`
}

/** 16 bytes in base64url. Kafka's tool takes one with a dash in front for an option. */
function kafkaClusterId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}

async function fetchJars(host: Host): Promise<void> {
  for (const module of MODULES) {
    if (!(await isCached(module, host.env))) await resolveJars(module, await findMaven(host.env), host)
  }
}

function spawnSupervisor({ folder, program, host, attached }: StartOptions, java: string): ChildProcess {
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const output = openSync(join(folder, 'logs', 'supervisor.log'), 'a')
  const args = [
    // kafkajs sets timers to the past, of which Node warns at each.
    '--disable-warning=TimeoutNegativeWarning',
    program,
    ...supervisorMark(folder),
    java,
    ...(attached ? ['--attached'] : []),
  ]
  const supervisor = spawn(process.execPath, args, {
    // Standard input is its life line: when we end, it ends.
    stdio: [attached ? 'pipe' : 'ignore', output, output],
    detached: true,
    env: { ...host.env },
  })
  closeSync(output)
  if (!attached) supervisor.unref()
  return supervisor
}

/** Says which service got ready when, until all are. */
async function untilAllReady({ folder, host, say }: StartOptions, supervisor?: ChildProcess): Promise<void> {
  const start_ms = Date.now()
  const told = new Set<string>()
  try {
    for (let look = 0; ; look++) {
      const state = await supervised(folder)
      if (!state) throw await failure(folder, 'supervisor', 'it ended')
      for (const { name, state: its } of state.services) {
        if (its !== 'ready' || told.has(name)) continue
        told.add(name)
        if (supervisor || look > 0) say(`${name} is ready after ${formatDuration(Date.now() - start_ms)}`)
      }
      // The addresses are written a moment after the last one got ready.
      if (told.size === state.services.length && existsSync(join(folder, 'cluster.json'))) return
      const missing = state.services.filter(({ name }) => !told.has(name))
      const failing = missing.find(({ restarts }) => restarts >= DEATHS_MAX)
      if (failing) throw await failure(folder, failing.name, `it ended ${failing.restarts} times before it was ready`)
      if (Date.now() - start_ms > START_WITHIN_MS) throw await failure(folder, missing[0]!.name, 'it took too long')
      await sleep(POLL_MS, undefined, { signal: host.signal })
    }
  } catch (error) {
    if (supervisor) await stopCluster(folder, say)
    if (!host.signal.aborted) throw error
    throw new MusicboxError('interrupted', 'the cluster was stopped before it was ready')
  }
}

async function failure(folder: string, name: string, why: string): Promise<MusicboxError> {
  const path = name === 'supervisor' ? join(folder, 'logs', 'supervisor.log') : logFile({ folder }, name)
  const text = await readFile(path, 'utf8').catch(() => '')
  const last = text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
  return new MusicboxError('backend.unreachable', `expected ${name} to get ready: ${why}\n${last}`, `see ${path}`)
}
