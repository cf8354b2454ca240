/** What must be there before a cluster can start; each lack is said with what to do about it. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Host } from '../../../datasets/host.ts'
import type { ServicePlan } from './jvm-plan.ts'
import { PORT_SPAN } from './topology.ts'

const run = promisify(execFile)
const OLDEST_JAVA = 17

/**
 * The Java program: `JAVA_HOME`'s if that is set, else the one on the path.
 * @throws MusicboxError `not.found` without one; `input.invalid` for one that is too old
 */
export async function findJava(env: Host['env']): Promise<string> {
  const home = env['JAVA_HOME']
  const java = home ? join(home, 'bin', 'java') : 'java'
  const said = await firstWords(java, ['-version'], env)
  if (said === undefined) {
    throw new MusicboxError(
      'not.found',
      home
        ? `expected Java in JAVA_HOME, but ${java} does not run`
        : `expected Java ${OLDEST_JAVA} or later on the path, found none`,
      'on Debian: apt-get install openjdk-17-jre-headless; elsewhere set JAVA_HOME to the folder of a JDK',
    )
  }
  const version = majorVersion(said)
  if (version !== undefined && version < OLDEST_JAVA) {
    throw new MusicboxError(
      'input.invalid',
      `expected Java ${OLDEST_JAVA} or later, ${java} is Java ${version}`,
      'set JAVA_HOME to the folder of a newer one; on Debian: apt-get install openjdk-17-jre-headless',
    )
  }
  return java
}

/** Java's own words to a number: `"1.8.0_392"` is 8, `"17.0.15"` is 17. */
export function majorVersion(said: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(said) ?? []
  if (first === undefined) return undefined
  return first === '1' && second !== undefined ? Number(second) : Number(first)
}

/** @throws MusicboxError `not.found` without Maven */
export async function findMaven(env: Host['env']): Promise<string> {
  if ((await firstWords('mvn', ['--version'], env)) !== undefined) return 'mvn'
  throw new MusicboxError(
    'not.found',
    'expected Maven (mvn) on the path, found none; it fetches the servers’ jars, once',
    'on Debian: apt-get install maven',
  )
}

/** @throws MusicboxError `input.invalid` with every port that somebody else listens on */
export async function expectFreePorts(plans: readonly ServicePlan[], base_port: number): Promise<void> {
  const wanted = plans.flatMap(({ name, ports }) =>
    Object.entries(ports).map(([purpose, port]) => ({ name, purpose, port })),
  )
  const free = await Promise.all(wanted.map(({ port }) => isFree(port)))
  const taken = wanted.filter((_, index) => !free[index])
  if (taken.length === 0) return
  const list = taken.map(({ name, purpose, port }) => `${port} (${name}, ${purpose})`).join(', ')
  throw new MusicboxError(
    'input.invalid',
    `expected free ports from ${base_port} to ${base_port + PORT_SPAN - 1}, somebody listens on ${list}`,
    'end that process, or give another --base-port',
  )
}

/**
 * @param available_mb what this process may still use
 * @throws MusicboxError `backend.full` when the services would not fit
 */
export function expectMemory(plans: readonly ServicePlan[], available_mb: number): void {
  const needed_mb = plans.reduce((sum, plan) => sum + plan.memory_mb, 0)
  if (available_mb >= needed_mb) return
  throw new MusicboxError(
    'backend.full',
    `expected ${needed_mb} MB of free memory for ${plans.length} services, ${Math.floor(available_mb)} MB are available`,
    'close other programs, or ask for fewer --brokers, --datanodes or --regionservers',
  )
}

/** Free memory within the limits of the container, if there is one. */
export function availableMegabytes(): number {
  return process.availableMemory() / 1024 ** 2
}

/**
 * Paths end up in class paths, lists and URIs of four servers, which disagree on how to escape.
 * @throws MusicboxError `input.invalid`
 */
export function expectPlainPath(folder: string): void {
  const odd = [...new Set(folder)].filter((each) => `${delimiter},;$*?"'<>&%#=\\`.includes(each) || each < ' ')
  if (odd.length === 0 || process.platform === 'win32') return
  throw new MusicboxError(
    'input.invalid',
    `expected a data folder whose path the servers can take, got ${folder} with ${odd.map((each) => JSON.stringify(each)).join(' ')}`,
    'give another folder with --data',
  )
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** What a program says of itself; nothing when it is not there or fails. */
async function firstWords(program: string, args: readonly string[], env: Host['env']): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(program, args, { env: { ...env } })
    return stdout + stderr
  } catch {
    return undefined
  }
}
