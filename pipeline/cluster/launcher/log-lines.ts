/** Shows the end of the services' logs, and what comes after. */
import { open, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Host } from '../../../datasets/host.ts'

const POLL_MS = 250
/** Of a file's end: enough for any number of lines that a person reads. */
const TAIL_BYTES = 4 * 1024 * 1024

export interface LogOptions {
  service: string | undefined
  lines: number
  follow?: boolean
}

/**
 * Prints the last lines of a log, or of each under its name; with `follow` until the user stops it.
 * @throws MusicboxError `not.found` where there is no log
 */
export async function showLogs(folder: string, { service, lines, follow }: LogOptions, host: Host): Promise<void> {
  const paths = await logPaths(folder, service)
  const show = (path: string, text: string): void => {
    if (text === '') return
    const head = paths.length > 1 ? `==> ${basename(path, '.log')} <==\n` : ''
    host.stdout.write(`${head}${text}${text.endsWith('\n') ? '' : '\n'}`)
  }
  const seen = new Map<string, number>()
  for (const path of paths) {
    const { text, end } = await readFrom(path)
    show(path, lines === 0 ? '' : text.trimEnd().split('\n').slice(-lines).join('\n'))
    seen.set(path, end)
  }
  while (follow && !host.signal.aborted) {
    await sleep(POLL_MS, undefined, { signal: host.signal }).catch(() => {})
    for (const path of paths) {
      const { text, end } = await readFrom(path, seen.get(path))
      show(path, text)
      seen.set(path, end)
    }
  }
}

async function logPaths(folder: string, service: string | undefined): Promise<string[]> {
  const names = (await readdir(join(folder, 'logs')).catch(() => [])).filter((name) => name.endsWith('.log')).sort()
  const wanted = service === undefined ? names : names.filter((name) => name === `${service}.log`)
  if (wanted.length > 0) return wanted.map((name) => join(folder, 'logs', name))
  throw new MusicboxError(
    'not.found',
    service === undefined ? `expected logs in ${folder}, found none` : `expected a log of ${service}, found none`,
    names.length === 0
      ? 'start a cluster with `musicbox cluster up`'
      : `there are logs of ${names.map((name) => basename(name, '.log')).join(', ')}`,
  )
}

/** @param from bytes that are known; a file that got shorter was begun anew */
async function readFrom(path: string, from?: number): Promise<{ text: string; end: number }> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const start = from === undefined ? Math.max(0, size - TAIL_BYTES) : from > size ? 0 : from
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - start), position: start })
    return { text: buffer.toString('utf8', 0, bytesRead), end: start + bytesRead }
  } finally {
    await file.close()
  }
}
