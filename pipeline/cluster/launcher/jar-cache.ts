/**
 * The servers' jars, resolved by Maven once and kept outside the data folder: `CACHE/kafka-0123456789ab/*.jar`, where the
 * digits are the hash of the module's pom. A folder is there whole or not at all, so a second start needs neither Maven nor
 * a network, and two starts at once do not disturb each other.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { MusicboxError } from '../../../datasets/failure.ts'
import { formatDuration, type Host, progress } from '../../../datasets/host.ts'
import type { Module } from './jvm-plan.ts'

const POMS = fileURLToPath(new URL('../maven', import.meta.url))

/** What the last lines of Maven's are worth showing when it fails. */
const TAIL_LINES = 12

/** `MUSICBOX_CLUSTER_CACHE`, else `musicbox/cluster` in the user's cache folder. */
export function cacheFolder(env: Host['env']): string {
  return (
    env['MUSICBOX_CLUSTER_CACHE'] ||
    join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'musicbox', 'cluster')
  )
}

/** Where a module's jars are, or will be. */
export async function jarFolder(module: Module, env: Host['env']): Promise<string> {
  const pom = await readFile(join(POMS, module, 'pom.xml'))
  const hash = createHash('sha256').update(pom).digest('hex').slice(0, 12)
  return join(cacheFolder(env), `${module}-${hash}`)
}

/** Whether Maven is needed to get a module's jars. */
export async function isCached(module: Module, env: Host['env']): Promise<boolean> {
  return await stat(await jarFolder(module, env)).then(
    () => true,
    () => false,
  )
}

/**
 * Gets a module's jars if they are not there yet.
 * @param maven program to call
 * @throws MusicboxError `backend.unreachable` when Maven fails, with its last words
 */
export async function resolveJars(module: Module, maven: string, host: Host): Promise<void> {
  const folder = await jarFolder(module, host.env)
  if (await isCached(module, host.env)) return
  await mkdir(cacheFolder(host.env), { recursive: true })
  const draft = await mkdtemp(join(cacheFolder(host.env), `.${module}-`))
  try {
    const start_ms = host.now()
    await runMaven(module, maven, draft, host)
    const { count, size_mb } = await measure(draft)
    await rename(draft, folder).catch(async (error: NodeJS.ErrnoException) => {
      // Somebody else was quicker; theirs are the same.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
    if (!host.args.includes('--quiet')) {
      const took = formatDuration(host.now() - start_ms)
      host.stderr.write(`${module}: ${count} jars, ${size_mb} MB, in ${took}\n`)
    }
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function runMaven(module: Module, maven: string, output: string, host: Host): Promise<void> {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${output}`]
  const child = spawn(maven, ['--batch-mode', '--file', join(POMS, module, 'pom.xml'), ...goal], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...host.env },
    signal: host.signal,
  })
  const exited = once(child, 'close') as Promise<[number | null]>
  const last: string[] = []
  using files = progress(host, { label: `${module} jars`, unit: 'files downloaded' })
  const keep = (line: string): void => {
    const transfer = /^(?:\[INFO\] )?Download(ed|ing) from /.exec(line)
    if (transfer) {
      if (transfer[1] === 'ed') files.advance(1)
      return
    }
    last.push(line)
    if (last.length > TAIL_LINES) last.shift()
  }
  createInterface(child.stdout).on('line', keep)
  createInterface(child.stderr).on('line', keep)
  const [code] = await exited
  if (code === 0) return
  throw new MusicboxError(
    'backend.unreachable',
    `expected Maven to resolve the jars of ${module}, it ended with ${code}:\n${last.join('\n')}`,
    'is a Maven repository reachable? ~/.m2/settings.xml may name a mirror',
  )
}

async function measure(folder: string): Promise<{ count: number; size_mb: number }> {
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return { count: names.length, size_mb: Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1e6) }
}
