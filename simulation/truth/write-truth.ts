/**
 * The truth beside a history's events: what an analyst has to find out, and what the answer is scored against.
 *
 * Nothing here is measured on the events: all of it is what they are made from.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artistIdAt, songIdAt } from '../../datasets/catalogue.ts'
import { dayOf } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { keyText } from '../kernel/key-text.ts'
import type { Shock } from '../kernel/shock.ts'
import { catalogueOf, type World } from '../kernel/world.ts'
import { CAUSE_FILE } from './cause-file.ts'
import { FRIEND_FILE, STATION_FILE } from './collaboration-files.ts'
import { csvLine } from './csv-line.ts'
import { hazardsOf } from './hazards.ts'
import { LISTENER_FILE } from './listener-file.ts'
import { INTEREST_FILE, SONG_FILE } from './song-files.ts'
import { writeTextFile } from './text-file.ts'
import type { TruthFile, TruthSpan } from './truth-file.ts'

export interface TruthOptions {
  /** Also the cause of every event, which is a file as long as the events. */
  causes?: boolean
  /** Told of each file that is done. */
  onFile?: (name: string) => void
}

/**
 * Writes `songs.csv`, `interest.csv.gz`, `listeners.csv`, `friends.csv`, `stations.csv`, `shocks.json`, `knobs.json`,
 * `hazards.json` and a README into a folder, and
 * `causes.csv.gz` when asked for. Each file is there only when it is whole.
 * @throws MusicboxError `interrupted` on the signal
 */
export async function writeTruth(
  world: World,
  { firstDay, lastDay }: Omit<TruthSpan, 'world'>,
  outFolder: string,
  signal?: AbortSignal,
  { causes = false, onFile }: TruthOptions = {},
): Promise<void> {
  const span: TruthSpan = { world, firstDay, lastDay }
  const files = causes ? [...FILES, CAUSE_FILE] : FILES
  await mkdir(outFolder, { recursive: true })
  try {
    for (const file of files) {
      await writeTextFile(join(outFolder, file.name), linesOf(file, span, signal), signal)
      onFile?.(file.name)
    }
  } catch (cause) {
    if (!signal?.aborted) throw cause
    throw new MusicboxError('interrupted', `stopped before the truth in ${outFolder} was whole`, 'Run again.', {
      cause,
    })
  }
  await writeFile(join(outFolder, 'shocks.json'), `${JSON.stringify(shocksJson(world), null, 2)}\n`)
  await writeFile(join(outFolder, 'knobs.json'), `${JSON.stringify(knobsJson(span), null, 2)}\n`)
  await writeFile(join(outFolder, 'hazards.json'), `${JSON.stringify(hazardsOf(world), null, 2)}\n`)
  await writeFile(join(outFolder, 'README.md'), readme(files))
}

const FILES: readonly TruthFile[] = [SONG_FILE, INTEREST_FILE, LISTENER_FILE, FRIEND_FILE, STATION_FILE]

function* linesOf(file: TruthFile, span: TruthSpan, signal?: AbortSignal): Generator<string> {
  yield csvLine(Object.keys(file.columns))
  for (const row of file.rows(span, signal)) yield csvLine(row)
}

/** The shocks with the ids that events and reports know. */
export function shocksJson(world: World): (Shock & { track_id?: string; artist_id?: string })[] {
  const catalogue = catalogueOf(world)
  return world.shocks.map((shock) => ({
    ...shock,
    ...('song' in shock && { track_id: songIdAt(catalogue, shock.song) }),
    ...('artist' in shock && { artist_id: artistIdAt(catalogue, shock.artist) }),
    ...('from_ms' in shock && { day: dayOf(shock.from_ms) }),
  }))
}

function knobsJson({ world, firstDay, lastDay }: TruthSpan): object {
  const { spec, key, profile, songCount, userCount, knobs } = world
  return {
    spec,
    key: keyText(key),
    profile,
    songs: songCount,
    users: userCount,
    first_day: firstDay,
    last_day: lastDay,
    knobs,
  }
}

function readme(files: readonly TruthFile[]): string {
  const parts = files.map(({ name, row, law, columns }) => {
    const dictionary = Object.entries(columns).map(([column, meaning]) => `| \`${column}\` | ${meaning} |`)
    return [`## ${name}`, `One row is ${row}.`, law, ['| column | meaning |', '|---|---|', ...dictionary].join('\n')]
  })
  return `${[
    '# The truth',
    'What the events of this history were made from. An analysis of the events can be scored against it: see ' +
      '`musicbox score --help`. CSV is RFC 4180 in UTF-8; an empty cell is "none"; days are local days of listeners.',
    ...parts.flat(),
    '## shocks.json',
    'What happened to this world, with day and size: `viral`, `death` and `release` multiply interest by up to ' +
      '1 + size and fade by 1/e in `fadeDays`; `holiday` multiplies sessions on its days; no session starts in an ' +
      '`outage`; `price` multiplies the chance of leaving from its day on.',
    '## hazards.json',
    'The skip law: the share of plays of the average song that are left after so many seconds by a listener of factor 1, ' +
      'and what age and weekday do to it.',
    '## knobs.json',
    'How strong each mechanism is (1 = as published, 0 = off, unless it is a rate), and which world this is. The same ' +
      'key, knobs and shocks make the same events again.',
  ].join('\n\n')}\n`
}
