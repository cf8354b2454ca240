/**
 * `musicbox demo`, which `npm start` runs: the whole way once, from a seed to a proven report, then the pages stay up.
 *
 * history → log → raw files → tables → servers → listeners → log → raw files → tables → proof
 */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { describeServing } from './api/serve.command.ts'
import { type Part, type Supervised, supervise } from './api/supervisor.ts'
import { command, durationOption, endWith, type StoreChoice, storeArguments, wholeNumber } from './datasets/command.ts'
import { addDays, type Day, dayOf } from './datasets/day.ts'
import { FAILURES, MusicboxError } from './datasets/failure.ts'
import { formatCount, formatDuration, type Host, printJson, untilStopped } from './datasets/host.ts'
import type { RunResult } from './loadtests/engine/runner.ts'
import { loadJson } from './loadtests/load/describe-load.ts'
import { runLoad } from './loadtests/load.command.ts'
import { withBackend } from './pipeline/backend.ts'
import { clusterConfigPath, readClusterConfig } from './pipeline/cluster/cluster-config.ts'
import { collect } from './pipeline/collector.ts'
import { loadInto } from './pipeline/load-history.ts'
import { runNight } from './pipeline/night-job.ts'
import { type Proof, verify } from './pipeline/verify.command.ts'
import { uidAt } from './simulation/kernel/listener.ts'
import { makeHistory, planHistory } from './simulation/simulate.command.ts'
import { readWorldFile, type WorldFile } from './simulation/world-file.ts'

interface DemoOptions extends StoreChoice {
  json?: boolean
  exit?: boolean
  fresh?: boolean
  seed: string
  users: number
  songs: number
  days: number
  listeners: number
  duration: number
  speed: number
  workers: number
  eventPort: number
  reportPort: number
}

export function demoCommand(host: Host, program: string): Command {
  return command('demo', 'the whole way once: history, servers, listeners, reports, proof; then the pages stay up', {
    stores: true,
  })
    .option('--exit', 'end after the proof: exit code 0 when it holds, 1 when not')
    .option('--fresh', 'remove what an earlier demo left in the stores first')
    .option('--seed <text>', 'equal seeds make equal histories', 'musicbox')
    .option('--users <count>', 'listeners in the history', wholeNumber(1, 1_000_000), 2000)
    .option('--songs <count>', 'songs in the catalogue', wholeNumber(1, 1_000_000), 10_000)
    .option('--days <count>', 'length of the history', wholeNumber(1, 3650), 90)
    .option('--listeners <count>', 'listeners at once in the load', wholeNumber(1, 1000), 200)
    .addOption(durationOption('--duration <duration>', 'length of the load', '30s'))
    .option('--speed <factor>', 'simulated seconds in a second of the load', wholeNumber(1, 100_000), 400)
    .option('--workers <count>', 'threads that make the history', wholeNumber(1, 64), 2)
    .option('--event-port <port>', 'event server, listener page', wholeNumber(0, 65_535), 8080)
    .option('--report-port <port>', 'report server, report page', wholeNumber(0, 65_535), 8090)
    .action(async (options: DemoOptions, self: Command) => {
      const asked = new Set(Object.keys(options).filter((name) => self.getOptionValueSource(name) === 'cli'))
      endWith(self, await demo(host, options, asked, program))
    })
}

async function demo(host: Host, options: DemoOptions, asked: ReadonlySet<string>, program: string): Promise<number> {
  const say = narrator(host)
  await expectFree([options.eventPort, options.reportPort, ...(options.eventPort === 0 ? [] : METRICS_PORTS)])
  if (options.fresh) await removeStores(options)

  const history = await prepareHistory(host, options, asked, say)
  say(`collect    ${await collectAll(host, options)}`)
  say(`aggregate  ${await aggregateAll(host, options, history.lastDay)}`)

  const servers = await startParts(options, program, ['events', 'reports'], say)
  try {
    const [eventApi, reportApi] = servers.serving.map(({ url }) => url!)
    say(`servers    ${eventApi} (events), ${reportApi} (reports)`)
    // Before the load, which puts many more events on one day than a day of the history has.
    const movers = await fetchMovers(reportApi!)
    // The stores are no business of the load, whose own --config is another one.
    const { backend: _backend, config: _config, ...loadOptions } = options
    const load = await runLoad(host, history, { ...loadOptions, eventApi: eventApi! })
    say(`load       ${options.listeners} listeners for ${formatDuration(options.duration)} at ${options.speed}× speed`)
    say(`collect    ${await collectAll(host, options)}`)
    say(`aggregate  ${await aggregateAll(host, options, yesterday(host))}`)
    const proof = await verify(options, load.ledger === undefined ? [] : [load.ledger])
    say(`verify     ${proof.verdict}`)

    if (options.json) printJson(host, jsonResult(history, load, proof, movers))
    else host.stdout.write(readableResult(load, proof, movers))
    const exitCode = verdictOf(load, proof) === 'INVALID' ? FAILURES['proof.failed'].exit : 0
    if (!options.exit && !host.signal.aborted) await stayUp(host, options, program, servers, uidAt(history.world, 0))
    return exitCode
  } finally {
    await servers.stop()
  }
}

