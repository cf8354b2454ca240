/** Real k6 on this machine, when there is one. It is never fetched: the embedded engine runs the same scripts. */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { MusicboxError } from '../../datasets/failure.ts'

export interface K6Binary {
  path: string
  /** Like `1.2.3`. */
  version: string
}

/** From here on k6 runs TypeScript without being asked to. */
const MINOR_MIN = 57
const ANSWER_WITHIN_MS = 10_000

/**
 * K6_BIN, or the first `k6` on PATH; undefined when neither is there.
 * @throws MusicboxError `not.found` when K6_BIN names nothing that can be run, `input.invalid` for a k6 that is too old
 */
export async function findK6(env: Readonly<Record<string, string | undefined>>): Promise<K6Binary | undefined> {
  const named = env['K6_BIN']
  const path = named || (await onPath(env['PATH'] ?? ''))
  if (!path) return undefined
  const version = await versionOf(path)
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major === 0 && minor < MINOR_MIN) {
    throw new MusicboxError(
      'input.invalid',
      `expected k6 to be version 0.${MINOR_MIN} or later, which runs TypeScript, got ${version} at ${path}`,
      'use a later k6, or --engine embedded',
    )
  }
  return { path, version }
}

/** {@link findK6}, for who cannot do without. @throws MusicboxError `not.found` when there is none */
export async function requireK6(env: Readonly<Record<string, string | undefined>>): Promise<K6Binary> {
  const k6 = await findK6(env)
  if (k6) return k6
  throw new MusicboxError(
    'not.found',
    'expected k6 on PATH or in K6_BIN, found neither',
    'install k6 (it is not part of MusicBox) and set K6_BIN to its path, or use --engine embedded',
  )
}

async function onPath(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((each) => each !== '')) {
    const candidate = join(folder, 'k6')
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return candidate
  }
  return undefined
}

/** `k6 version` answers `k6 v1.2.3 (…)`. */
async function versionOf(path: string): Promise<string> {
  const refused = (came: string, cause?: unknown): MusicboxError =>
    new MusicboxError(
      'not.found',
      `expected ${path} to be k6 and to say its version, got ${came}`,
      'set K6_BIN to the path of k6, or use --engine embedded',
      { cause },
    )
  const { stdout } = await promisify(execFile)(path, ['version'], { timeout: ANSWER_WITHIN_MS }).catch(
    (cause: Error) => {
      throw refused(cause.message.split('\n')[0]!, cause)
    },
  )
  const version = /\bk6 v(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
  if (version === undefined) throw refused(JSON.stringify(stdout.slice(0, 60)))
  return version
}
