/** `musicbox bench NAME`: benchmarks that print figures measured in one run, as JSON for machines. */
import { Argument, type Command } from 'commander'
import { benchApi } from './api/bench.ts'
import { command, wholeNumber } from './datasets/command.ts'
import { type Host, printJson } from './datasets/host.ts'
import { benchLoad } from './loadtests/bench/bench.ts'
import { clientRate } from './loadtests/bench/client-rate.ts'
import { benchSoak } from './loadtests/bench/soak.ts'
import { benchSimulate } from './simulation/dataset/bench.ts'

/** Each takes how long a measured phase may last, in seconds, and gives named figures. */
const BENCHMARKS: Record<string, (options: { seconds: number }) => Promise<object>> = {
  api: benchApi,
  simulate: benchSimulate,
  load: benchLoad,
  soak: benchSoak,
  'http-client': clientRate,
}

export function benchCommand(host: Host): Command {
  return command('bench', 'measure, with ratios from one run', { data: false })
    .addArgument(new Argument('<name>', 'what to measure').choices(Object.keys(BENCHMARKS)))
    .option('--seconds <count>', 'length of each measured phase', wholeNumber(1, 600), 10)
    .action(async (name: string, options: { json?: boolean; seconds: number }) => {
      const figures = await BENCHMARKS[name]!(options)
      if (options.json) return printJson(host, figures)
      for (const [figure, value] of flat(figures)) host.stdout.write(`${figure.padEnd(36)} ${shown(value)}\n`)
    })
}

/** Figures within figures by their path: `peers.wrk.requests_per_s`. */
function flat(figures: object, path = ''): [figure: string, value: unknown][] {
  return Object.entries(figures).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null ? flat(value, `${path}${name}.`) : [[path + name, value]],
  )
}

function shown(value: unknown): string {
  return typeof value === 'number' ? value.toPrecision(5) : String(value ?? 'not there')
}
