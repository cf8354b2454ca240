import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { addDays, daysBetween } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { dayKey, topPrefix } from '../datasets/keys.ts'
import { createMetrics } from '../observability/metrics.ts'
import { openBackend } from './backend.ts'
import { dumpDigest } from './dump.ts'
import type { Manifest, RawFile } from './manifest.ts'
import { dayHash, NIGHT_FAIL_POINTS, planNight, planPeriods, runNight } from './night-job.ts'
import type { TableStore } from './table-store.ts'
import { openWay, someEvents, THROUGH, type Way } from './way.suite.ts'

const DAYS = daysBetween('2026-03-01', '2026-03-04')

describe('the night job', () => {
  let way: Way
  before(async () => {
    way = await openWay()
    await way.feed(someEvents(DAYS, 120))
  })
  after(() => way.close())

  it('publishes every day with data, complete, resting on the newest manifest', async () => {
    const night = await way.night()
    assert.deepEqual(
      night.days.map(({ day, outcome, events }) => [day, outcome, events]),
      DAYS.map((day) => [day, 'built', 120]),
    )
    assert.equal(night.periods, 'built')
    assert.equal(night.as_of_day, '2026-03-04')
    const publications = await way.tables.snapshot((view) => view.publications())
    assert.deepEqual(
      publications.map(({ scope, generation, complete, events }) => [scope, generation, complete, events]),
      [...DAYS.map((day) => [day, 1, true, 120]), ['periods', 1, true, 480]],
    )
    await way.tables.snapshot(async (view) => {
      const top = await view.scan('top_log', prefixRange(topPrefix(TOTAL, '2026-03-04')))
      assert.equal(top[0]?.key.slice(-4), '0001')
      let plays = 0
      for (let hour = 0; hour < 24; hour++) {
        const cells = await view.get('hour_event_log', dayKey(String(hour).padStart(2, '0'), DAYS[0]!))
        plays += Number(cells!['plays'])
      }
      const made = someEvents(DAYS.slice(0, 1), 120).filter(({ event }) => event === 'play').length
      assert.equal(plays, made)
    })
  })

  it('does nothing when nothing has changed', async () => {
    const before = await dumpOf(way.tables)
    const night = await way.night()
    assert.equal(night.rows, 0)
    assert.equal(night.periods, 'unchanged')
    assert.deepEqual(new Set(night.days.map(({ outcome }) => outcome)), new Set(['unchanged']))
    assert.deepEqual(await dumpOf(way.tables), before)
  })

  it('rebuilds exactly the day that a late event touches, and the periods', async () => {
    const home = join(way.folder, 'warehouse')
    const filesOf = async (): Promise<string[]> => (await readdir(home, { recursive: true })).sort()
    const before = await filesOf()
    await way.feed(someEvents([DAYS[1]!], 3, 99))
    const night = await way.night()
    assert.deepEqual(
      night.days.map(({ outcome, events }) => [outcome, events]),
      [
        ['unchanged', 120],
        ['built', 123],
        ['unchanged', 120],
        ['unchanged', 120],
      ],
    )
    assert.equal(night.periods, 'built')
    const changed = (await filesOf()).filter((file) => !before.includes(file))
    assert.deepEqual(changed.length, 1)
    assert.match(changed[0]!, /^dt=2026-03-02/)
    assert.equal((await way.night()).rows, 0)
  })

  it('rebuilds every day when the look-up data changes', async () => {
    const { songs, artists, users } = { songs: [], artists: [], users: [] }
    await way.warehouse.setDimensions({ songs, artists, users })
    const night = await way.night()
    assert.deepEqual(new Set(night.days.map(({ outcome }) => outcome)), new Set(['built']))
    const unknown = await way.tables.snapshot((view) => view.get('artist_event_log', dayKey('UNKNOWN', DAYS[0]!)))
    assert.ok(Number(unknown?.['plays']) > 0)
    // Rows of artists that nobody knows any more are gone.
    const known = await way.tables.snapshot((view) => view.get('artist_event_log', dayKey('AR1', DAYS[0]!)))
    assert.equal(known, undefined)
  })

  it('publishes no day later than asked for, and counts those', async () => {
    const other = await openWay()
    try {
      await other.feed(someEvents(DAYS, 20))
      const night = await other.night({ through: DAYS[1]! })
      assert.deepEqual(
        night.days.map(({ day }) => day),
        DAYS.slice(0, 2),
      )
      assert.equal(night.later_days, 2)
      assert.equal(night.as_of_day, DAYS[1])
      assert.equal(await other.tables.snapshot((view) => view.published(DAYS[2]!)), undefined)
    } finally {
      await other.close()
    }
  })

  it('has nothing to do without raw files', async () => {
    const other = await openWay()
    try {
      const night = await other.night()
      assert.deepEqual(night, { days: [], rows: 0, periods: 'unchanged', as_of_ms: 0, later_days: 0 })
    } finally {
      await other.close()
    }
  })

  it('is fenced by a later night job, and changes nothing then', async () => {
    const other = await openWay()
    try {
      await other.feed(someEvents(DAYS.slice(0, 1), 20))
      let paused = false
      const slow = other.night({
        failPoint: async (name) => {
          if (name !== 'day-counted' || paused) return
          paused = true
          // While this one is paused, an event comes late and another night job publishes it.
          await other.feed(someEvents(DAYS.slice(0, 1), 2, 5))
          await other.night()
        },
      })
      await assert.rejects(slow, (error: unknown) => error instanceof MusicboxError && error.code === 'writer.fenced')
      assert.equal((await other.tables.snapshot((view) => view.published(DAYS[0]!)))?.events, 22)
    } finally {
      await other.close()
    }
  })

  it('stops on the signal between days and goes on from there', async () => {
    const other = await openWay()
    try {
      await other.feed(someEvents(DAYS, 10))
      const stop = new AbortController()
      const night = other.night({
        signal: stop.signal,
        onProgress: (days, total) => {
          assert.equal(total, 4)
          if (days === 2) stop.abort()
        },
      })
      await assert.rejects(night, (error: unknown) => error instanceof MusicboxError && error.code === 'interrupted')
      const rest = await other.night()
      assert.deepEqual(
        rest.days.map(({ outcome }) => outcome),
        ['unchanged', 'unchanged', 'built', 'built'],
      )
    } finally {
      await other.close()
    }
  })

  it('counts days and rows, and moves the watermark', async () => {
    const other = await openWay()
    try {
      await other.feed(someEvents(DAYS, 10))
      const metrics = createMetrics('night')
      const night = await other.night({ metrics })
      await other.night({ metrics })
      const text = await metrics.registry.metrics()
      assert.match(text, /musicbox_night_days_total\{[^}]*outcome="built"[^}]*\} 4/)
      assert.match(text, /musicbox_night_days_total\{[^}]*outcome="unchanged"[^}]*\} 4/)
      assert.match(text, new RegExp(`musicbox_night_rows_total(\\{[^}]*\\})? ${night.rows}`))
      assert.match(text, /musicbox_stage_watermark_timestamp_seconds\{[^}]*stage="report"[^}]*\} 1796083200/)
    } finally {
      await other.close()
    }
  })
})

