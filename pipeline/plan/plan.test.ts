import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { runCommand } from '../../datasets/command.suite.ts'
import { planCommand } from '../plan.command.ts'
import { type Plan, planCapacity, type Tier } from './capacity-plan.ts'
import { type Choices, DEFAULT_CHOICES } from './choices.ts'
import { MEASURED } from './measured.ts'
import { shortBytes, shortCount } from './quantity.ts'

const EXAMPLE = new URL('./example.txt', import.meta.url)
const EXAMPLE_ARGS = ['--events-per-day', '10e6,100e6,10e9,1e12']

const load = fc.integer({ min: 0, max: 130 }).map((tenths) => Math.round(10 ** (1 + tenths / 10)))
const choices: fc.Arbitrary<Choices> = fc.record({
  peak: fc.integer({ min: 1, max: 20 }),
  headroom: fc.constantFrom(0, 0.2, 0.4, 0.8),
  replication: fc.integer({ min: 1, max: 5 }),
  log_days: fc.integer({ min: 1, max: 30 }),
  raw_days: fc.integer({ min: 1, max: 2000 }),
  table_days: fc.integer({ min: 1, max: 4000 }),
  songs: fc.constantFrom(1000, 1_000_000, 100_000_000),
  night_hours: fc.constantFrom(0.5, 4, 12),
  cores: fc.constantFrom(2, 16, 128),
  disk_tb: fc.constantFrom(1, 48, 200),
  network_gbit: fc.constantFrom(1, 10, 100),
  file_mb: fc.constantFrom(16, 128, 1024),
})

const planOf = (events_per_day: number, given: Partial<Choices> = {}): Plan =>
  planCapacity(events_per_day, MEASURED, { ...DEFAULT_CHOICES, ...given })

const tiersOf = ({ log, collect, raw, tables }: Plan): Record<string, Tier> => ({
  brokers: log.brokers,
  collectors: collect.collectors,
  datanodes: raw.datanodes,
  regionservers: tables.regionservers,
})

/** Everything that there may not be less of under more load. */
function countsOf(plan: Plan): Record<string, number> {
  const { log, raw, tables, night, collect } = plan
  return {
    ...Object.fromEntries(Object.entries(tiersOf(plan)).map(([name, { count }]) => [name, count])),
    partitions: log.partitions,
    log_kept: log.bytes_kept,
    raw_kept: raw.bytes_kept,
    warehouse_kept: night.bytes_kept,
    tables_kept: tables.bytes_kept,
    files_per_day: raw.files_per_day,
    heap: raw.namenode_heap_gb,
    regions: tables.regions,
    night_cores: night.cores,
    collect_cores: collect.cores,
    network: plan.network_gbit,
    machines: plan.machines,
  }
}

