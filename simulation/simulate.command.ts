/** `musicbox simulate`: a history, into the event log, into a data set on disk, or onto standard output. */
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { artists, songs } from '../datasets/catalogue.ts'
import { command, type StoreChoice, wholeNumber } from '../datasets/command.ts'
import { addDays, dayOf, daysBetween, parseDay } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { formatCount, formatDuration, type Host, printJson, progress } from '../datasets/host.ts'
import type { Artist, Song, User } from '../datasets/music.ts'
import { FORMATS, type Format } from './dataset/format.ts'
import { writeDataset } from './dataset/write-dataset.ts'
import { writeDirt } from './dirt/write-dirt.ts'
import { users } from './kernel/user.ts'
import { catalogueOf, PROFILES, type Profile } from './kernel/world.ts'
import { checkScenario, type Scenario } from './scenario/scenario.ts'
import { loadScenario } from './scenario/shipped.ts'
import { worldOf } from './scenario/world-of.ts'
import { type SimulatedDay, simulateDays } from './simulate.ts'
import { writeTruth } from './truth/write-truth.ts'
import { readWorldFile, type WorldFile, writeWorldFile } from './world-file.ts'

export interface SimulateOptions extends StoreChoice {
  json?: boolean
  scenario?: string
  seed?: string
  users?: number
  songs?: number
  days?: number
  lastDay?: string
  profile?: Profile
  workers: number
  out?: string
  format?: Format[]
}

/** What a history is made of, in the form in which it is loaded. */
interface HistoryParts {
  songs: () => Iterable<Song>
  artists: () => Iterable<Artist>
  users: () => Iterable<User>
  days: AsyncIterable<SimulatedDay>
}

/** What a history is loaded into; the pipeline has it, and this room does not know the pipeline. */
export type LoadHistory = (
  stores: StoreChoice,
  history: HistoryParts,
  options: { onDay: (day: string) => void; signal: AbortSignal },
) => Promise<{ stored: number; duplicates: number }>

