/** What the whole way must show is known beforehand: every cell of every report table against the expectation. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { artists, songs } from '../datasets/catalogue.ts'
import { addDays, dayOf, hourOf } from '../datasets/day.ts'
import type { StoredEvent } from '../datasets/event.ts'
import { dayKey, periodKey, topKey } from '../datasets/keys.ts'
import { MEASURES, type TableName, TOP_BY, TOP_KINDS } from '../datasets/tables.ts'
import { DIMENSIONS, type Dimension, groupingOf } from '../simulation/expect/dimension.ts'
import { expectCounts, expectRangeCounts } from '../simulation/expect/expect-counts.ts'
import { type Counts, columnsOf } from '../simulation/expect/tally.ts'
import { periodsOf, topRows } from '../simulation/expect/top-list.ts'
import { users } from '../simulation/kernel/user.ts'
import { catalogueOf, createWorld } from '../simulation/kernel/world.ts'
import { simulateDays } from '../simulation/simulate.ts'
import { openBackend } from './backend.ts'
import { ChecksumSum } from './checksum.ts'
import { collect } from './collector.ts'
import { dumpRows } from './dump.ts'
import { loadHistory } from './load-history.ts'
import { runNight } from './night-job.ts'

const world = createWorld({ songCount: 150, userCount: 150, firstDay: '2025-12-30' })
const span = { firstDay: world.firstDay, lastDay: addDays(world.firstDay, 3) }
/** Sessions of the last day reach into this one. */
const asOf = addDays(span.lastDay, 1)

/** A table's rows by key, each cell as text. */
type Table = Map<string, Record<string, string>>
type Tables = Map<TableName, Table>

const COUNTED: readonly TableName[] = [...DIMENSIONS.map(tableOf), 'period_log', 'top_log']

