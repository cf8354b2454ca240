/** `musicbox scorecard`: how real a history is, row by row. */
import { writeFile } from 'node:fs/promises'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { command, endWith, wholeNumber } from '../../datasets/command.ts'
import { addDays, daysBetween } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { formatCount, formatDuration, type Host, type Progress, printJson, progress } from '../../datasets/host.ts'
import { createWorld, type World } from '../kernel/world.ts'
import { seedKey } from '../seed.ts'
import type { CountedHistory } from './counted-history.ts'
import { bandText, scorecardPage, valueText } from './page.ts'
import { ROWS, type Scorecard, type ScoredRow, score } from './scorecard.ts'

interface ScorecardOptions {
  json?: boolean
  seed: string
  users: number
  songs: number
  days: number
  workers: number
  rows?: string[]
  mutants: boolean
  seeds: number
  html?: string
}

const FIRST_DAY = '2023-01-01'
const LAST_DAY = '2025-12-31'
const LAST_YEAR = 2025

export function scorecardCommand(host: Host): Command {
  return command('scorecard', 'hold a history to published numbers and to its own laws, row by row', { data: false })
    .option('--seed <text>', 'equal seeds make equal histories', 'musicbox')
    .option('--users <count>', 'listeners', wholeNumber(1, 1_000_000), 5_000)
    .option('--songs <count>', 'songs in the catalogue', wholeNumber(100, 100_000), 30_000)
    .option(
      '--days <count>',
      `length of the history from ${FIRST_DAY}`,
      wholeNumber(1, 3_650),
      daysBetween(FIRST_DAY, LAST_DAY).length,
    )
    .option('--workers <count>', 'threads', wholeNumber(1, 64), 2)
    .option('--rows <ids>', 'only these rows, like P1,L2', rowIds)
    .option('--no-mutants', 'make no wrong histories, which each row must tell from right ones')
    .option('--seeds <count>', 'this many seeds: mean and spread of every check', wholeNumber(1, 1_000), 1)
    .option('--html <file>', 'write a page with plots there')
    .action(async (options: ScorecardOptions, action: Command) => {
      const start_ms = host.now()
      const { scorecard, history } = await scoreSeed(host, options, options.seed, options.mutants)
      const cards = [scorecard]
      for (let i = 1; i < options.seeds; i++)
        cards.push((await scoreSeed(host, options, `${options.seed}-${i}`, false)).scorecard)
      if (options.html !== undefined) await writePage(options.html, scorecard, history, options)
      const spread = options.seeds > 1 ? { seeds: options.seeds, spread: spreadOf(cards) } : {}
      if (options.json) printJson(host, { ...scorecard, ...spread })
      else {
        host.stdout.write(`${tableOf(scorecard.rows)}\n${summaryOf(scorecard)}\n`)
        if (options.seeds > 1) host.stdout.write(`${spreadTable(spreadOf(cards))}\n`)
        const events = formatCount(history.tally.events[0]!)
        host.stderr.write(`${events} events of the history counted, all in ${formatDuration(host.now() - start_ms)}\n`)
      }
      if ((scorecard.mutants_surviving ?? 0) > 0) endWith(action, 1)
    })
}

async function scoreSeed(
  host: Host,
  { users, songs, days, workers, rows }: ScorecardOptions,
  seed: string,
  mutants: boolean,
): Promise<{ scorecard: Scorecard; history: CountedHistory }> {
  const world = worldOf(seed, users, songs, days)
  let bar: Progress | undefined
  try {
    return await score(world, days, {
      workers,
      signal: host.signal,
      mutants,
      ...(rows ? { only: rows } : {}),
      onStage: (what, userCount) => {
        bar?.done()
        bar = progress(host, { label: what, total: userCount, unit: 'listeners' })
      },
      onUsers: (count) => bar?.advance(count),
    })
  } finally {
    bar?.done()
  }
}

function worldOf(seed: string, userCount: number, songCount: number, days: number): World {
  const liveDay = addDays(FIRST_DAY, days)
  return createWorld({ key: seedKey(seed), firstDay: FIRST_DAY, lastYear: LAST_YEAR, userCount, songCount, liveDay })
}

function rowIds(text: string): string[] {
  const ids = text.split(',').map((id) => id.trim())
  const unknown = ids.filter((id) => !ROWS.some((row) => row.id === id))
  if (unknown.length === 0) return ids
  throw new MusicboxError(
    'input.invalid',
    `expected rows among ${ROWS.map(({ id }) => id).join(', ')}, got ${unknown.join(', ')}`,
  )
}

async function writePage(
  file: string,
  card: Scorecard,
  history: CountedHistory,
  { users, songs, days, seed }: ScorecardOptions,
): Promise<void> {
  const world =
    `${formatCount(users)} listeners, ${formatCount(songs)} songs, ` +
    `${FIRST_DAY} to ${addDays(FIRST_DAY, days - 1)}, seed “${seed}”`
  await writeFile(file, scorecardPage(card, history, { world, events: history.tally.events[0]! }))
}

function tableOf(rows: readonly ScoredRow[]): string {
  const table = new Table({
    head: ['row', 'check', 'value', 'band', 'verdict', 'mutant'],
    style: { head: [], border: [] },
    colWidths: [15, 50, 14, 18, 9, 10],
    wordWrap: true,
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const { id, verdict, reason, checks, mutant, quantity } of rows) {
    const outcome = mutant?.outcome ?? ''
    if (checks.length === 0) table.push([id, `${quantity}: ${reason}`, '', '', 'n/a', outcome])
    checks.forEach((each, i) => {
      const name = i === 0 ? `${quantity}: ${each.name}` : each.name
      table.push([
        i === 0 ? id : '',
        name,
        `${valueText(each)}${each.in ? '' : ' ✗'}`,
        bandText(each),
        i === 0 ? verdict : '',
        i === 0 ? outcome : '',
      ])
    })
  }
  return table.toString()
}

function summaryOf({ t1_in_band_share, t2_in_band_share, mutants_surviving, rows }: Scorecard): string {
  const out = rows.filter(({ verdict }) => verdict === 'out').map(({ id }) => id)
  return (
    `published numbers: ${Math.round(100 * t2_in_band_share)} % of rows in band; own laws: ${Math.round(100 * t1_in_band_share)} %` +
    (mutants_surviving === null ? '' : `; mutants that survive: ${mutants_surviving}`) +
    (out.length > 0 ? `\nout of band: ${out.join(', ')}` : '')
  )
}

export interface Spread {
  id: string
  check: string
  mean: number
  /** Standard deviation over seeds. */
  deviation: number
  in_band_share: number
}

/** Of every check that all seeds have. */
export function spreadOf(cards: readonly Scorecard[]): Spread[] {
  return cards[0]!.rows.flatMap(({ id, checks }, row) =>
    checks.flatMap(({ name }, at) => {
      const same = cards.map((card) => card.rows[row]!.checks[at])
      if (same.some((each) => each?.name !== name)) return []
      const values = same.map((each) => each!.value)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
      const inBand = same.filter((each) => each!.in).length / same.length
      return [{ id, check: name, mean, deviation: Math.sqrt(variance), in_band_share: inBand }]
    }),
  )
}

function spreadTable(spread: readonly Spread[]): string {
  const table = new Table({ head: ['row', 'check', 'mean', 'deviation', 'in band'], style: { head: [], border: [] } })
  for (const { id, check, mean, deviation, in_band_share } of spread) {
    table.push([id, check, mean.toPrecision(4), deviation.toPrecision(2), `${Math.round(100 * in_band_share)} %`])
  }
  return table.toString()
}
