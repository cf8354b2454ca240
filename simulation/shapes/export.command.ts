/** `musicbox export`: a history in the shape of a published data set. */
import { Argument, type Command, Option } from 'commander'
import { command, wholeNumber } from '../../datasets/command.ts'
import { daysBetween } from '../../datasets/day.ts'
import { formatCount, formatDuration, type Host, printJson, progress } from '../../datasets/host.ts'
import { PROFILES, type Profile } from '../kernel/world.ts'
import { planHistory } from '../simulate.command.ts'
import { readWorldFile, type WorldFile } from '../world-file.ts'
import { SHAPE_NAMES, SHAPES, type ShapeName } from './shapes.ts'

interface ExportCommandOptions extends Partial<HistoryOptions> {
  data: string
  json?: boolean
  out: string
}

/** As `musicbox simulate` has them. */
interface HistoryOptions {
  scenario: string
  seed: string
  users: number
  songs: number
  days: number
  lastDay: string
  profile: Profile
}

export function exportCommand(host: Host): Command {
  const shapes = SHAPE_NAMES.map((name) => `  ${name.padEnd(14)} ${SHAPES[name].summary}`).join('\n')
  return command('export', 'write a history in the shape of a published data set')
    .addArgument(new Argument('<shape>', 'which shape').choices(SHAPE_NAMES))
    .requiredOption('--out <folder>', 'where the files go')
    .option('--scenario <name>', 'a shipped scenario, or a file that ends in .json; the options below change it')
    .option('--seed <text>', 'equal seeds make equal histories')
    .option('--users <count>', 'listeners', wholeNumber(1, 100_000_000))
    .option('--songs <count>', 'songs in the catalogue', wholeNumber(1, 10_000_000))
    .option('--days <count>', 'length of the history', wholeNumber(1, 36_500))
    .option('--last-day <day>', 'last day of the history')
    .addOption(new Option('--profile <name>', 'how listeners behave').choices(PROFILES))
    .addHelpText(
      'after',
      `\nShapes:\n${shapes}\n\nWithout --scenario, --seed, … the history is that of the data folder, or else the default one.\n`,
    )
    .action(async (shape: ShapeName, options: ExportCommandOptions) => {
      const { world, lastDay, seed } = await historyOf(options, host.now())
      const { firstDay } = world
      const start_ms = host.now()
      using bar = progress(host, {
        label: `export ${shape}`,
        total: daysBetween(firstDay, lastDay).length,
        unit: 'days',
      })
      const { out } = options
      const { files } = await SHAPES[shape].write(world, {
        firstDay,
        lastDay,
        out,
        signal: host.signal,
        onDay: () => bar.advance(1),
      })
      bar.done()
      if (options.json) {
        return printJson(host, { shape, out, seed, first_day: firstDay, last_day: lastDay, files })
      }
      const rows = Object.values(files).reduce((sum, count) => sum + count, 0)
      const count = Object.keys(files).length
      host.stdout.write(
        `${formatCount(rows)} rows in ${formatCount(count)} ${count === 1 ? 'file' : 'files'} of ${out}, ` +
          `${firstDay} to ${lastDay}, in ${formatDuration(host.now() - start_ms)}\n`,
      )
    })
}

/** The history that was asked for; if none was, the data folder's; if there is none, the default one. */
async function historyOf({ data, ...options }: ExportCommandOptions, now_ms: number): Promise<WorldFile> {
  const { scenario, seed, users, songs, days, lastDay, profile } = options
  const isAsked = [scenario, seed, users, songs, days, lastDay, profile].some((each) => each !== undefined)
  return (isAsked ? undefined : await readWorldFile(data)) ?? planHistory(options, now_ms)
}
