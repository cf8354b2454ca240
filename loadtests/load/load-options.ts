/** The flags of `musicbox load`, in groups; names that k6 has mean what they mean there. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { durationOption, wholeNumber } from '../../datasets/command.ts'

export const ENGINES = ['auto', 'embedded', 'k6'] as const
export type Engine = (typeof ENGINES)[number]

export interface LoadOptions {
  data: string
  engine?: Engine
  listeners?: number
  readers?: number
  vus?: number
  /** Milliseconds. */
  duration?: number
  speed?: number
  rate?: number
  batch?: number
  /** Milliseconds. */
  think?: number
  env?: Readonly<Record<string, string>>
  eventApi?: string
  reportApi?: string
  run?: string
  /** Day that the listeners live through. */
  day?: string
  /** Processes that share the load. */
  workers?: number
  iterations?: number
  /** Like `10s:50`. */
  stage?: readonly string[]
  config?: string
  tag?: Readonly<Record<string, string>>
  /** By metric. */
  threshold?: Readonly<Record<string, string[]>>
  /** False: none is judged. */
  thresholds?: boolean
  /** A run whose generator was unfit to measure does not fail for it. */
  allowInvalid?: boolean
  /** Like `json=FILE`. */
  out?: readonly string[]
  summaryExport?: string
  capsule?: string
  report?: string
  live?: number | true
  metrics?: readonly string[]
  fault?: readonly string[]
}

/** Who and how much, and what is loaded. */
export function withTrafficOptions(command: Command): Command {
  return command
    .optionsGroup('Who and how much (each script has defaults of its own):')
    .option('--listeners <count>', 'how many listeners there are', wholeNumber(1, 100_000))
    .option('--readers <count>', 'how many report readers there are', wholeNumber(1, 10_000))
    .option('--vus <count>', 'how many at once (default: all)', wholeNumber(1, 10_000))
    .addOption(durationOption('--duration <duration>', 'how long', '0s').default(undefined))
    .option('--speed <factor>', 'simulated seconds in a second', wholeNumber(1, 100_000))
    .option('--rate <count>', 'events a second, where the script sends at a rate', wholeNumber(1, 1_000_000))
    .option('--batch <count>', 'events in a request, where the script sends batches', wholeNumber(1, 500))
    .addOption(durationOption('--think <duration>', 'a reader’s pause between questions', '0s').default(undefined))
    .option('--day <day>', 'day that the listeners live through (default: yesterday)')
    .option('--run <label>', 'equal labels send equal events (default: a new one each time)')
    .option('--env <name=value>', 'a variable for the script; repeatable', pairs)
    .optionsGroup('What is loaded:')
    .option('--event-api <url>', 'where the event server is (default: where the data folder is served, or port 8080)')
    .option('--report-api <url>', 'where the report server is (default: the same way, or port 8090)')
    .optionsGroup('Options:')
}

export function withLoadOptions(command: Command): Command {
  return withTrafficOptions(command)
    .optionsGroup('What is loaded:')
    .option('--metrics <url>', 'Prometheus metrics of the system to watch and to set thresholds on; repeatable', listed)
    .option('--fault <spec>', 'a fault at its time: ‘at=20s kill event-api’; repeatable', listed)
    .optionsGroup('How it is run:')
    .addOption(
      new Option('--engine <engine>', 'auto takes k6 when K6_BIN or PATH has one').choices(ENGINES).default('auto'),
    )
    .option('--workers <count>', 'processes that share the load (embedded engine)', wholeNumber(1, 64), 1)
    .option('--iterations <count>', 'as in k6: that many, instead of the script’s scenarios', wholeNumber(1, 1e9))
    .option('--stage <duration:vus>', 'as in k6: ramping VUs, instead of the script’s scenarios; repeatable', listed)
    .option('--config <file>', 'as in k6: options as JSON, which the script overrides')
    .option('--tag <name=value>', 'a tag for every sample; repeatable', pairs)
    .optionsGroup('What must hold:')
    .option('--threshold <metric expression>', '‘response_time p(95)<300 over 30s’; repeatable', thresholds)
    .option('--no-thresholds', 'judge none')
    .option(
      '--allow-invalid',
      'do not fail a run because the generator was unfit to measure: when speed is not the question',
    )
    .optionsGroup('What is written:')
    .option('--out <type=path>', 'samples: json=FILE, csv=FILE, experimental-prometheus-rw[=URL]; repeatable', listed)
    .option('--summary-export <file>', 'the summary as JSON, in k6’s form')
    .option('--capsule <file>', 'all that is known of the run, in one file (default: DATA/runs/RUN.capsule.json.gz)')
    .option('--report <file.html>', 'a page with pictures of the run')
    .option('--live [port]', 'a page to watch and steer the run while it goes on', wholeNumber(0, 65_535))
    .optionsGroup('Options:')
}

export function listed(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

export function pairs(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Expected NAME=VALUE.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

/** The metric ends at the first space that is outside of its braces. */
export function thresholds(text: string, before: Readonly<Record<string, string[]>> = {}): Record<string, string[]> {
  const [, metric, expression] = /^\s*([^\s{]+(?:\{[^}]*\})?)\s+(\S.*)$/.exec(text) ?? []
  if (metric === undefined) throw new InvalidArgumentError('Expected a metric and an expression: checks rate>0.99.')
  return { ...before, [metric]: [...(before[metric] ?? []), expression!.trim()] }
}
