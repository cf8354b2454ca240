/**
 * What a data folder was made from: so that a load can go on from where the history ended, with the same listeners, and
 * an interrupted history can be finished.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { addDays } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { keyText, parseKey } from './kernel/key-text.ts'
import { createWorld, PROFILES, type World } from './kernel/world.ts'

const worldFileSchema = z.object({
  seed: z.string(),
  key: z.string(),
  profile: z.enum(PROFILES),
  songs: z.int(),
  users: z.int(),
  first_day: z.string(),
  last_day: z.string(),
  /** Events of the history; null while it is being made. */
  events: z.int().nullable(),
})

export interface WorldFile {
  /** The seed as the user gave it. */
  seed: string
  world: World
  lastDay: string
  /** Undefined while the history is being made. */
  events: number | undefined
}

export async function writeWorldFile(dataFolder: string, { seed, world, lastDay, events }: WorldFile): Promise<void> {
  const content: z.infer<typeof worldFileSchema> = {
    seed,
    key: keyText(world.key),
    profile: world.profile,
    songs: world.songCount,
    users: world.userCount,
    first_day: world.firstDay,
    last_day: lastDay,
    events: events ?? null,
  }
  await mkdir(dataFolder, { recursive: true })
  await writeFile(`${pathIn(dataFolder)}.tmp`, `${JSON.stringify(content, null, 2)}\n`)
  await rename(`${pathIn(dataFolder)}.tmp`, pathIn(dataFolder))
}

/** Undefined when the folder holds no history. @throws MusicboxError `data.corrupt` */
export async function readWorldFile(dataFolder: string): Promise<WorldFile | undefined> {
  const path = pathIn(dataFolder)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    const { seed, key, profile, songs, users, first_day, last_day, events } = worldFileSchema.parse(JSON.parse(text))
    const world = createWorld({
      key: parseKey(key),
      profile,
      songCount: songs,
      userCount: users,
      firstDay: first_day,
      liveDay: addDays(last_day, 1),
    })
    return { seed, world, lastDay: last_day, events: events ?? undefined }
  } catch (cause) {
    throw new MusicboxError('data.corrupt', `expected ${path} to describe a history`, 'make the history anew', {
      cause,
    })
  }
}

function pathIn(dataFolder: string): string {
  return join(dataFolder, 'world.json')
}
