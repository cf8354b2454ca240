/** Ledgers as files: one JSON object a line. */
import { createReadStream } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { MusicboxError } from '../datasets/failure.ts'
import type { LedgerEntry } from '../datasets/ledger.ts'

/** Every ledger of a folder; none when there is no folder. */
export async function ledgersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => name.endsWith('.ndjson')).map((name) => join(folder, name))
}

/**
 * The entries of one ledger after the other.
 * @param cutShort told the path of a ledger whose last line was not finished: its writer was killed, and that line says
 *   nothing
 * @throws MusicboxError `not.found`, or `data.corrupt` for a line that is no JSON
 */
export async function* readLedgers(
  paths: readonly string[],
  cutShort: (path: string) => void,
): AsyncGenerator<LedgerEntry> {
  for (const path of paths) {
    const isWhole = await endsWithNewline(path)
    let number = 0
    /** Held back by one, since only the last may be unfinished. */
    let held: string | undefined
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      if (held) yield parsed(held, path, number)
      number++
      held = line
    }
    if (!held) continue
    if (isWhole || held.endsWith('}')) yield parsed(held, path, number)
    else cutShort(path)
  }
}

async function endsWithNewline(path: string): Promise<boolean> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    throw new MusicboxError('not.found', `expected a ledger at ${path}, but there is none`, 'check the path', { cause })
  })
  try {
    const { size } = await file.stat()
    if (size === 0) return true
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer[0] === 0x0a
  } finally {
    await file.close()
  }
}

function parsed(line: string, path: string, number: number): LedgerEntry {
  try {
    return JSON.parse(line) as LedgerEntry
  } catch (cause) {
    throw new MusicboxError('data.corrupt', `expected ${path} line ${number} to be JSON`, 'is it a ledger?', { cause })
  }
}
