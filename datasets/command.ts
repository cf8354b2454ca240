/**
 * What every command has in common: its options, how it ends, how it says what went wrong.
 *
 * A command is a function of its host, so that a test runs the real command in-process.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { FAILURES, MusicboxError } from './failure.ts'
import { type Host, printJson } from './host.ts'

/** Which stores a command works on. */
export interface StoreChoice {
  /** Folder of the embedded stores, of ledgers and of what describes a history. */
  data: string
  /** Default `embedded`. */
  backend?: BackendName | undefined
  /** The cluster's `cluster.json`; default: the one that `musicbox cluster up` writes into the data folder. */
  config?: string | undefined
}

export const BACKENDS = ['embedded', 'cluster'] as const
export type BackendName = (typeof BACKENDS)[number]

export interface CommandOptions {
  /** Whether it has a data folder; default true. */
  data?: boolean
  /** Whether it opens stores, so that the user may choose which. */
  stores?: boolean
}

/** A command that knows `--json`, `--quiet` and, where it touches stores, `--data`, `--backend` and `--config`. */
export function command(name: string, summary: string, options: CommandOptions = {}): Command {
  const made = new Command(name)
    .description(summary)
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError('(add --help to see what it takes)')
  if (options.data !== false) made.addOption(dataOption())
  if (options.stores) for (const option of storeOptions()) made.addOption(option)
  return made
    .option('--json', 'print the result as one JSON object on standard output')
    .option('--quiet', 'show no progress')
}

function dataOption(): Option {
  return new Option('--data <folder>', 'where the embedded stores live').default('data').env('MUSICBOX_DATA')
}

function storeOptions(): Option[] {
  return [
    new Option('--backend <name>', 'the stores: embedded, or cluster (Kafka, HDFS, Hive, HBase)')
      .choices(BACKENDS)
      .default('embedded' satisfies BackendName)
      .env('MUSICBOX_BACKEND'),
    new Option('--config <file>', 'where the cluster is (default: the one of `musicbox cluster up`)').env(
      'MUSICBOX_CLUSTER',
    ),
  ]
}

/** The same choice as arguments, for a command that starts another one. */
export function storeArguments({ data, backend, config }: StoreChoice): string[] {
  return [
    ...['--data', data],
    ...(backend === undefined ? [] : ['--backend', backend]),
    ...(config === undefined ? [] : ['--config', config]),
  ]
}

/** An option parser for a whole number within bounds. @throws InvalidArgumentError, which commander words for the user */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text.trim()) || value < min || value > max) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
    }
    return value
  }
}

/** An option parser for a duration like `500ms`, `30s`, `5m` or `1h`; gives milliseconds. */
function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim())
  if (!match) throw new InvalidArgumentError('Expected a duration like 500ms, 30s, 5m or 1h.')
  return Number(match[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] as 'ms' | 's' | 'm' | 'h']
}

/** An option for a {@link duration}; help shows its default as a person would write it. */
export function durationOption(flags: string, description: string, otherwise: string): Option {
  return new Option(flags, description).argParser(duration).default(duration(otherwise), otherwise)
}

/**
 * Runs a program of commands to its end.
 * @returns the exit number for the shell: 0, or one of {@link FAILURES}
 */
export async function runCommands(program: Command, host: Host): Promise<number> {
  let exitCode = 0
  for (const each of [program, ...program.commands]) {
    each.exitOverride().configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
    })
  }
  program.hook('postAction', (_, action) => {
    exitCode = (action as Command & { exitCode?: number }).exitCode ?? 0
  })
  try {
    await program.parseAsync([...host.args], { from: 'user' })
    return exitCode
  } catch (error) {
    return reportFailure(error, host)
  }
}

/** Ends a command with an exit number other than 0 after it has printed its result. */
export function endWith(action: Command, exitCode: number): void {
  ;(action as Command & { exitCode?: number }).exitCode = exitCode
}

function reportFailure(error: unknown, host: Host): number {
  // Commander has already written its own message; asking for help is no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : FAILURES['input.invalid'].exit
  if (!(error instanceof MusicboxError)) throw error
  if (host.args.includes('--json')) {
    printJson(host, { error: { code: error.code, message: error.message, hint: error.hint } })
  }
  host.stderr.write(`musicbox: ${error.message}\n`)
  if (error.hint) host.stderr.write(`  ${error.hint}\n`)
  if (host.env['MUSICBOX_DEBUG'] && error.cause) host.stderr.write(`${String((error.cause as Error).stack)}\n`)
  return FAILURES[error.code].exit
}