describe('plan', () => {
  it('never asks for less when the load doubles', () => {
    fc.assert(
      fc.property(load, choices, (events, given) => {
        const less = countsOf(planOf(events, given))
        const more = countsOf(planOf(2 * events, given))
        for (const [name, count] of Object.entries(less)) assert.ok(more[name]! >= count, `${name} at ${events}`)
      }),
    )
  })

  it('has no fewer servers than copies, and whole ones', () => {
    fc.assert(
      fc.property(load, choices, (events, given) => {
        const { collectors, ...servers } = tiersOf(planOf(events, given))
        assert.ok(Number.isInteger(collectors!.count) && collectors!.count >= 1)
        for (const [name, { count }] of Object.entries(servers)) {
          assert.ok(Number.isInteger(count) && count >= given.replication, name)
        }
      }),
    )
  })

  it('meets every need, and names the one that asks for most', () => {
    fc.assert(
      fc.property(load, choices, (events, given) => {
        for (const { count, bound, by } of Object.values(tiersOf(planOf(events, given)))) {
          for (const need of Object.values(by)) assert.ok(count >= need && by[bound]! >= need)
          assert.ok(count < by[bound]! + 1)
        }
      }),
    )
  })

  it('keeps bytes in proportion to days and copies', () => {
    const once = planOf(10e9, { log_days: 5, raw_days: 100, replication: 1 })
    const twice = planOf(10e9, { log_days: 10, raw_days: 200, replication: 1 })
    const copied = planOf(10e9, { log_days: 5, raw_days: 100, replication: 3 })
    assert.equal(twice.log.bytes_kept, 2 * once.log.bytes_kept)
    assert.equal(twice.raw.bytes_kept, 2 * once.raw.bytes_kept)
    assert.equal(copied.raw.bytes_kept, 3 * once.raw.bytes_kept)
    assert.equal(twice.raw.bytes_per_day, once.raw.bytes_per_day)
    const [short, middle, long] = [100, 200, 300].map((table_days) => planOf(10e9, { table_days }).tables.bytes_kept)
    assert.ok(Math.abs(long! - middle! - (middle! - short!)) < 1, 'the look-up tables are kept once')
  })

  it('has rows for no more songs than there are', () => {
    const [small, large] = [10e9, 10e12].map((events) => planOf(events, { songs: 1000 }).tables.rows_per_day)
    assert.equal(small, large)
    assert.equal(small, Math.ceil(1000 * MEASURED.tables.rows_per_song + MEASURED.tables.rows_fixed))
  })

  it('agrees with a sum done by hand', () => {
    // A million events a second at the peak; figures of round numbers.
    const measured = structuredClone(MEASURED)
    measured.bench.events = 1e6
    measured.bench.seconds.collect.cluster = 20
    measured.bench.core_s_per_million.append.cluster = 10
    measured.bench.core_s_per_million.night.cluster = 50
    measured.bench.bytes = { line_per_event: 100, raw_gzip_per_event: 25 }
    const plan = planCapacity(86.4e9, measured, {
      ...DEFAULT_CHOICES,
      peak: 1,
      headroom: 0.5,
      cores: 10,
      night_hours: 24,
    })
    // 1 M/s over half of each hour is 2 M/s, and one collector takes 50 k/s.
    assert.equal(plan.collect.collectors.count, 40)
    // 10 cores for one copy, 30 for three, 5 of each machine's 10 free to be used.
    assert.equal(plan.log.brokers.by['cpu'], 6)
    assert.equal(plan.log.bytes_per_day, 8.64e12)
    assert.equal(plan.raw.bytes_per_day, 2.16e12)
    assert.equal(plan.night.cores, 50)
    // 8.64 TB a day, 7 days, 3 copies, on disks of 48 TB that may be three quarters full.
    assert.equal(plan.log.brokers.by['disk']!.toFixed(3), (181.44 / 36).toFixed(3))
  })

  it('finds that nothing stops holding at a small load, and one thing after the other at larger ones', () => {
    const whats = (events: number): string[] => planOf(events).limits.map(({ what }) => what)
    assert.deepEqual(whats(1e6), [])
    assert.ok(whats(10e9).includes('one collector with one manifest chain'))
    assert.ok(whats(1e12).includes('one namenode'))
    assert.ok(planOf(1e6).embedded.enough && !planOf(1e12).embedded.enough)
  })
})

describe('musicbox plan', () => {
  const plan = (...args: string[]) => runCommand(planCommand, ['plan', ...args])

  it('prints what the documentation shows', async () => {
    const { out, exit } = await plan(...EXAMPLE_ARGS)
    assert.equal(exit, 0)
    assert.equal(
      out,
      await readFile(EXAMPLE, 'utf8'),
      `write it anew with: npm run -s musicbox -- plan ${EXAMPLE_ARGS.join(' ')} > pipeline/plan/example.txt`,
    )
  })

  it('gives the same as JSON, with what it was computed from', async () => {
    const { out } = await plan('--events-per-day', '10e9', '--replication', '2', '--log-days', '3', '--json')
    const { plans, choices: chosen, measured } = JSON.parse(out)
    assert.deepEqual(chosen, { ...DEFAULT_CHOICES, replication: 2, log_days: 3 })
    assert.deepEqual(measured, MEASURED)
    assert.deepEqual(plans, [JSON.parse(JSON.stringify(planOf(10e9, { replication: 2, log_days: 3 })))])
  })

  it('refuses what is no load, and needs one', async () => {
    for (const args of [[], ['--events-per-day', 'many'], ['--events-per-day', '1e6,'], ['--events-per-day', '0']]) {
      assert.equal((await plan(...args)).exit, 104, args.join(' '))
    }
    assert.equal((await plan('--events-per-day', '1e6', '--headroom', '1')).exit, 104)
  })
})

describe('quantity', () => {
  it('is written short, and never as a thousand of a smaller unit', () => {
    assert.deepEqual([0, 3, 0.024, 12.4, 999.4, 999.6, 1234, 10e9, 1e12].map(shortCount), [
      '0',
      '3',
      '0.024',
      '12',
      '999',
      '1 k',
      '1.2 k',
      '10 G',
      '1 T',
    ])
    assert.equal(shortBytes(2.93e12), '2.9 TB')
  })
})