/** Uses the history that is there, or makes one. */
async function prepareHistory(
  host: Host,
  options: DemoOptions,
  asked: ReadonlySet<string>,
  say: Say,
): Promise<WorldFile> {
  const present = await readWorldFile(options.data)
  if (present) expectSameHistory(present, options, asked)
  if (present?.events !== undefined && (await holdsEvents(options))) {
    say(`history    found: ${describeHistory(present)} (start over with --fresh)`)
    return present
  }
  const plan = present ?? planHistory({ ...options, profile: 'realistic' }, host.now())
  await makeHistory(host, options, plan, options.workers, loadInto)
  const made = (await readWorldFile(options.data))!
  say(`history    ${describeHistory(made)}`)
  return made
}

/** A history that was made into other stores than those asked for now is not there. */
async function holdsEvents(stores: StoreChoice): Promise<boolean> {
  return await withBackend(stores, async (backend) => (await (await backend.log()).ends()).some((end) => end > 0))
}

/** @throws MusicboxError `input.invalid` when the user asks for another history than the one that is there */
function expectSameHistory({ seed, world }: WorldFile, options: DemoOptions, asked: ReadonlySet<string>): void {
  const there = { seed, users: world.userCount, songs: world.songCount }
  for (const [name, value] of Object.entries(there)) {
    const wanted = options[name as keyof typeof there]
    if (!asked.has(name) || wanted === value) continue
    throw new MusicboxError(
      'input.invalid',
      `expected --${name} ${value}, which the history in ${options.data} was made with, got ${wanted}`,
      'add --fresh to start over, or choose another folder with --data',
    )
  }
}

async function collectAll(host: Host, stores: StoreChoice): Promise<string> {
  return await withBackend(stores, async (backend) => {
    const { events, files } = await collect({
      log: await backend.log(),
      raw: await backend.raw(),
      clock: host.now,
      signal: host.signal,
    })
    return `${formatCount(events)} events into ${formatCount(files)} raw files`
  })
}

async function aggregateAll(host: Host, stores: StoreChoice, through: Day): Promise<string> {
  return await withBackend(stores, async (backend) => {
    const night = await runNight(
      { raw: await backend.raw(), warehouse: await backend.warehouse(), tables: await backend.tables() },
      { through, signal: host.signal },
    )
    const built = night.days.filter(({ outcome }) => outcome === 'built').length
    return `${formatCount(built)} days built, ${formatCount(night.rows)} rows published`
  })
}

async function startParts(
  options: DemoOptions,
  program: string,
  parts: readonly Part[],
  log: Say,
): Promise<Supervised> {
  const ports = ['--event-port', String(options.eventPort), '--report-port', String(options.reportPort)]
  // With ports chosen by the system, the metrics' ports are too: two demos may run at once.
  const metrics = ['event', 'report', 'pipeline'].flatMap((part) => [`--${part}-metrics-port`, '0'])
  const args = [...storeArguments(options), ...ports, ...(options.eventPort === 0 ? metrics : [])]
  return await supervise({ program, args, parts, data: options.data, log })
}

/** Until the user stops it: the pages, and the jobs that keep the reports up to date. */
async function stayUp(
  host: Host,
  options: DemoOptions,
  program: string,
  servers: Supervised,
  uid: string,
): Promise<void> {
  const log = (line: string): void => void host.stderr.write(`${line}\n`)
  const jobs = await startParts(options, program, ['pipeline'], log)
  log(
    `\nOpen these:\n${describeServing([...servers.serving, ...jobs.serving])}\nListen as a guest, or as ${uid}.\nPress Ctrl-C to stop.`,
  )
  await untilStopped(host)
  await jobs.stop()
}

/** Where `serve` puts its metrics. */
const METRICS_PORTS = [9181, 9191, 9201]

/** Found out now rather than after a minute of work. @throws MusicboxError `backend.unreachable` */
async function expectFree(ports: readonly number[]): Promise<void> {
  for (const port of ports.filter((each) => each !== 0)) {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening').catch((cause: unknown) => {
      throw new MusicboxError(
        'backend.unreachable',
        `expected port ${port} to be free, but another program has it`,
        'stop that program, or let the system choose all ports: --event-port 0 --report-port 0',
        { cause },
      )
    })
    server.close()
    await once(server, 'close')
  }
}

interface Mover {
  rank: number
  name: string
  artist_name?: string
  value: number
  previous: number
  change: number
}