describe('expectation and way', () => {
  let lines: string[]
  let expected: Tables

  before(async () => {
    lines = []
    for await (const { entries } of simulateDays(world, span)) lines.push(...entries.map(({ line }) => line))
    expected = await expectTables(lines)
  })

  it('agree in every cell of every table', async () => {
    const found = await runWay(lines)
    assert.deepEqual(differences(expected, found), [])
    for (const table of COUNTED) assert.ok(found.get(table)!.size > 0, `${table} has rows`)
  })

  it('differ by an event that was dropped', async () => {
    const at = lines.findIndex((line) => line.includes('"event":"play"'))
    await expectSeen(lines.toSpliced(at, 1), lines[at]!, 'plays')
  })

  it('differ by an event that was counted twice', async () => {
    const at = lines.findIndex((line) => line.includes('"event":"skip"'))
    // Under another id, as when a retry makes a new event of the same fact.
    const again = lines[at]!.replace(/"eid":"[0-9a-f]{8}/, '"eid":"00000000')
    await expectSeen([...lines, again], again, 'skips')
  })

  it('differ by an event that was altered, even where no count shows it', async () => {
    const at = lines.findIndex((line) => line.includes('"event":"search"'))
    const altered = lines[at]!.replace(/"query":"[^"]*"/, '"query":"another"')
    assert.notEqual(altered, lines[at])
    await expectSeen(lines.with(at, altered), altered, 'checksum', ['hour_event_log'])
  })

  it('agree when an event came twice under one id', async () => {
    assert.deepEqual(differences(expected, await runWay([...lines, lines[7]!])), [])
  })

  async function expectSeen(
    wrong: readonly string[],
    line: string,
    column: string,
    tables: readonly TableName[] = COUNTED,
  ): Promise<void> {
    const { ts } = JSON.parse(line) as StoredEvent
    const found = differences(expected, await runWay(wrong))
    assert.deepEqual(
      tables.filter((table) => !found.some((difference) => difference.startsWith(`${table} `))),
      [],
      'a table that counts it shows it',
    )
    const place = `hour_event_log ${dayKey(hourOf(ts), dayOf(ts))} ${column}`
    assert.ok(
      found.some((difference) => difference.startsWith(place)),
      `${place} among ${found.slice(0, 5).join('; ')}`,
    )
  }
})

/** What the tables must hold. The lines are needed for the checksums alone. */
async function expectTables(lines: readonly string[]): Promise<Tables> {
  const grouping = groupingOf(world)
  const tables: Tables = new Map(COUNTED.map((table) => [table, new Map()]))
  const checksums = new Map<string, ChecksumSum>()
  for (const line of lines) {
    const { ts } = JSON.parse(line) as StoredEvent
    const key = dayKey(hourOf(ts), dayOf(ts))
    if (!checksums.has(key)) checksums.set(key, new ChecksumSum())
    checksums.get(key)!.add(line)
  }
  for await (const { day, counts } of expectCounts(world, span, DIMENSIONS, { workers: 2 })) {
    for (const dimension of DIMENSIONS) {
      const columns = columnsOf(dimension)
      const table = tables.get(tableOf(dimension))!
      for (const [group, values] of rowsOf(counts[dimension]!, columns.length)) {
        table.set(dayKey(grouping.idOf(dimension, group), day), cellsOf(columns, values))
      }
    }
    const hours = tables.get('hour_event_log')!
    for (let hour = 0; hour < 24; hour++) {
      const key = dayKey(grouping.idOf('hour', hour), day)
      const cells = hours.get(key) ?? cellsOf(columnsOf('hour'), [])
      hours.set(key, { ...cells, checksum: String(checksums.get(key)?.total() ?? 0n) })
    }
  }
  await expectPeriods(tables)
  return tables
}

async function expectPeriods(tables: Tables): Promise<void> {
  const grouping = groupingOf(world)
  const periods = periodsOf(asOf, span.firstDay)
  const by = ['song', 'artist', 'album', 'genre', 'zip'] as const
  const counted = await expectRangeCounts(
    world,
    span,
    by,
    periods.flatMap(({ range, before }) => [range, before]),
  )
  for (const [at, { period, range }] of periods.entries()) {
    const [now, past] = [counted[2 * at]!.counts, counted[2 * at + 1]!.counts]
    for (const dimension of by) {
      for (const [group, values] of rowsOf(now[dimension]!, MEASURES.length)) {
        const key = periodKey(`${dimension}s`, grouping.idOf(dimension, group), period)
        tables.get('period_log')!.set(key, cellsOf(MEASURES, values))
      }
    }
    // A period without any day of data has no lists.
    if (range.last < range.first || range.first > asOf || range.last < span.firstDay) continue
    for (const kind of TOP_KINDS) {
      const dimension = kind.slice(0, -1) as 'song' | 'artist' | 'album'
      for (const measure of TOP_BY) {
        const rows = topRows(now[dimension]!, past[dimension]!, measure, (group) => grouping.idOf(dimension, group))
        for (const { rank, group, value, previous } of rows) {
          tables.get('top_log')!.set(topKey({ kind, by: measure, period }, asOf, rank), {
            id: grouping.idOf(dimension, group),
            value: String(value),
            previous: String(previous),
            change: String(value - previous),
          })
        }
      }
    }
  }
}

/** The tables after the whole embedded way: log, collector, raw files, night job. */
async function runWay(lines: readonly string[]): Promise<Tables> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-expect-'))
  const backend = openBackend({ data: folder })
  try {
    const catalogue = catalogueOf(world)
    const entries = lines.map((line) => {
      const { eid, uid } = JSON.parse(line) as StoredEvent
      return { eid, key: uid, line }
    })
    await loadHistory(backend, {
      songs: () => songs(catalogue),
      artists: () => artists(catalogue),
      users: () => users(world),
      days: oneDay(entries),
    })
    const [log, raw] = [await backend.log(), await backend.raw()]
    const later_ms = Date.parse(`${addDays(asOf, 3)}T00:00:00Z`)
    await collect({ log, raw, clock: () => later_ms, maxBatchEvents: 2_000 })
    const [warehouse, stored] = [await backend.warehouse(), await backend.tables()]
    await runNight({ raw, warehouse, tables: stored }, { through: asOf })
    const tables: Tables = new Map()
    for (const table of COUNTED) {
      const rows: Table = new Map()
      for await (const { key, cells } of dumpRows(stored, table)) {
        rows.set(key, Object.fromEntries(Object.entries(cells).map(([column, value]) => [column, String(value)])))
      }
      tables.set(table, rows)
    }
    return tables
  } finally {
    await backend.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function* oneDay<Entry>(entries: readonly Entry[]): AsyncGenerator<{ day: string; entries: readonly Entry[] }> {
  yield { day: span.firstDay, entries }
}

/** Each as `table key column: expected x, got y`. Names are the look-up tables' business and are not compared. */
function differences(expected: Tables, found: Tables): string[] {
  const all: string[] = []
  for (const table of COUNTED) {
    const [wanted, got] = [expected.get(table)!, found.get(table)!]
    for (const key of new Set([...wanted.keys(), ...got.keys()])) {
      const [a, b] = [wanted.get(key) ?? {}, got.get(key) ?? {}]
      for (const column of new Set([...Object.keys(a), ...Object.keys(b)])) {
        if (column === 'name' || column === 'artist_name' || a[column] === b[column]) continue
        all.push(`${table} ${key} ${column}: expected ${a[column]}, got ${b[column]}`)
      }
    }
  }
  return all
}

function tableOf(dimension: Dimension): TableName {
  return `${dimension}_event_log`
}

function rowsOf({ groups, values }: Counts, width: number): [number, number[]][] {
  return Array.from(groups, (group, at) => [group, [...values.subarray(at * width, (at + 1) * width)]])
}

function cellsOf(columns: readonly string[], values: readonly number[]): Record<string, string> {
  return Object.fromEntries(columns.map((column, at) => [column, String(values[at] ?? 0)]))
}
