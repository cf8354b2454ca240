/** `musicbox bench NAME`: benchmarks that print figures measured in one run, as JSON for machines. */
import { Argument, type Command } from 'commander'
import { benchApi } from './api/bench.ts'
import { command, wholeNumber } from './datasets/command.ts'
import { type Host, printJson } from './datasets/host.ts'
import { benchLoad } from './loadtests/bench/bench.ts'
import { clientRate } from './loadtests/bench/client-rate.ts'
import { benchSoak } from './loadtests/bench/soak.ts'
import { withBenchCluster } from './pipeline/bench/bench-cluster.ts'
import { benchPipeline } from './pipeline/bench/pipeline-bench.ts'
import { benchSimulate } from './simulation/dataset/bench.ts'
import { historyOf, planHistory } from './simulation/simulate.command.ts'

interface BenchOptions {
  json?: boolean
  /** How long a measured phase may last. */
  seconds: number
  /** How much goes through, where that and not the time is given. */
  events: number
  config?: string
}

/** Each gives named figures. */
const BENCHMARKS: Record<string, (options: BenchOptions, host: Host, program: string) => Promise<object>> = {
  api: benchApi,
  simulate: benchSimulate,
  load: benchLoad,
  soak: benchSoak,
  'http-client': clientRate,
  pipeline: bothBackends,
}

/** @param program path of the CLI, which keeps the cluster that a benchmark may start */
export function benchCommand(host: Host, program: string): Command {
  return command('bench', 'measure, with ratios from one run', { data: false })
    .addArgument(new Argument('<name>', 'what to measure').choices(Object.keys(BENCHMARKS)))
    .option('--seconds <count>', 'length of each measured phase', wholeNumber(1, 600), 10)
    .option('--events <count>', 'pipeline: events that go the whole way', wholeNumber(1000, 100_000_000), 1_000_000)
    .option('--config <file>', 'pipeline: a running cluster of this machine (default: one of its own)')
    .action(async (name: string, options: BenchOptions) => {
      const figures = await BENCHMARKS[name]!(options, host, program)
      if (options.json) return printJson(host, figures)
      for (const [figure, value] of flat(figures)) host.stdout.write(`${figure.padEnd(36)} ${shown(value)}\n`)
    })
}

/** A week, or less, of as many listeners as make about so many events; the same ones each time. */
async function bothBackends({ events, config }: BenchOptions, host: Host, program: string): Promise<object> {
  const days = Math.min(7, Math.ceil(events / EVENTS_A_DAY_MIN))
  const users = Math.ceil(events / (days * EVENTS_PER_LISTENER_DAY))
  const asked = { seed: 'pipeline', users, songs: 10_000, days, lastDay: '2026-06-07' }
  const history = historyOf(planHistory(asked, host.now()), 2)
  const say = (line: string): void => void host.stderr.write(`${line}\n`)
  return await withBenchCluster({ host, program, config }, (cluster, services) =>
    benchPipeline({ history, cluster, services, say }),
  )
}

/** Of the realistic profile, on average. */
const EVENTS_PER_LISTENER_DAY = 5
const EVENTS_A_DAY_MIN = 20_000

/** Figures within figures by their path: `peers.wrk.requests_per_s`. */
function flat(figures: object, path = ''): [figure: string, value: unknown][] {
  return Object.entries(figures).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null ? flat(value, `${path}${name}.`) : [[path + name, value]],
  )
}

function shown(value: unknown): string {
  return typeof value === 'number' ? value.toPrecision(5) : String(value ?? 'not there')
}
