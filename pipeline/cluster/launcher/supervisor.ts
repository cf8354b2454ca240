/**
 * Runs a cluster: starts each service when those that it needs are ready, starts again what dies, stops all in the opposite
 * order. Says what is in `state.json`, and writes `cluster.json` once everything is ready for the first time.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MusicboxError } from '../../../datasets/failure.ts'
import { markOf } from './cluster-process.ts'
import { type ServiceState, writeClusterState, writeWhole } from './cluster-state.ts'
import {
  configurationFolder,
  dataFolder,
  logFile,
  type Module,
  type Probe,
  type ServicePlan,
  type Site,
} from './jvm-plan.ts'
import { clusterConfigOf } from './plan-cluster.ts'

export interface Supervision {
  site: Site
  plans: readonly ServicePlan[]
  isReady: (probe: Probe) => Promise<boolean>
  /** Java program. */
  java: string
  /** Folder of a module's jars. */
  jars: Readonly<Record<Module, string>>
  /** Stops all. */
  signal: AbortSignal
  /** One line for the operator. */
  log: (line: string) => void
}

const RESTART_AFTER_MS = 1000
const PROBE_EVERY_MS = 150
const STOP_WITHIN_MS = 20_000
const LOG_BYTES_MAX = 32 * 1024 * 1024
const LOG_CHECK_EVERY_MS = 30_000

/** One service under way: its plan and what became of it. */
interface Run {
  plan: ServicePlan
  state: ServiceState
  child?: ChildProcess
  /** Settles when it is ready for the first time. */
  ready: PromiseWithResolvers<void>
  /** Settles when it is stopped for good. */
  stopped: PromiseWithResolvers<void>
}

/** Resolves when everything is stopped again. */
export async function superviseCluster(supervision: Supervision): Promise<void> {
  const { site, plans, log } = supervision
  // One that fails ends all the others: none may be started again by then.
  const ending = new AbortController()
  const signal = AbortSignal.any([supervision.signal, ending.signal])
  const runs = plans.map(newRun)
  const runOf = (name: string): Run => runs.find(({ plan }) => plan.name === name)!

  const publish = (): void =>
    writeClusterState(site.folder, {
      supervisor_pid: process.pid,
      topology: site.topology,
      base_port: site.base_port,
      services: runs.map(({ state }) => state),
    })
  const enter = (run: Run, change: Partial<ServiceState>): void => {
    run.state = { ...run.state, ...change, since_ms: Date.now() }
    publish()
  }

  async function keepRunning(run: Run): Promise<void> {
    const { plan } = run
    await Promise.race([Promise.all(plan.after.map((name) => runOf(name).ready.promise)), aborted(signal)])
    if (signal.aborted) return
    writeFiles(site, plan)
    if (plan.first && !existsSync(plan.first.unless)) {
      run.child = startJava(supervision, plan, plan.first.java)
      await expectPrepared(site, plan, run.child, signal)
    }
    while (!signal.aborted) {
      const child = startJava(supervision, plan, plan.java)
      run.child = child
      const exited = exitOf(child)
      enter(run, { state: 'starting', ...(child.pid === undefined ? {} : { pid: child.pid }) })
      if (await becomesReady({ ...supervision, signal }, plan, exited)) {
        enter(run, { state: 'ready' })
        run.ready.resolve()
      }
      const how = await exited
      if (signal.aborted) return
      log(`${plan.name} ended (${how}); starting it again`)
      const { pid: _, ...rest } = run.state
      run.state = rest
      enter(run, { state: 'restarting', restarts: run.state.restarts + 1 })
      await sleep(RESTART_AFTER_MS, undefined, { signal }).catch(() => {})
    }
  }

  /** Those that need this one are stopped before it. */
  async function stop(run: Run): Promise<void> {
    const needing = runs.filter(({ plan }) => plan.after.includes(run.plan.name))
    await Promise.all(needing.map(({ stopped }) => stopped.promise))
    if (run.child) await stopChild(run.child)
    const { pid: _, ...rest } = run.state
    run.state = rest
    enter(run, { state: 'stopped' })
    run.stopped.resolve()
  }

  // Addresses of a cluster that is not ready are none.
  rmSync(join(site.folder, 'cluster.json'), { force: true })
  publish()
  const trimming = setInterval(
    () => runs.forEach(({ plan }) => void trimLog(logFile(site, plan.name))),
    LOG_CHECK_EVERY_MS,
  )
  const kept = runs.map(keepRunning)
  void Promise.all(runs.map(({ ready }) => ready.promise)).then(() => {
    writeWhole(join(site.folder, 'cluster.json'), clusterConfigOf(site))
    log('all services are ready')
  })
  try {
    await Promise.race([aborted(signal), failureOf(kept)])
  } finally {
    ending.abort()
    await Promise.all(runs.map(stop))
    await Promise.allSettled(kept)
    clearInterval(trimming)
  }
}

