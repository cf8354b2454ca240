/** `musicbox compare`: whether a run is better or worse than another, with statistics and an exit code for CI. */
import Table from 'cli-table3'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { command, durationOption, endWith } from '../datasets/command.ts'
import { FAILURES, MusicboxError } from '../datasets/failure.ts'
import { type Host, printJson } from '../datasets/host.ts'
import type { Capsule } from './capsule/capsule.ts'
import { readCapsule } from './capsule/capsule-file.ts'
import { type Comparability, comparability } from './capsule/comparable.ts'
import { BUCKETS_MIN, type Compared, compare } from './capsule/comparison.ts'
import { FIGURE_KEYS, parseFailOn } from './capsule/fail-on.ts'
import { type RunSeries, runSeries } from './capsule/run-series.ts'

interface CompareOptions {
  failOn: string
  /** A share. */
  limit: number
  /** Milliseconds. */
  skip: number
  anyway?: boolean
  json?: boolean
}

export interface CompareResult extends Comparability {
  verdict: 'better' | 'worse' | 'same' | 'INVALID'
  /** Empty when the verdict is INVALID. */
  figures: Compared[]
  /** Keys of the figures that fail the comparison. */
  failed: string[]
}

export function compareCommand(host: Host): Command {
  return command('compare', 'say whether a run is better or worse than a baseline', { data: false })
    .argument('<baseline>', 'run capsule that is measured against')
    .argument('<candidate>', 'run capsule that is judged')
    .option('--fail-on <figures>', 'any, none, or figures that must not be worse: service_p95>10%,errors', 'any')
    .addOption(
      new Option('--limit <percent>', 'smaller differences do not matter').argParser(percent).default(0.05, '5 %'),
    )
    .addOption(durationOption('--skip <duration>', 'leave out the start of both runs', '0s'))
    .option('--anyway', 'compare runs of different scripts, too')
    .addHelpText('after', HELP)
    .action(async (baseline: string, candidate: string, options: CompareOptions, self: Command) => {
      const failOn = parseFailOn(options.failOn)
      const runs = [await readCapsule(baseline), await readCapsule(candidate)] as const
      const result = compareRuns(runs[0], runs[1], { ...options, limits: failOn.limits, fails: failOn.fails })
      if (options.json) printJson(host, result)
      else host.stdout.write(describe(result, runs[0], runs[1]))
      if (result.verdict === 'INVALID') endWith(self, FAILURES['input.invalid'].exit)
      else if (result.failed.length > 0) endWith(self, FAILURES['threshold.missed'].exit)
    })
}

const HELP = `
A figure is worse when the difference is certain (its interval holds no 0; all intervals hold at once in about 95 of
100 comparisons) and larger than --limit. Shares of bad ones differ by points; less than 0.1 points does not matter.

Figures of --fail-on: ${FIGURE_KEYS.join(', ')}
(p95 stands for both times; accepted is the share of events not stored).

Exit codes:
    0  the candidate is the same or better in all that --fail-on names
   99  it is worse
  104  the runs cannot be compared: other scripts, too short, or the generator of one was INVALID
`

/** @throws MusicboxError `input.invalid` for runs of different scripts, or too short to tell */
export function compareRuns(
  baseline: Capsule,
  candidate: Capsule,
  options: Pick<CompareOptions, 'limit' | 'skip' | 'anyway'> & {
    limits: Readonly<Record<string, number>>
    fails(key: string): boolean
  },
): CompareResult {
  const known = comparability(baseline, candidate)
  if (known.invalid.length > 0) return { verdict: 'INVALID', ...known, figures: [], failed: [] }
  if (known.refused.length > 0 && options.anyway !== true) {
    throw new MusicboxError(
      'input.invalid',
      `expected two runs of one script, but ${known.refused.join('; ')}`,
      'Add --anyway if the difference between the scripts does not matter.',
    )
  }
  const [a, b] = [baseline, candidate].map((run) => runSeries(run, options.skip / 1000)) as [RunSeries, RunSeries]
  for (const [which, { width_s }] of [['baseline', a] as const, ['candidate', b] as const]) {
    if (width_s.length >= BUCKETS_MIN) continue
    throw new MusicboxError(
      'input.invalid',
      `expected ${BUCKETS_MIN} whole seconds of load or more in the ${which}, got ${width_s.length}`,
      'Let the run last longer (a minute tells a difference of 5 % in most systems), or skip less.',
    )
  }
  const figures = compare(a, b, { limit: options.limit, limits: options.limits })
  const failed = figures.filter(({ key, verdict }) => verdict === 'worse' && options.fails(key)).map(({ key }) => key)
  const verdicts = figures.map(({ verdict }) => verdict)
  const verdict = verdicts.includes('worse') ? 'worse' : verdicts.includes('better') ? 'better' : 'same'
  return { verdict, ...known, figures, failed }
}

function describe(result: CompareResult, baseline: Capsule, candidate: Capsule): string {
  const lines = [`baseline   ${nameOf(baseline)}`, `candidate  ${nameOf(candidate)}`, '']
  for (const warning of [...result.refused, ...result.warnings]) lines.push(`warning: ${warning}`)
  if (result.verdict === 'INVALID') {
    lines.push('INVALID: these runs say nothing of the system', ...result.invalid.map((reason) => `  ${reason}`), '')
    return lines.join('\n')
  }
  const table = new Table({
    head: ['', 'baseline', 'candidate', 'difference', '95 % interval', 'verdict'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const each of result.figures) {
    table.push([
      each.label,
      valueText(each.baseline, each.unit),
      valueText(each.candidate, each.unit),
      differenceText(each.difference, each.differs),
      each.interval.map((bound) => differenceText(bound, each.differs)).join(' … '),
      each.certain ? each.verdict : `${each.verdict} (too uneven to tell)`,
    ])
  }
  lines.push(table.toString(), '')
  lines.push(`The candidate is ${VERDICTS[result.verdict]}.`)
  const unsure = result.figures.filter(({ certain }) => !certain).length
  if (unsure > 0) {
    lines.push(`${unsure} of ${result.figures.length} figures are too uneven to rule out a difference that matters.`)
    lines.push('Longer runs, or an idle machine, would tell.')
  }
  lines.push('')
  return lines.join('\n')
}

const VERDICTS = {
  worse: 'worse than the baseline',
  better: 'better than the baseline',
  same: 'the same as the baseline, as far as these runs can tell',
} as const

function nameOf({ run, script, started_ms, result }: Capsule): string {
  const started = new Date(started_ms).toISOString().slice(0, 19).replace('T', ' ')
  return `${run}  ${script}, ${Math.round(result.seconds)} s from ${started} UTC`
}

function valueText(value: number, unit: Compared['unit']): string {
  return unit === '%' ? `${value.toFixed(2)} %` : `${Number(value.toPrecision(3)).toLocaleString('en-US')} ${unit}`
}

function differenceText(difference: number, differs: Compared['differs']): string {
  const sign = difference > 0 ? '+' : ''
  return differs === 'ratio' ? `${sign}${difference.toFixed(1)} %` : `${sign}${difference.toFixed(2)} pt`
}

function percent(text: string): number {
  const value = Number(text.replace(/\s*%$/, ''))
  if (text.trim() === '' || !(value >= 0 && value <= 100)) {
    throw new InvalidArgumentError('Expected a percentage like 5 or 2.5%.')
  }
  return value / 100
}
