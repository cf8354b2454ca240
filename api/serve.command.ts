/** `musicbox serve`: the two web servers and the pipeline's jobs, each in a process of its own, watched over. */
import { once } from 'node:events'
import { Argument, type Command, Option } from 'commander'
import { command, durationOption, type StoreChoice, wholeNumber } from '../datasets/command.ts'
import { FAILURES, MusicboxError } from '../datasets/failure.ts'
import { type Host, printJson, untilStopped } from '../datasets/host.ts'
import { createMetrics } from '../observability/metrics.ts'
import { serveMetrics } from '../observability/serve-metrics.ts'
import { type Backend, openBackend } from '../pipeline/backend.ts'
import { jobsHealth, runJobs, unreadyJobs } from '../pipeline/jobs.ts'
import { startEventServer } from './events/server.ts'
import { startReportServer } from './reports/server.ts'
import { type Endpoints, PARTS, type Part, supervise } from './supervisor.ts'

export interface ServeOptions extends StoreChoice {
  json?: boolean
  host: string
  eventPort: number
  reportPort: number
  eventMetricsPort: number
  reportMetricsPort: number
  pipelineMetricsPort: number
  collectEvery: number
  nightAt: number
  requireToken?: boolean
  supervised?: boolean
  tokenSecret?: string
}

const port = wholeNumber(0, 65_535)

export function serveCommand(host: Host, program: string): Command {
  return command('serve', 'start the event server, the report server and the pipeline’s jobs', { stores: true })
    .addArgument(new Argument('[part]', 'only this part, in this process').choices(PARTS))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--event-port <port>', 'event server, listener page', port, 8080)
    .option('--report-port <port>', 'report server, report page', port, 8090)
    .option('--event-metrics-port <port>', 'its /metrics', port, 9181)
    .option('--report-metrics-port <port>', 'its /metrics', port, 9191)
    .option('--pipeline-metrics-port <port>', '/metrics of the jobs', port, 9201)
    .addOption(durationOption('--collect-every <duration>', 'from one collector run to the next', '1h'))
    .addOption(durationOption('--night-at <duration>', 'when the night job starts, after midnight UTC', '15m'))
    .addOption(new Option('--supervised', 'end when standard input ends').hideHelp())
    .option('--require-token', 'refuse events without a token from POST /v1/login')
    .addOption(
      new Option('--token-secret <text>', 'key that signs tokens (default: a new one at each start)').env(
        'MUSICBOX_TOKEN_SECRET',
      ),
    )
    .action(async (part: Part | undefined, options: ServeOptions) => {
      expectGuarded(options)
      if (part === undefined) await runAll(options, host, program)
      else await runPart(part, options, host)
    })
}

/** @throws MusicboxError `input.invalid` for a server that others can reach and that takes events from anybody */
function expectGuarded({ host, requireToken }: ServeOptions): void {
  if (requireToken || ['localhost', '::1'].includes(host) || host.startsWith('127.')) return
  throw new MusicboxError(
    'input.invalid',
    `expected --require-token beside --host ${host}: others than this machine could post events without one`,
    'add --require-token, and --token-secret to keep tokens over a restart',
  )
}

/** Every part in a process of its own, until the signal. */
async function runAll(options: ServeOptions, host: Host, program: string): Promise<void> {
  const { serving, stop } = await supervise({
    program,
    // What the user typed behind the command's name.
    args: host.args.slice(1),
    parts: PARTS,
    data: options.data,
    log: (line) => void host.stderr.write(`${line}\n`),
  })
  if (options.json) printJson(host, Object.fromEntries(serving.map((each) => [each.part, each])))
  else host.stdout.write(`${describeServing(serving)}\nPress Ctrl-C to stop.\n`)
  await untilStopped(host)
  await stop()
}

/** Where to look, one line a part. */
export function describeServing(serving: readonly Endpoints[]): string {
  const what: Record<Part, string> = {
    events: 'listener page and event API',
    reports: 'report page and report API',
    pipeline: 'collector and night job',
  }
  return serving
    .map(({ part, url, metrics_url }) => `  ${what[part].padEnd(28)} ${(url ?? '').padEnd(24)} metrics ${metrics_url}`)
    .join('\n')
}

/** One part in this process, until the signal. Prints where it answers as one line of JSON once it is ready. */
async function runPart(part: Part, options: ServeOptions, host: Host): Promise<void> {
  const backend = openBackend(options)
  const announce = (endpoints: Omit<Endpoints, 'part'>): void => printJson(host, { part, ...endpoints })
  try {
    const { close } = await START[part]({ backend, options, host, announce })
    await (options.supervised ? Promise.race([untilStopped(host), lifeLineCut()]) : untilStopped(host))
    await close()
  } finally {
    await backend.close()
  }
}

/** Resolves when whoever started this process is gone: its end of our standard input closes then. */
async function lifeLineCut(): Promise<void> {
  // Listening must not keep a part alive that was told to stop.
  const input = process.stdin.resume() as typeof process.stdin & { unref?: () => void }
  input.unref?.()
  await once(input, 'end')
}

interface PartContext {
  backend: Backend
  options: ServeOptions
  host: Host
  announce: (endpoints: Omit<Endpoints, 'part'>) => void
}

const START: Record<Part, (context: PartContext) => Promise<{ close(): Promise<void> }>> = {
  async events({ backend, options, announce }) {
    const server = await startEventServer({
      log: await backend.log(),
      tables: await backend.tables(),
      host: options.host,
      port: options.eventPort,
      metricsPort: options.eventMetricsPort,
      requireToken: options.requireToken ?? false,
      ...(options.tokenSecret === undefined ? {} : { secret: options.tokenSecret }),
    })
    announce({ url: server.url, metrics_url: server.metricsUrl })
    return server
  },

  async reports({ backend, options, announce }) {
    const server = await startReportServer({
      tables: await backend.tables(),
      host: options.host,
      port: options.reportPort,
      metricsPort: options.reportMetricsPort,
    })
    announce({ url: server.url, metrics_url: server.metricsUrl })
    return server
  },

  async pipeline({ backend, options, host, announce }) {
    const metrics = createMetrics('pipeline', { runtime: true })
    const health = jobsHealth(host.now)
    const endpoint = await serveMetrics(metrics, {
      host: options.host,
      port: options.pipelineMetricsPort,
      unready: () => unreadyJobs(health),
    })
    announce({ metrics_url: endpoint.url })
    const jobs = runJobs({
      backend,
      clock: host.now,
      metrics,
      collect_every_ms: options.collectEvery,
      night_at_ms: options.nightAt,
      signal: host.signal,
      health,
      // What hangs would keep this process; whoever watches it starts it again.
      onHopeless(reason) {
        host.stderr.write(`pipeline ends: ${reason}\n`)
        process.exit(FAILURES['backend.unreachable'].exit)
      },
      log: (line) => void host.stderr.write(`${line}\n`),
    })
    return {
      async close() {
        await jobs
        await endpoint.close()
      },
    }
  },
}
