/** `musicbox capacity`: how many listeners the running system can serve, and which part of it is the limit. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { command, durationOption, endWith, wholeNumber } from '../datasets/command.ts'
import { FAILURES, MusicboxError } from '../datasets/failure.ts'
import { formatCount, type Host, printJson } from '../datasets/host.ts'
import { readWorldFile } from '../simulation/world-file.ts'
import { kneeOf } from './capacity/knee.ts'
import { svgPicture, textPicture } from './capacity/picture.ts'
import { loadProbe, type Unit } from './capacity/probe.ts'
import { type Capacity, type StepResult, searchCapacity } from './capacity/search.ts'
import { listed, pairs, thresholds } from './load/load-options.ts'
import { chooseScript } from './load/script-settings.ts'

interface CapacityOptions {
  data: string
  rate?: boolean
  from: number
  to: number
  /** Milliseconds. */
  step: number
  speed?: number
  batch: number
  eventApi?: string
  threshold?: Readonly<Record<string, string[]>>
  metrics?: string[]
  env?: Readonly<Record<string, string>>
  workers: number
  atLeast?: number
  svg?: string
  html?: string
  json?: boolean
}

export interface CapacityResult extends Capacity {
  unit: Unit
  /** Load at which the curve of throughput bends; null where it does not. */
  knee: number | null
}

export function capacityCommand(host: Host): Command {
  return command('capacity', 'find the largest load that the running system can take')
    .argument('[script]', 'listeners, ingest (with --rate), or the path of a k6 script', undefined)
    .option('--rate', 'search over events a second that come whatever was answered, instead of listeners')
    .option('--from <count>', 'smallest load', wholeNumber(1, 1_000_000), 1)
    .option('--to <count>', 'largest load', wholeNumber(1, 1_000_000), 1000)
    .addOption(durationOption('--step <duration>', 'how long each load is tried', '15s'))
    .option('--speed <factor>', 'simulated seconds in a second', wholeNumber(1, 100_000))
    .option('--batch <count>', 'events in a request, with --rate', wholeNumber(1, 500), 10)
    .option('--threshold <metric expression>', 'what must hold beside the script’s own; repeatable', thresholds)
    .option('--env <name=value>', 'a variable for the script; repeatable', pairs)
    .option('--workers <count>', 'processes that share the load', wholeNumber(1, 64), 1)
    .option('--event-api <url>', 'where the event server is (default: where the data folder is served, or port 8080)')
    .option(
      '--metrics <url>',
      'Prometheus metrics of the system; repeatable (default: those of musicbox serve)',
      listed,
    )
    .option('--at-least <count>', 'fail when the capacity is less', wholeNumber(1, 1_000_000))
    .option('--svg <file>', 'draw throughput and response time over load')
    .option('--html <file>', 'the same as a page, with every step')
    .addHelpText('after', HELP)
    .action(async (named: string | undefined, options: CapacityOptions, self: Command) => {
      const result = await findCapacity(host, named, options)
      const drawn = { ...result }
      if (options.svg !== undefined) await writeFile(options.svg, svgPicture(drawn))
      if (options.html !== undefined) await writeFile(options.html, page(result))
      if (options.json) printJson(host, result)
      else host.stdout.write(`\n${textPicture(drawn)}\n${describe(result)}\n`)
      if (result.capacity < (options.atLeast ?? 1)) endWith(self, FAILURES['threshold.missed'].exit)
    })
}

const HELP = `
A load holds when the script's thresholds hold and no backlog grows: neither response time, nor requests in the servers,
nor the collector's lag (serve it with --collect-every 1s to see that one). What breaks is tried again before it counts,
and what is found must hold twice. A step in which the generator was not fit never counts against the system.

Exit codes:
    0  a capacity was found
   99  it is less than --at-least, or the smallest load does not hold
`

async function findCapacity(host: Host, named: string | undefined, options: CapacityOptions): Promise<CapacityResult> {
  const { from, to, rate, data } = options
  if (from > to) throw new MusicboxError('input.invalid', `expected --from to be --to at most, got ${from} and ${to}`)
  const unit: Unit = rate ? 'events/s' : 'listeners'
  const script = await chooseScript(named ?? (rate ? 'ingest' : 'listeners'))
  const history = await readWorldFile(data)
  if ('name' in script && history === undefined) {
    throw new MusicboxError(
      'not.found',
      `expected ${data} to hold a history whose listeners and songs the load can use`,
      'make one with: npm run -s musicbox -- simulate',
    )
  }
  const probe = loadProbe(host, script, history, {
    ...options,
    unit,
    step_ms: options.step,
    run: `capacity-${randomBytes(4).toString('hex')}`,
  })
  const quiet = host.args.includes('--quiet')
  const stoppable = async (load: number): Promise<StepResult> => {
    const step = await probe(load)
    if (host.signal.aborted) throw new MusicboxError('interrupted', 'the search was stopped before its end')
    return step
  }
  const found = await searchCapacity(stoppable, {
    from,
    to,
    onStep: (step) => quiet || host.stderr.write(`${describeStep(step, unit)}\n`),
  })
  return { unit, knee: kneeOf(found.steps.filter(({ outcome }) => outcome !== 'invalid')) ?? null, ...found }
}

function describeStep({ load, outcome, throughput_per_s, p95_ms, reasons }: StepResult, unit: Unit): string {
  const figures =
    outcome === 'invalid'
      ? ''
      : `  ${formatCount(Math.round(throughput_per_s))} accepted/s, p95 ${p95_ms.toFixed(1)} ms`
  const why = reasons.length > 0 ? `: ${reasons.join('; ')}` : ''
  return `${formatCount(load).padStart(9)} ${unit}  ${outcome}${figures}${why}`
}

const LIMITS: Readonly<Record<Capacity['limit'], string>> = {
  system: 'the system',
  generator: 'the generator: it was not fit to make more, and of the system nothing is known beyond; try --workers',
  range: 'the range: the largest load that was asked for still holds; try a larger --to',
}

function describe({ capacity, unit, limit, beyond, knee, steps }: CapacityResult): string {
  const stage = beyond?.saturated
  const saturated = stage ? `${stage.stage}: ${stage.why}` : 'no part that is watched was at its limit'
  return [
    `capacity    ${formatCount(capacity)} ${unit}`,
    `limit       ${LIMITS[limit]}`,
    ...(limit === 'system' ? [`saturated   ${saturated}`, `breaks by   ${beyond?.reasons.join('; ')}`] : []),
    `knee        ${knee === null ? 'none within the range' : `${formatCount(knee)} ${unit}`}`,
    `steps       ${steps.length}`,
  ].join('\n')
}

function page(result: CapacityResult): string {
  const steps = result.steps.map((step) => describeStep(step, result.unit)).join('\n')
  const text = `${describe(result)}\n\n${textPicture(result)}\n${steps}`
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Capacity</title>
<style>:root { color-scheme: light dark } body { font-family: system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
pre { overflow-x: auto }</style>
<h1>Capacity: ${formatCount(result.capacity)} ${result.unit}</h1>
${svgPicture(result)}
<pre>${safe}</pre>
</html>
`
}
