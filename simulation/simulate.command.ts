/** `musicbox simulate`: a history, into the event log or into a file. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Command, Option } from 'commander'
import { artists, songs } from '../datasets/catalogue.ts'
import { command, wholeNumber } from '../datasets/command.ts'
import { addDays, dayOf, daysBetween, parseDay } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { formatCount, formatDuration, type Host, printJson, progress } from '../datasets/host.ts'
import type { Artist, Song, User } from '../datasets/music.ts'
import { users } from './kernel/user.ts'
import { catalogueOf, createWorld, PROFILES, type Profile } from './kernel/world.ts'
import { seedKey } from './seed.ts'
import { type SimulatedDay, simulateDays } from './simulate.ts'
import { readWorldFile, type WorldFile, writeWorldFile } from './world-file.ts'

export interface SimulateOptions {
  data: string
  json?: boolean
  seed: string
  users: number
  songs: number
  days: number
  lastDay?: string
  profile: Profile
  workers: number
  out?: string
}

/** What a history is loaded into; the pipeline has it, and this room does not know the pipeline. */
export type LoadHistory = (
  dataFolder: string,
  history: {
    songs: () => Iterable<Song>
    artists: () => Iterable<Artist>
    users: () => Iterable<User>
    days: AsyncIterable<SimulatedDay>
  },
  options: { onDay: (day: string) => void; signal: AbortSignal },
) => Promise<{ stored: number; duplicates: number }>

export function simulateCommand(host: Host, load: LoadHistory): Command {
  return command('simulate', 'make a history of listeners and feed it into the event log, or write it to a file')
    .option('--seed <text>', 'equal seeds make equal histories', 'musicbox')
    .option('--users <count>', 'listeners', wholeNumber(1, 100_000_000), 2000)
    .option('--songs <count>', 'songs in the catalogue', wholeNumber(1, 10_000_000), 10_000)
    .option('--days <count>', 'length of the history', wholeNumber(1, 36_500), 90)
    .option('--last-day <day>', 'last day of the history (default: the day before yesterday)')
    .addOption(new Option('--profile <name>', 'how listeners behave').choices(PROFILES).default('realistic'))
    .option('--workers <count>', 'threads; the bytes do not depend on it', wholeNumber(1, 64), 2)
    .option('--out <file>', 'write JSON lines there (gzip with .gz, standard output with -) and touch no store')
    .action(async (options: SimulateOptions) => {
      const plan = planHistory(options, host.now())
      const start_ms = host.now()
      if (options.out !== undefined) {
        const events = await writeHistory(host, plan, options.workers, options.out)
        const text = `${formatCount(events)} events written to ${options.out}`
        // With `--out -` the events are the result.
        if (options.json && options.out !== '-') printJson(host, { ...describe(plan), events })
        else host.stderr.write(`${text} in ${formatDuration(host.now() - start_ms)}\n`)
        return
      }
      const loaded = await makeHistory(host, options.data, plan, options.workers, load)
      if (options.json) return printJson(host, { ...describe(plan), ...loaded })
      host.stdout.write(
        `${formatCount(loaded.stored)} events of ${formatCount(plan.world.userCount)} listeners over ` +
          `${formatCount(plan.world.songCount)} songs, ${plan.world.firstDay} to ${plan.lastDay}, ` +
          `in ${formatDuration(host.now() - start_ms)}\n`,
      )
      if (loaded.duplicates > 0) host.stdout.write(`${formatCount(loaded.duplicates)} were in the log before\n`)
    })
}

/** The history that options ask for. @throws MusicboxError `input.invalid` */
export function planHistory(options: Omit<SimulateOptions, 'data' | 'workers' | 'out'>, now_ms: number): WorldFile {
  // Live listeners then live through yesterday, which is over, so that the night job may publish it.
  const lastDay = options.lastDay === undefined ? addDays(dayOf(now_ms), -2) : parseDay(options.lastDay, '--last-day')
  const world = createWorld({
    key: seedKey(options.seed),
    profile: options.profile,
    songCount: options.songs,
    userCount: options.users,
    firstDay: addDays(lastDay, 1 - options.days),
    liveDay: addDays(lastDay, 1),
  })
  return { seed: options.seed, world, lastDay, events: undefined }
}

/**
 * Makes a planned history in the stores of a data folder. The same plan again finishes what was interrupted.
 * @throws MusicboxError `input.invalid` when the folder holds another history: the two would mix
 */
export async function makeHistory(
  host: Host,
  dataFolder: string,
  plan: WorldFile,
  workers: number,
  load: LoadHistory,
): Promise<{ stored: number; duplicates: number }> {
  const present = await readWorldFile(dataFolder)
  if (present && JSON.stringify(describe(present)) !== JSON.stringify(describe(plan))) {
    throw new MusicboxError(
      'input.invalid',
      `expected ${dataFolder} to hold no history or this one, but it holds ${JSON.stringify(describe(present))}`,
      'choose another folder with --data, or remove this one',
    )
  }
  await writeWorldFile(dataFolder, plan)
  const { world, lastDay } = plan
  const catalogue = catalogueOf(world)
  using bar = progress(host, { label: 'simulate', total: daysBetween(world.firstDay, lastDay).length, unit: 'days' })
  const loaded = await load(
    dataFolder,
    {
      songs: () => songs(catalogue),
      artists: () => artists(catalogue),
      users: () => users(world),
      days: simulateDays(world, { firstDay: world.firstDay, lastDay, workers }),
    },
    { onDay: () => bar.advance(1), signal: host.signal },
  )
  await writeWorldFile(dataFolder, { ...plan, events: loaded.stored + loaded.duplicates })
  return loaded
}

async function writeHistory(host: Host, { world, lastDay }: WorldFile, workers: number, out: string): Promise<number> {
  let events = 0
  using bar = progress(host, { label: 'simulate', total: daysBetween(world.firstDay, lastDay).length, unit: 'days' })
  async function* chunks(): AsyncGenerator<string> {
    for await (const { entries } of simulateDays(world, { firstDay: world.firstDay, lastDay, workers })) {
      host.signal.throwIfAborted()
      events += entries.length
      bar.advance(1)
      if (entries.length > 0) yield `${entries.map(({ line }) => line).join('\n')}\n`
    }
  }
  if (out === '-') {
    for await (const chunk of chunks()) host.stdout.write(chunk)
  } else if (out.endsWith('.gz')) {
    await pipeline(Readable.from(chunks()), createGzip({ level: 1 }), createWriteStream(out))
  } else {
    await pipeline(Readable.from(chunks()), createWriteStream(out))
  }
  return events
}

function describe({ seed, world, lastDay }: WorldFile): Record<string, string | number> {
  return {
    seed,
    profile: world.profile,
    users: world.userCount,
    songs: world.songCount,
    first_day: world.firstDay,
    last_day: lastDay,
  }
}
