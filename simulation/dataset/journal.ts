/**
 * What has been done of a data set, so that an interrupted one goes on: `_journal.jsonl`, its plan first, then a line for
 * each unit that is complete, on disk before the next begins. A line that a crash cut short counts as not written.
 */
import { mkdir, open, readdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { MusicboxError } from '../../datasets/failure.ts'
import type { Plan } from './plan.ts'
import type { UnitRecord } from './unit.ts'

export interface Journal {
  /** By name; of a unit that was done more than once, the last. */
  done: ReadonlyMap<string, UnitRecord>
  append(name: string, record: UnitRecord): Promise<void>
  close(): Promise<void>
}

export const JOURNAL_NAME = '_journal.jsonl'

/** @throws MusicboxError `input.invalid` when the folder holds something else */
export async function openJournal(out: string, plan: Plan): Promise<Journal> {
  await mkdir(out, { recursive: true })
  const path = join(out, JOURNAL_NAME)
  const lines = await wholeLines(path)
  const planLine = JSON.stringify({ plan })
  if (lines.length > 0 && lines[0] !== planLine) {
    throw new MusicboxError(
      'input.invalid',
      `expected ${out} to hold no data set or this one, but it holds another: ${difference(lines[0]!, planLine)}`,
      'choose another folder, or ask for the same world, days, formats and part size again',
    )
  }
  const strangers = (await readdir(out)).filter((name) => name !== JOURNAL_NAME)
  if (lines.length === 0 && strangers.length > 0) {
    throw new MusicboxError(
      'input.invalid',
      `expected ${out} to be empty or to hold this data set, but it has ${strangers.slice(0, 3).join(', ')}`,
      'choose another folder',
    )
  }
  const file = await open(path, 'a')
  const put = async (line: string): Promise<void> => {
    await file.appendFile(`${line}\n`)
    await file.sync()
  }
  if (lines.length === 0) await put(planLine)
  const done = new Map(
    lines.slice(1).map((line) => {
      const { unit, record } = JSON.parse(line) as { unit: string; record: UnitRecord }
      return [unit, record]
    }),
  )
  // One line after the other, whoever asks.
  let last = Promise.resolve()
  return {
    done,
    append: (unit, record) => {
      last = last.then(() => put(JSON.stringify({ unit, record })))
      return last
    },
    close: () => file.close(),
  }
}

/** Cuts off what a crash left behind the last newline. */
async function wholeLines(path: string): Promise<string[]> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  const end = bytes.lastIndexOf(0x0a) + 1
  if (end < bytes.length) await truncate(path, end)
  return bytes.toString('utf8', 0, end).split('\n').slice(0, -1)
}

/** The first thing that differs, for the user's eye. */
function difference(had: string, asked: string): string {
  const flat = (line: string): Map<string, string> => {
    const { plan } = JSON.parse(line) as { plan: Record<string, unknown> & { world: object } }
    return new Map(
      Object.entries({ ...plan, ...plan.world, world: null }).map(([name, value]) => [name, JSON.stringify(value)]),
    )
  }
  const before = flat(had)
  for (const [name, value] of flat(asked)) {
    if (before.get(name) !== value) return `its ${name} is ${before.get(name)}, asked was ${value}`
  }
  return 'its plan differs'
}