/** The songs whose plays changed most in a week, as a reader of the report server gets them. */
async function fetchMovers(reportApi: string): Promise<{ rising: Mover[]; falling: Mover[] }> {
  const fetchTop = async (by: 'rising' | 'falling'): Promise<Mover[]> => {
    const answer = await fetch(`${reportApi}/v1/reports/top/songs?period=last-7-days&by=${by}&limit=5`)
    return answer.ok ? ((await answer.json()) as { rows: Mover[] }).rows : []
  }
  return { rising: await fetchTop('rising'), falling: await fetchTop('falling') }
}

/** Of the run as a whole: without a proof, or without anything proven, the best generator makes no valid run. */
function verdictOf(load: RunResult, proof: Proof): RunResult['generator']['verdict'] {
  return proof.verdict === 'PROVEN' && proof.accepted > 0 ? load.generator.verdict : 'INVALID'
}

function jsonResult(history: WorldFile, load: RunResult, proof: Proof, movers: object): object {
  return {
    accepted: proof.accepted,
    reported: proof.reported,
    lost: proof.lost,
    doubled: proof.doubled,
    verdict: verdictOf(load, proof),
    proof,
    load: loadJson(load),
    history: {
      seed: history.seed,
      events: history.events,
      first_day: history.world.firstDay,
      last_day: history.lastDay,
    },
    movers,
  }
}

function readableResult(load: RunResult, proof: Proof, movers: { rising: Mover[]; falling: Mover[] }): string {
  const rows: [string, string][] = [
    ['accepted', formatCount(proof.accepted)],
    ['in the report', formatCount(proof.reported)],
    ['lost', formatCount(proof.lost)],
    ['doubled', formatCount(proof.doubled)],
    [
      'outcome unknown',
      `${formatCount(proof.unknown)}, of which ${formatCount(proof.unknown_landed)} are in the report`,
    ],
    ...(proof.unpublished > 0
      ? [['not published yet', `${formatCount(proof.unpublished)} of ${proof.unpublished_days}`] as [string, string]]
      : []),
    ['hours that differ', formatCount(proof.mismatched_hours)],
    ['proof', proof.verdict],
    ...(load.generator.verdict === 'INVALID' ? [] : speedRows(load, proof)),
    ['generator', [load.generator.verdict, ...load.generator.reasons].join('; ')],
  ]
  const result = rows.map(([what, value]) => `  ${what.padEnd(18)} ${value}`).join('\n')
  return `\n${result}\n\n${moversTable('Rising', movers.rising)}\n${moversTable('Falling', movers.falling)}\n`
}

/** Of a generator that was not fit to measure there are none. */
function speedRows({ http_req_duration: service, response_time: response, seconds }: RunResult, proof: Proof) {
  const rows: [string, string][] = [
    ['events per second', formatCount(Math.round(proof.accepted / seconds))],
    ['service time', `p50 ${service.p50.toFixed(1)} ms, p99 ${service.p99.toFixed(1)} ms`],
    [
      'response time',
      `p50 ${response.p50.toFixed(1)} ms, p99 ${response.p99.toFixed(1)} ms (from the intended moment)`,
    ],
  ]
  return rows
}

function moversTable(title: string, movers: readonly Mover[]): string {
  const table = new Table({
    head: [`${title} in the history’s last 7 days`, 'artist', 'plays', 'before', 'change'],
    colAligns: ['left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  for (const { name, artist_name, value, previous, change } of movers) {
    const signed = change > 0 ? `+${formatCount(change)}` : formatCount(change)
    table.push([name, artist_name ?? '', formatCount(value), formatCount(previous), signed])
  }
  return table.toString()
}

function describeHistory({ world, lastDay, events }: WorldFile): string {
  return (
    `${formatCount(events ?? 0)} events of ${formatCount(world.userCount)} listeners over ` +
    `${formatCount(world.songCount)} songs, ${world.firstDay} to ${lastDay}`
  )
}

function yesterday(host: Host): Day {
  return addDays(dayOf(host.now()), -1)
}

type Say = (line: string) => void

/** Tells each step as it ends, with the time it took. */
function narrator(host: Host): Say {
  let last_ms = host.now()
  const quiet = host.args.includes('--quiet')
  return (line) => {
    const now_ms = host.now()
    if (!quiet) host.stderr.write(`${line}  (${formatDuration(now_ms - last_ms)})\n`)
    last_ms = now_ms
  }
}

/** Removes what MusicBox wrote and nothing else: the folder, or the cluster, may be the user's. */
async function removeStores(stores: StoreChoice): Promise<void> {
  const dataFolder = stores.data
  if (stores.backend === 'cluster') {
    // Loads the clients of a cluster, which nothing else here needs.
    const { removeNamespace } = await import('./pipeline/cluster/remove-namespace.ts')
    await removeNamespace(await readClusterConfig(stores.config ?? clusterConfigPath(dataFolder)))
  }
  for (const name of ['log', 'raw', 'warehouse', 'tables', 'ledgers', 'world.json']) {
    await rm(join(dataFolder, name), { recursive: true, force: true })
  }
}
