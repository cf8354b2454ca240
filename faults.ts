/**
 * `musicbox faults`: the fault matrix of the pipeline. Each row has a system of its own, on which listeners post while
 * something is killed, stopped, cut off or run twice; then it is healed, collected, aggregated, and what the listeners
 * know is held to what the reports say.
 */
import { randomInt } from 'node:crypto'
import Table from 'cli-table3'
import { type Command, InvalidArgumentError } from 'commander'
import { command, endWith, type StoreChoice, wholeNumber } from './datasets/command.ts'
import { FAILURES, MusicboxError } from './datasets/failure.ts'
import { formatCount, formatDuration, type Host, printJson } from './datasets/host.ts'
import { monotonicClock } from './loadtests/executors/clock.ts'
import { openProxy } from './loadtests/faults/proxy.ts'
import { openServices } from './pipeline/faults/cluster-services.ts'
import { eventServerOf } from './pipeline/faults/event-server.ts'
import { type FaultRow, FULL_PACE, QUICK_PACE } from './pipeline/faults/fault-row.ts'
import { FAULT_ROWS } from './pipeline/faults/matrix.ts'
import { runRow } from './pipeline/faults/run-row.ts'
import type { RowResult } from './pipeline/faults/verdict.ts'
import { seedKey } from './simulation/seed.ts'

interface FaultsOptions extends StoreChoice {
  json?: boolean
  list?: boolean
  rows?: FaultRow[]
  points: number
  seed?: string
  quick?: boolean
}

export interface Matrix {
  seed: string
  backend: string
  rows: RowResult[]
  lost: number
  doubled: number
  /** `BROKEN` when any row is, or when none was run. */
  verdict: 'HELD' | 'BROKEN'
}

/** A row that takes longer hangs; a short one has fewer and shorter faults. */
const ROW_MS_MAX = 20 * 60_000
const QUICK_ROW_MS_MAX = 4 * 60_000

export function faultsCommand(host: Host, program: string): Command {
  return command('faults', 'strike the pipeline and its services, and prove that no event is lost or doubled', {
    stores: true,
  })
    .option('--list', 'say what the rows are, and run none')
    .option('--rows <numbers>', 'only these rows, as in 3,4,8 (default: all)', rowList)
    .option('--points <count>', 'how often each fault is done, each time at another moment', wholeNumber(1, 1000), 1)
    .option('--seed <text>', 'draws the moments of the faults (default: drawn, and printed)')
    .option('--quick', 'shorter faults and fewer of them: some three minutes on a cluster')
    .action(async (options: FaultsOptions, self: Command) => {
      if (options.list) return list(host, options)
      const matrix = await runMatrix(host, options, program)
      if (options.json) printJson(host, matrix)
      else host.stdout.write(`${matrixTable(matrix)}\n`)
      if (matrix.verdict !== 'HELD') endWith(self, FAILURES['proof.failed'].exit)
    })
}

async function runMatrix(host: Host, options: FaultsOptions, program: string): Promise<Matrix> {
  const { quick: short = false, points, backend = 'embedded' } = options
  const quiet = host.args.includes('--quiet')
  const seed = options.seed ?? String(randomInt(2 ** 31))
  const rows = options.rows ?? FAULT_ROWS.filter((row) => row.quick || !short)
  host.stderr.write(`SEED=${seed}\n`)
  const services = backend === 'cluster' ? await openServices(options) : undefined
  const results: RowResult[] = []
  for (const row of rows) {
    const key = seedKey(seed)
    if (host.signal.aborted)
      throw new MusicboxError('interrupted', `stopped after ${results.length} of ${rows.length} rows`)
    const result = await runRow(row, {
      seed: key,
      points,
      pace: short ? QUICK_PACE : FULL_PACE,
      limit_ms: short ? QUICK_ROW_MS_MAX : ROW_MS_MAX,
      serveEvents: eventServerOf(program),
      openLink: (target_port) => openProxy({ target_port, seed: key, clock: monotonicClock }),
      say: (line) => {
        if (!quiet) host.stderr.write(`row ${row.row}  ${line}\n`)
      },
      ...(services && { services }),
      signal: host.signal,
    })
    host.stderr.write(`${progressLine(result)}\n`)
    results.push(result)
  }
  return { seed, backend, ...concluded(results) }
}

/** What the rows come to. A matrix of which nothing was run has proven nothing. */
export function concluded(rows: RowResult[]): Omit<Matrix, 'seed' | 'backend'> {
  const run = rows.filter(({ verdict }) => verdict !== 'SKIPPED')
  const sum = (figure: 'lost' | 'doubled'): number => run.reduce((all, row) => all + (row[figure] ?? 0), 0)
  const held = run.length > 0 && run.every(({ verdict }) => verdict === 'HELD')
  return { rows, lost: sum('lost'), doubled: sum('doubled'), verdict: held ? 'HELD' : 'BROKEN' }
}

function rowList(text: string): FaultRow[] {
  return text.split(',').map((number) => {
    const found = FAULT_ROWS.find(({ row }) => String(row) === number.trim())
    if (found) return found
    const known = FAULT_ROWS.map(({ row }) => row).join(', ')
    throw new InvalidArgumentError(`Expected rows of ${known}, got ${number}.`)
  })
}

function list(host: Host, { json }: FaultsOptions): void {
  if (json) {
    const rows = FAULT_ROWS.map(({ row, fault, expected, clusterOnly, quick }) => {
      return { row, fault, expected, quick, backends: clusterOnly ? ['cluster'] : ['embedded', 'cluster'] }
    })
    printJson(host, { rows })
    return
  }
  const table = new Table({ head: ['row', 'fault', 'expected', 'embedded', 'quick'], ...PLAIN })
  for (const { row, fault, expected, clusterOnly, quick } of FAULT_ROWS) {
    table.push([row, fault, expected, clusterOnly ?? 'yes', quick ? 'yes' : ''])
  }
  host.stdout.write(`${table}\n`)
}

function progressLine({ row, fault, verdict, notes, seconds }: RowResult): string {
  const time = seconds === undefined ? '' : `  (${formatDuration(seconds * 1000)})`
  return [`row ${row}  ${verdict}  ${fault}${time}`, ...notes.map((note) => `  ${note}`)].join('\n')
}

function matrixTable({ seed, backend, rows, verdict }: Matrix): string {
  const head = [
    'row',
    'fault',
    'times',
    'acked',
    'in report',
    'lost',
    'doubled',
    'unknown, landed',
    'recovery',
    'verdict',
  ]
  const table = new Table({ head, ...PLAIN })
  for (const each of rows) {
    const { row, fault, strikes, acked, reported, lost, doubled, unknown, unknown_landed, recovery_s } = each
    const counts = [strikes, acked, reported, lost, doubled].map((count) => shown(count, formatCount))
    const open = unknown === undefined ? '–' : `${formatCount(unknown)}, ${formatCount(unknown_landed ?? 0)}`
    const recovery = shown(recovery_s, (seconds) => formatDuration(seconds * 1000))
    table.push([row, fault, ...counts, open, recovery, each.verdict])
  }
  const notes = rows.flatMap(({ row, notes: own }) => own.map((note) => `row ${row}: ${note}`))
  const repeat = `seed ${seed}, backend ${backend}: ${verdict}`
  return [table.toString(), ...notes, repeat].join('\n')
}

const PLAIN = { style: { head: [], border: [], compact: true } }

function shown(value: number | undefined, text: (value: number) => string): string {
  return value === undefined ? '–' : text(value)
}