describe('a killed night job', () => {
  const events = someEvents(DAYS.slice(0, 2), 60)
  const late = someEvents(DAYS.slice(1, 2), 4, 3)
  let wanted: unknown
  before(async () => {
    const way = await openWay()
    try {
      await way.feed(events)
      await way.night()
      await way.feed(late)
      await way.night()
      wanted = await dumpDigest(way)
    } finally {
      await way.close()
    }
  })

  for (const point of NIGHT_FAIL_POINTS) {
    it(`leaves equal tables after a rerun when it dies after ${point}`, async () => {
      const way = await openWay()
      try {
        const die = (name: string): void => {
          if (name === point) throw new Error(`died after ${name}`)
        }
        await way.feed(events)
        if (point !== 'manifests-read') await way.night()
        await way.feed(late)
        await assert.rejects(way.night({ failPoint: die }), /died/)
        await way.night()
        assert.deepEqual(await dumpDigest(way), wanted)
        assert.equal((await way.night()).rows, 0)
      } finally {
        await way.close()
      }
    })
  }

  for (const point of ['day-loaded', 'day-published', 'periods-counted'] as const) {
    it(`leaves equal tables after a rerun when its process is killed after ${point}`, async () => {
      const way = await openWay()
      try {
        await way.feed(events)
        await way.feed(late)
        await way.backend.close()
        assert.equal(await killedNight(way.folder, point), 'SIGKILL')
        const backend = openBackend({ data: way.folder })
        const stores = {
          raw: await backend.raw(),
          warehouse: await backend.warehouse(),
          tables: await backend.tables(),
        }
        await runNight(stores, { through: THROUGH })
        assert.deepEqual(await dumpDigest(stores), wanted)
        await backend.close()
      } finally {
        await way.close()
      }
    })
  }

  it('would be noticed: tables without the late events have another digest', async () => {
    const way = await openWay()
    try {
      await way.feed(events)
      await way.night()
      assert.notDeepEqual(await dumpDigest(way), wanted)
    } finally {
      await way.close()
    }
  })
})

