/**
 * What a running `musicbox serve` says of itself, in the file `serving.json` of its data folder: which processes its parts
 * are and where they answer. It is written anew whenever a part starts, and removed when the last one has stopped; a file
 * that outlives its processes (power loss, kill −9 of all) names pids that are dead, so a reader checks them.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { MusicboxError } from './failure.ts'

export const PARTS = ['events', 'reports', 'pipeline'] as const
export type Part = (typeof PARTS)[number]

const pid = z.int().positive()

const servingSchema = z.object({
  /** Of the process that started the parts and starts them again. */
  supervisor_pid: pid,
  parts: z.array(
    z.object({
      part: z.enum(PARTS),
      pid,
      /** Of the API and its page; the pipeline has none. */
      url: z.string().optional(),
      metrics_url: z.string(),
    }),
  ),
})

export type Serving = z.infer<typeof servingSchema>
export type ServedPart = Serving['parts'][number]

export function servingPath(folder: string): string {
  return join(folder, 'serving.json')
}

/**
 * Nothing when nobody serves this folder.
 * @throws MusicboxError `data.corrupt` for a file of another form
 */
export async function readServing(folder: string): Promise<Serving | undefined> {
  const path = servingPath(folder)
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    throw new MusicboxError('backend.unreachable', `cannot read ${path}: ${cause.message}`, '', { cause })
  })
  if (text === undefined) return undefined
  try {
    return servingSchema.parse(JSON.parse(text))
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message
    throw new MusicboxError(
      'data.corrupt',
      `expected ${path} to say which processes serve this folder, got something else: ${why}`,
      'stop musicbox serve, remove the file and start it again',
      { cause },
    )
  }
}

/**
 * Writes that a part of this process runs, beside its others. What another supervisor had written is replaced: of two on
 * one folder, the later one is meant.
 */
export function announcePart(folder: string, announced: ServedPart): void {
  writeServing(folder, {
    supervisor_pid: process.pid,
    parts: [...ownParts(folder).filter(({ part }) => part !== announced.part), announced],
  })
}

/** Takes parts of this process out; with the last of them the file goes. What another supervisor wrote stays. */
export function withdrawParts(folder: string, withdrawn: readonly Part[]): void {
  const own = ownParts(folder)
  if (own.length === 0) return
  writeServing(folder, { supervisor_pid: process.pid, parts: own.filter(({ part }) => !withdrawn.includes(part)) })
}

function ownParts(folder: string): readonly ServedPart[] {
  try {
    const serving = servingSchema.parse(JSON.parse(readFileSync(servingPath(folder), 'utf8')))
    return serving.supervisor_pid === process.pid ? serving.parts : []
  } catch {
    // No file, or one that nobody can use: it is written anew.
    return []
  }
}

/**
 * Writes the whole file or none; without parts it is removed. Synchronous, so that two parts that start at once cannot
 * write over each other's news.
 */
export function writeServing(folder: string, serving: Serving): void {
  const path = servingPath(folder)
  if (serving.parts.length === 0) {
    rmSync(path, { force: true })
    return
  }
  mkdirSync(folder, { recursive: true })
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, `${JSON.stringify(servingSchema.parse(serving), null, 2)}\n`)
  renameSync(draft, path)
}