function newRun(plan: ServicePlan): Run {
  return {
    plan,
    state: { name: plan.name, state: 'waiting', ports: { ...plan.ports }, restarts: 0, since_ms: Date.now() },
    ready: Promise.withResolvers(),
    stopped: Promise.withResolvers(),
  }
}

/** Asks again and again. @returns whether it got ready before it ended */
async function becomesReady(
  { isReady, signal }: Supervision,
  plan: ServicePlan,
  exited: Promise<string>,
): Promise<boolean> {
  let ended = false
  void exited.then(() => (ended = true))
  while (!ended && !signal.aborted) {
    if (await isReady(plan.probe)) return !ended
    await sleep(PROBE_EVERY_MS)
  }
  return false
}

function writeFiles(site: Site, plan: ServicePlan): void {
  const configuration = configurationFolder(site, plan.name)
  // Of an earlier version there may be a setting that this one does not have.
  rmSync(configuration, { recursive: true, force: true })
  for (const folder of [configuration, dataFolder(site, plan.name), ...plan.folders])
    mkdirSync(folder, { recursive: true })
  for (const { name, text } of plan.files) writeFileSync(join(configuration, name), text)
}

function startJava({ site, java, jars }: Supervision, plan: ServicePlan, args: readonly string[]): ChildProcess {
  const path = logFile(site, plan.name)
  mkdirSync(dirname(path), { recursive: true })
  // Opened for appending: the JVM goes on at the new end when the file is trimmed.
  const output = openSync(path, 'a')
  const classPath = [configurationFolder(site, plan.name), join(jars[plan.module], '*')].join(':')
  const child = spawn(java, ['-cp', classPath, ...markOf(site.folder, plan.name), ...args], {
    cwd: dataFolder(site, plan.name),
    stdio: ['ignore', output, output],
    // Ctrl-C on a terminal is for us: we stop them, in order.
    detached: true,
  })
  closeSync(output)
  return child
}

/** @throws MusicboxError `backend.unreachable` when the program that formats a disk fails; not when it was stopped by us */
async function expectPrepared(site: Site, plan: ServicePlan, child: ChildProcess, signal: AbortSignal): Promise<void> {
  const how = await exitOf(child)
  if (how === '0' || signal.aborted) return
  throw new MusicboxError(
    'backend.unreachable',
    `expected ${plan.name} to prepare its disk, the program ended with ${how}`,
    `see ${logFile(site, plan.name)}`,
  )
}

/** With which number or signal it ended, or why it could not start. */
async function exitOf(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return String(signal ?? code)
  } catch (error) {
    return (error as Error).message
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  // One that was stopped by a signal cannot end before it goes on.
  child.kill('SIGCONT')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  await exited
  clearTimeout(timer)
}

/** Keeps one old log of a service, and a young one that stays below the limit. */
function trimLog(path: string): void {
  if (!existsSync(path) || statSync(path).size < LOG_BYTES_MAX) return
  copyFileSync(path, `${path}.1`)
  truncateSync(path)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Rejects with the first that fails; never resolves. */
function failureOf(work: readonly Promise<void>[]): Promise<never> {
  return new Promise((_, reject) => {
    for (const each of work) each.catch(reject)
  })
}