describe('the plan of a night', () => {
  const file = (day: string, sha256: string, more: Partial<RawFile> = {}): RawFile => ({
    path: `dt=${day}/hr=00/${sha256}`,
    day,
    hour: '00',
    partition: 0,
    first: 0,
    last: 9,
    count: 1,
    checksum: '0',
    sha256,
    size_bytes: 1,
    ...more,
  })
  const manifest = (sequence: number, files: RawFile[], drained_ms?: number): Manifest => ({
    version: 1,
    sequence,
    previous: '',
    writer: 'w',
    begin: [0],
    end: [9],
    files,
    ...(drained_ms !== undefined && { drained_ms }),
  })

  it('names a day by its files, their order and the look-up data', () => {
    const [a, b] = [file('2026-01-01', 'a'), file('2026-01-01', 'b', { first: 10 })]
    const hash = dayHash('2026-01-01', [a, b], 'd')
    assert.equal(dayHash('2026-01-01', [a, b], 'd'), hash)
    for (const other of [
      dayHash('2026-01-01', [a], 'd'),
      dayHash('2026-01-01', [b, a], 'd'),
      dayHash('2026-01-01', [a, b], 'e'),
      dayHash('2026-01-02', [a, b], 'd'),
    ]) {
      assert.notEqual(other, hash)
    }
  })

  it('publishes quiet days between and after days with data as zeros, but bridges no gap of months', () => {
    const days = ['2013-12-19', '2026-01-01', '2026-01-04']
    const files = days.map((day) => file(day, day))
    const planned = (through: string): [string, number][] =>
      planNight([manifest(1, files)], 'd', through, []).days.map((day) => [day.version.day, day.files.length])
    const withData: [string, number][] = [
      ['2013-12-19', 1],
      ['2026-01-01', 1],
      ['2026-01-02', 0],
      ['2026-01-03', 0],
      ['2026-01-04', 1],
    ]
    assert.deepEqual(planned('2026-01-04'), withData)
    assert.deepEqual(planned('2026-01-06'), [...withData, ['2026-01-05', 0], ['2026-01-06', 0]])
    assert.deepEqual(planned('2026-06-01'), withData)
  })

  it('calls a day complete once everything received before its end is in', () => {
    const end = Date.parse('2026-01-02T00:00:00Z')
    const completeAt = (drained_ms?: number): boolean =>
      planNight([manifest(1, [file('2026-01-01', 'a')], drained_ms)], 'd', '2026-01-01', []).days[0]!.complete
    assert.deepEqual([completeAt(), completeAt(end - 1), completeAt(end)], [false, false, true])
    // A batch that did not drain the log takes nothing back of what an earlier one said.
    const plan = planNight([manifest(1, [], end), manifest(2, [file('2026-01-01', 'a')])], 'd', '2026-01-01', [])
    assert.equal(plan.as_of_ms, end)
    assert.equal(plan.generation, 2)
  })

  it('compares each period with the range of equal length before it', () => {
    for (const { period, range, before } of planPeriods('2026-03-31', '2026-01-01')) {
      assert.equal(addDays(before.last, 1), range.first, period)
      assert.equal(daysBetween(before.first, before.last).length, daysBetween(range.first, range.last).length, period)
    }
  })
})

const TOTAL = { kind: 'songs', by: 'plays', period: 'total' }

function prefixRange(prefix: string): { from: string; to: string } {
  return { from: prefix, to: `${prefix}\u{10ffff}` }
}

async function dumpOf(tables: TableStore): Promise<unknown> {
  return tables.snapshot(async (view) => [
    await view.publications(),
    await view.scan('period_log', prefixRange('')),
    await view.scan('song_event_log', prefixRange('')),
  ])
}

/** Runs a night in another process that kills itself at a fail point. */
async function killedNight(folder: string, point: string): Promise<unknown> {
  const source = `
    import { openBackend } from ${JSON.stringify(new URL('./backend.ts', import.meta.url).href)}
    import { runNight } from ${JSON.stringify(new URL('./night-job.ts', import.meta.url).href)}
    const backend = openBackend({ data: ${JSON.stringify(folder)} })
    const stores = { raw: await backend.raw(), warehouse: await backend.warehouse(), tables: await backend.tables() }
    const failPoint = (name) => name === '${point}' && process.kill(process.pid, 'SIGKILL')
    await runNight(stores, { through: '${THROUGH}', failPoint })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'inherit' })
  const [code, signal] = await once(child, 'exit')
  return signal ?? code
}
