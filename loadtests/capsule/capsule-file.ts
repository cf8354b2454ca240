/** Run capsules as files: JSON in gzip, whose checksum finds every damaged byte. */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { z } from 'zod'
import { MusicboxError } from '../../datasets/failure.ts'
import { CAPSULE_VERSION, type Capsule, capsuleSchema } from './capsule.ts'

/** What a file may be when it is unpacked: a whole run with all its histograms is a hundredth of it. */
const UNPACKED_BYTES_MAX = 512 * 1024 * 1024

/**
 * Writes the whole file or none: a reader never sees half of one.
 * @throws MusicboxError `backend.unreachable` when it cannot be written; ZodError for what is no capsule, which is a bug
 */
export async function writeCapsule(path: string, capsule: Capsule): Promise<void> {
  const bytes = await promisify(gzip)(JSON.stringify(capsuleSchema.parse(capsule)))
  const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(draft, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {})
    throw new MusicboxError(
      'backend.unreachable',
      `cannot write the run capsule ${path}: ${(cause as Error).message}`,
      'Give another path, or make room.',
      { cause },
    )
  }
}

/** @throws MusicboxError `not.found`, `data.corrupt`, or `input.invalid` for a capsule of a newer MusicBox */
export async function readCapsule(path: string): Promise<Capsule> {
  const packed = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new MusicboxError(
      'not.found',
      `expected a run capsule at ${path}, got ${cause.code === 'ENOENT' ? 'no such file' : cause.message}`,
      '`musicbox load` writes one to the folder `runs` of its data folder, or where --capsule says.',
      { cause },
    )
  })
  const found = await parsed(path, packed)
  if (found.format !== 'musicbox-run') throw damaged(path, `its format is ${JSON.stringify(found.format)}`)
  if (typeof found.version === 'number' && found.version > CAPSULE_VERSION) {
    throw new MusicboxError(
      'input.invalid',
      `expected a run capsule of version ${CAPSULE_VERSION} at most, got version ${found.version} in ${path}`,
      'It was written by a newer MusicBox: read it with that one.',
    )
  }
  const capsule = capsuleSchema.safeParse(found)
  if (!capsule.success) throw damaged(path, z.prettifyError(capsule.error), capsule.error)
  return capsule.data
}

/** What a capsule says of a ledger, so that it can be told later whether a file is that ledger. */
export async function ledgerDigest(path: string): Promise<NonNullable<Capsule['ledger']>> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
    }
  } catch (cause) {
    throw new MusicboxError('not.found', `expected a ledger at ${path}, got ${(cause as Error).message}`, '', { cause })
  }
  return { file: basename(path), bytes, sha256: hash.digest('hex') }
}

async function parsed(path: string, packed: Buffer): Promise<{ format?: unknown; version?: unknown }> {
  try {
    const text = (await promisify(gunzip)(packed, { maxOutputLength: UNPACKED_BYTES_MAX })).toString()
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
    throw new TypeError('it holds no object')
  } catch (cause) {
    throw damaged(path, (cause as Error).message, cause)
  }
}

function damaged(path: string, what: string, cause?: unknown): MusicboxError {
  return new MusicboxError(
    'data.corrupt',
    `expected ${path} to hold a run capsule, got something else: ${what}`,
    'The file is damaged or of another kind: take it from where it was copied from, or make the run again.',
    { cause },
  )
}