export function simulateCommand(host: Host, load: LoadHistory): Command {
  return command('simulate', 'make a history of listeners and feed it into the event log, or write it to files', {
    stores: true,
  })
    .option('--scenario <name>', 'a shipped scenario, or a file that ends in .json; the options below change it')
    .option('--seed <text>', 'equal seeds make equal histories (default: musicbox)')
    .option('--users <count>', 'listeners (default: 2000)', wholeNumber(1, 100_000_000))
    .option('--songs <count>', 'songs in the catalogue (default: 10000)', wholeNumber(1, 10_000_000))
    .option('--days <count>', 'length of the history (default: 90)', wholeNumber(1, 36_500))
    .option('--last-day <day>', 'last day of the history (default: the day before yesterday)')
    .addOption(new Option('--profile <name>', 'how listeners behave (default: realistic)').choices(PROFILES))
    .option('--workers <count>', 'threads; the bytes do not depend on it', wholeNumber(1, 64), 2)
    .option('--out <folder>', 'write a data set there and touch no store; - writes JSON lines to standard output')
    .option('--format <list>', `forms of the data set: ${FORMATS.join(', ')}`, formats)
    .action(async (options: SimulateOptions) => {
      const { scenario, plan } = planScenario(options, host.now())
      const start_ms = host.now()
      if (options.out === '-') return await writeLines(host, plan, options.workers)
      if (options.out !== undefined) {
        const made = await writeFiles(host, scenario, plan, { ...options, out: options.out })
        if (options.json) return printJson(host, { ...describe(plan), ...made })
        host.stdout.write(
          `${formatCount(made.events)} events, ${plan.world.firstDay} to ${plan.lastDay}, in ${options.out}, ` +
            `in ${formatDuration(host.now() - start_ms)}\ndigest ${made.digest}\n`,
        )
        return
      }
      const loaded = await makeHistory(host, options, plan, options.workers, load)
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
  return planScenario(options, now_ms).plan
}

function planScenario(
  options: Omit<SimulateOptions, 'data' | 'workers' | 'out'>,
  now_ms: number,
): { scenario: Scenario; plan: WorldFile } {
  const scenario = changedScenario(options, now_ms)
  const { world, lastDay } = worldOf(scenario)
  const named = options.scenario === undefined ? {} : { scenario: scenario.name }
  return { scenario, plan: { ...named, seed: scenario.seed, world, lastDay, events: undefined } }
}

/** The scenario asked for, or a quiet one, with what else the options say. */
function changedScenario(options: Omit<SimulateOptions, 'data' | 'workers' | 'out'>, now_ms: number): Scenario {
  const base = options.scenario === undefined ? undefined : loadScenario(options.scenario)
  const { first_day, last_day, days, ...rest } = base ?? QUIET
  const length = options.days ?? days ?? (first_day && last_day ? daysBetween(first_day, last_day).length : 90)
  // Live listeners then live through yesterday, which is over, so that the night job may publish it.
  const today = addDays(dayOf(now_ms), -2)
  const last =
    options.lastDay !== undefined
      ? parseDay(options.lastDay, '--last-day')
      : first_day === undefined
        ? today
        : addDays(first_day, length - 1)
  const first = addDays(last, 1 - length)
  // What happens on days that were left out has no effect within the others.
  const shocks = base?.shocks.filter((shock) => {
    const day = shock.kind === 'outage' ? shock.from.slice(0, 10) : shock.day
    return day >= first && day <= last
  })
  const given = {
    ...rest,
    ...(shocks === undefined ? {} : { shocks }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.users === undefined ? {} : { users: options.users }),
    ...(options.songs === undefined ? {} : { songs: options.songs }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    first_day: first,
    last_day: last,
  }
  return checkScenario(given, options.scenario ?? 'the options')
}

/** All listeners are there from the first day: in a short history those who come later would hardly be seen. */
const QUIET: Partial<Scenario> = {
  name: 'history',
  description: 'A history without shocks.',
  knobs: { growth_per_year: 0 },
}

/** The history of a plan; its days can be gone through once. */
export function historyOf({ world, lastDay }: WorldFile, workers: number): HistoryParts {
  const catalogue = catalogueOf(world)
  return {
    songs: () => songs(catalogue),
    artists: () => artists(catalogue),
    users: () => users(world),
    days: simulateDays(world, { firstDay: world.firstDay, lastDay, workers }),
  }
}

/**
 * Makes a planned history in the stores of a data folder. The same plan again finishes what was interrupted.
 * @throws MusicboxError `input.invalid` when the folder holds another history: the two would mix
 */
export async function makeHistory(
  host: Host,
  stores: StoreChoice,
  plan: WorldFile,
  workers: number,
  load: LoadHistory,
): Promise<{ stored: number; duplicates: number }> {
  const dataFolder = stores.data
  const present = await readWorldFile(dataFolder)
  if (present && !isSameHistory(present, plan)) {
    throw new MusicboxError(
      'input.invalid',
      `expected ${dataFolder} to hold no history or this one, but it holds ${JSON.stringify(describe(present))}`,
      'choose another folder with --data, or remove this one',
    )
  }
  await writeWorldFile(dataFolder, plan)
  const { world, lastDay } = plan
  using bar = progress(host, { label: 'simulate', total: daysBetween(world.firstDay, lastDay).length, unit: 'days' })
  const loaded = await load(stores, historyOf(plan, workers), { onDay: () => bar.advance(1), signal: host.signal })
  await writeWorldFile(dataFolder, { ...plan, events: loaded.stored + loaded.duplicates })
  return loaded
}

async function writeFiles(
  host: Host,
  { dirt, formats: ofScenario }: Scenario,
  { world, lastDay }: WorldFile,
  { out, workers, format }: SimulateOptions & { out: string },
): Promise<{ events: number; digest: string; out: string; formats: readonly Format[] }> {
  const range = { firstDay: world.firstDay, lastDay }
  const written = format ?? ofScenario
  using bar = progress(host, { label: 'simulate', unit: 'events' })
  const { events, digest } = await writeDataset(world, {
    ...range,
    out,
    formats: written,
    workers,
    signal: host.signal,
    onProgress: ({ events: done, days, daysTotal }) =>
      // How many events there will be is known better and better.
      bar.set(done, days > 0 ? Math.max(done, Math.round((done / days) * daysTotal)) : undefined),
    extra: async (folder) => {
      await writeTruth(world, range, join(folder, 'truth'), host.signal)
      if (dirt !== undefined) await writeDirt(world, dirt, range, folder, host.signal)
    },
  })
  return { events, digest, out, formats: written }
}

/** The lines that the event log would hold, by day and time. */
async function writeLines(host: Host, { world, lastDay }: WorldFile, workers: number): Promise<void> {
  using bar = progress(host, { label: 'simulate', total: daysBetween(world.firstDay, lastDay).length, unit: 'days' })
  for await (const { entries } of simulateDays(world, { firstDay: world.firstDay, lastDay, workers })) {
    host.signal.throwIfAborted()
    if (entries.length > 0) host.stdout.write(`${entries.map(({ line }) => line).join('\n')}\n`)
    bar.advance(1)
  }
}

function formats(text: string): Format[] {
  const asked = text.split(',').map((name) => name.trim())
  const unknown = asked.find((name) => !(FORMATS as readonly string[]).includes(name))
  if (unknown !== undefined) throw new InvalidArgumentError(`Expected some of ${FORMATS.join(', ')}, with commas.`)
  return asked as Format[]
}

function isSameHistory(a: WorldFile, b: WorldFile): boolean {
  return a.lastDay === b.lastDay && JSON.stringify(sorted(a.world)) === JSON.stringify(sorted(b.world))
}

/** Fields by name, so that worlds that were put together in another order compare equal. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  )
}

function describe({ scenario, seed, world, lastDay }: WorldFile): Record<string, string | number> {
  return {
    ...(scenario === undefined ? {} : { scenario }),
    seed,
    profile: world.profile,
    users: world.userCount,
    songs: world.songCount,
    first_day: world.firstDay,
    last_day: lastDay,
  }
}
