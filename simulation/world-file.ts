/**
 * What a data folder was made from: the whole world, so that a load can go on from where the history ended, with the same
 * listeners, and an interrupted history can be finished.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { addDays } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { keyText, parseKey } from './kernel/key-text.ts'
import { createWorld, PROFILES, SPEC_VERSION, type World } from './kernel/world.ts'
import { knobsJson, knobsOf, knobsSchema } from './scenario/knob-fields.ts'
import { shockJson, shockOf, shockSchema } from './scenario/shock-fields.ts'

const worldFileSchema = z.object({
  /** Version of the kernel that made the history: another one would go on with other listeners. */
  spec: z.int(),
  scenario: z.string().optional(),
  seed: z.string(),
  key: z.string(),
  profile: z.enum(PROFILES),
  songs: z.int(),
  last_year: z.int(),
  users: z.int(),
  first_day: z.string(),
  last_day: z.string(),
  knobs: knobsSchema.required(),
  shocks: z.array(shockSchema),
  /** Events of the history; null while it is being made. */
  events: z.int().nullable(),
})
type WorldFileJson = z.infer<typeof worldFileSchema>

export interface WorldFile {
  /** Name of the scenario that it follows, when it follows one. */
  scenario?: string
  /** The seed as the user gave it. */
  seed: string
  world: World
  lastDay: string
  /** Undefined while the history is being made. */
  events: number | undefined
}

export async function writeWorldFile(dataFolder: string, file: WorldFile): Promise<void> {
  await mkdir(dataFolder, { recursive: true })
  await writeFile(`${pathIn(dataFolder)}.tmp`, `${JSON.stringify(toJson(file), null, 2)}\n`)
  await rename(`${pathIn(dataFolder)}.tmp`, pathIn(dataFolder))
}

/**
 * Undefined when the folder holds no history.
 * @throws MusicboxError `input.invalid` when another version of the kernel made it, `data.corrupt` when it cannot be read
 */
export async function readWorldFile(dataFolder: string): Promise<WorldFile | undefined> {
  const path = pathIn(dataFolder)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    const json: unknown = JSON.parse(text)
    checkSpec((json as { spec?: unknown } | null)?.spec, path)
    return fromJson(worldFileSchema.parse(json))
  } catch (cause) {
    if (cause instanceof MusicboxError && cause.code === 'input.invalid') throw cause
    throw new MusicboxError('data.corrupt', `expected ${path} to describe a history`, 'make the history anew', {
      cause,
    })
  }
}

function toJson({ scenario, seed, world, lastDay, events }: WorldFile): WorldFileJson {
  return {
    spec: world.spec,
    ...(scenario === undefined ? {} : { scenario }),
    seed,
    key: keyText(world.key),
    profile: world.profile,
    songs: world.songCount,
    last_year: world.lastYear,
    users: world.userCount,
    first_day: world.firstDay,
    last_day: lastDay,
    knobs: knobsJson(world.knobs),
    shocks: world.shocks.map(shockJson),
    events: events ?? null,
  }
}

function fromJson(json: WorldFileJson): WorldFile {
  const world = createWorld({
    key: parseKey(json.key),
    profile: json.profile,
    songCount: json.songs,
    lastYear: json.last_year,
    userCount: json.users,
    firstDay: json.first_day,
    liveDay: addDays(json.last_day, 1),
    knobs: knobsOf(json.knobs),
    shocks: json.shocks.map((shock) => shockOf(shock, rankIsUnresolved)),
  })
  const { scenario, seed, last_day: lastDay, events } = json
  return { ...(scenario === undefined ? {} : { scenario }), seed, world, lastDay, events: events ?? undefined }
}

/** A world has indices; a rank in its file means that a person has edited it. */
function rankIsUnresolved(): never {
  throw new Error('a shock of a world file names its song or artist by index')
}

function checkSpec(spec: unknown, path: string): void {
  if (spec === SPEC_VERSION) return
  const came = spec === undefined ? 'one from before versions were written down' : `version ${JSON.stringify(spec)}`
  throw new MusicboxError(
    'input.invalid',
    `expected ${path} to be of a history that version ${SPEC_VERSION} of the simulator made, got ${came}`,
    'its listeners cannot be gone on with: remove the folder and make the history anew, or choose another with --data',
  )
}

function pathIn(dataFolder: string): string {
  return join(dataFolder, 'world.json')
}
