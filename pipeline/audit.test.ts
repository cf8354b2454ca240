import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { dayOf, hourOf } from '../datasets/day.ts'
import type { StoredEvent } from '../datasets/event.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { dayKey } from '../datasets/keys.ts'
import { createMetrics } from '../observability/metrics.ts'
import { type AuditReport, audit, type Mismatch } from './audit.ts'
import { ChecksumSum, lineChecksum } from './checksum.ts'
import { collect } from './collector.ts'
import { filesByDay, manifestPath, type RawFile, readManifest, readManifests } from './manifest.ts'
import type { RawStore } from './raw-store.ts'
import type { Warehouse } from './warehouse.ts'
import { LATER_MS, openWay, someEvents, type Way } from './way.suite.ts'

const DAYS = ['2026-03-01', '2026-03-02']
const EVENTS = someEvents(DAYS, 80)

describe('the audit', () => {
  let way: Way
  before(async () => {
    way = await openWay()
    await way.feed(EVENTS, 50)
    await way.night()
  })
  after(() => way.close())

  it('balances when nothing is wrong: every stage has every event', async () => {
    const metrics = createMetrics('audit')
    const report = await audit(way, { ids: true, metrics })
    assert.deepEqual(report, {
      verdict: 'BALANCED',
      events: { log: 160, raw: 160, warehouse: 160, report: 160 },
      hours: 8,
      duplicates: 0,
      mismatches: [],
      faults: [],
      unpublished_days: [],
      stale_days: [],
    })
    const text = await metrics.registry.metrics()
    assert.match(text, /musicbox_audit_events\{[^}]*stage="report"[^}]*\} 160/)
    assert.match(text, /musicbox_audit_gap_events\{[^}]*to="raw"[^}]*\} 0/)
  })

  it('counts raw lines that repeat an event, which are no fault', async () => {
    const again = await openWay()
    try {
      // A log that stores a retry twice, as Kafka's may.
      const repeating = repeatingLog(again, EVENTS.slice(0, 5))
      await again.feed(EVENTS)
      await collect({ log: repeating, raw: again.raw, clock: () => LATER_MS + 1 })
      await again.night()
      const report = await audit({ ...again, log: repeating }, { ids: true })
      assert.deepEqual([report.verdict, report.mismatches, report.events.report], ['BALANCED', [], 160])
      assert.equal(report.duplicates, 5)
    } finally {
      await again.close()
    }
  })

  it('leaves out what the log holds beside events, as the collector does', async () => {
    const other = await openWay()
    try {
      const poison = ['no JSON', `{"eid":"${'0'.repeat(32)}","ts":5,"uid":"cut`].map((line, at) => {
        return { eid: String(at + 1).padStart(32, 'e'), key: 'k', line }
      })
      await other.log.append(poison)
      // An event whose fields stand in another order.
      const { eid, ...rest } = EVENTS[0]!
      await other.log.append([{ eid, key: 'k', line: JSON.stringify({ ...rest, eid }) }])
      await other.feed(EVENTS.slice(1))
      await other.night()
      const report = await audit(other)
      assert.deepEqual([report.verdict, report.events.log, report.events.report], ['BALANCED', 160, 160])
    } finally {
      await other.close()
    }
  })

  it('names days that are not published and days of which more has come', async () => {
    const other = await openWay()
    try {
      await other.feed(EVENTS)
      await other.night({ through: DAYS[0]! })
      await other.feed(someEvents([DAYS[0]!], 3, 9))
      const report = await audit(other)
      assert.deepEqual(report.unpublished_days, [DAYS[1]])
      assert.deepEqual(report.stale_days, [DAYS[0]])
      assert.equal(report.verdict, 'BALANCED')
      assert.deepEqual(report.events, { log: 163, raw: 163, warehouse: 80, report: 80 })
    } finally {
      await other.close()
    }
  })

  it('stops on the signal', async () => {
    const interrupted = (error: unknown): boolean => error instanceof MusicboxError && error.code === 'interrupted'
    await assert.rejects(audit(way, { signal: AbortSignal.abort() }), interrupted)
  })

  describe('finds each planted fault, with stage, hour and event', () => {
    // Of one hour, so that losing one and doubling another leaves its count as it was.
    const [one, two] = EVENTS.filter(({ ts }) => dayOf(ts) === DAYS[1] && hourOf(ts) === '07') as [
      StoredEvent,
      StoredEvent,
    ]
    const at = { day: DAYS[1]!, hour: '07' }
    const invented: StoredEvent = { ...one, eid: 'f'.repeat(32) }

    /** What a faulty stage does to the lines of its events. */
    const FAULTS: Record<string, { change: (lines: string[]) => string[]; found: [string, string][]; gap: number }> = {
      'an event lost': { change: without(one), found: [[one.eid, 'missing']], gap: 1 },
      'an event altered': { change: altered(one), found: [[one.eid, 'altered']], gap: 0 },
      'an event invented': {
        change: (lines) => [...lines, JSON.stringify(invented)],
        found: [[invented.eid, 'extra']],
        gap: -1,
      },
      'one lost and another invented in its hour': {
        change: (lines) => [...without(one)(lines), JSON.stringify(invented)],
        found: [
          [one.eid, 'missing'],
          [invented.eid, 'extra'],
        ],
        gap: 0,
      },
    }

    for (const [what, { change, found, gap }] of Object.entries(FAULTS)) {
      it(`${what} between log and raw files, by a collector that swears by its files`, async () => {
        const metrics = createMetrics('audit')
        const raw = await forgedRaw(way.raw, change)
        const report = await audit({ ...way, raw }, { ids: true, metrics })
        const [mismatch] = only(report, 'log', 'raw')
        assertFound(mismatch!, at, found)
        assert.equal(report.verdict, 'FAILED')
        const text = await metrics.registry.metrics()
        assert.match(text, new RegExp(`audit_gap_events\\{[^}]*to="raw"[^}]*\\} ${gap}\\n`))
        assert.match(text, /audit_mismatched_hours\{[^}]*to="raw"[^}]*\} 1\n/)
      })

      it(`${what} between raw files and warehouse`, async () => {
        const warehouse = faultyWarehouse(way.warehouse, change)
        const report = await audit({ ...way, warehouse }, { ids: true })
        assertFound(only(report, 'raw', 'warehouse')[0]!, at, found)
        assert.equal(report.events.warehouse, 160 - gap)
      })
    }

    it('an event doubled in the warehouse', async () => {
      const warehouse = faultyWarehouse(way.warehouse, (lines) => [...lines, JSON.stringify(one)])
      const report = await audit({ ...way, warehouse }, { ids: true })
      assertFound(only(report, 'raw', 'warehouse')[0]!, at, [[one.eid, 'doubled']])
    })

    it('one lost and another doubled in the same hour of the warehouse: the count is right, the sum is not', async () => {
      const warehouse = faultyWarehouse(way.warehouse, (lines) => [...without(one)(lines), JSON.stringify(two)])
      const report = await audit({ ...way, warehouse }, { ids: true })
      const mismatch = only(report, 'raw', 'warehouse')[0]!
      assert.equal(mismatch.from_count, mismatch.to_count)
      assertFound(mismatch, at, [
        [one.eid, 'missing'],
        [two.eid, 'doubled'],
      ])
    })

    it('an hour row of the report that counts one too many', async () => {
      const other = await openWay()
      try {
        await other.feed(EVENTS)
        await other.night()
        const key = dayKey('07', DAYS[1]!)
        const cells = (await other.tables.snapshot((view) => view.get('hour_event_log', key)))!
        await other.tables.put([
          { table: 'hour_event_log', key, cells: { ...cells, events: Number(cells['events']) + 1 } },
        ])
        const report = await audit(other, { ids: true })
        const [mismatch] = only(report, 'warehouse', 'report')
        assert.deepEqual(
          [mismatch!.day, mismatch!.hour, mismatch!.to_count],
          [at.day, at.hour, mismatch!.from_count + 1],
        )
      } finally {
        await other.close()
      }
    })
  })

  describe('counts what is damaged as not there, and says so', () => {
    let other: Way
    let file: RawFile
    let path: string
    beforeEach(async () => {
      other = await openWay()
      await other.feed(EVENTS)
      await other.night()
      file = filesByDay(await readManifests(other.raw)).get(DAYS[0]!)![0]!
      path = join(other.folder, 'raw', file.path)
    })
    const expectRawFault = async (pattern: RegExp): Promise<void> => {
      try {
        const report = await audit(other)
        assert.equal(report.verdict, 'FAILED')
        assert.match(report.faults[0]!.what, pattern)
        assert.ok(report.faults[0]!.what.includes(file.path))
        assert.ok(
          report.mismatches.some(({ from, day, hour }) => from === 'log' && day === file.day && hour === file.hour),
        )
      } finally {
        await other.close()
      }
    }

    it('a raw file that was changed', async () => {
      await rm(path)
      await writeFile(path, gzipSync('{}\n'))
      await expectRawFault(/SHA-256/)
    })

    it('a raw file of whose lines its manifest does not know the number', async () => {
      const lying: RawStore = {
        publish: (name, bytes) => other.raw.publish(name, bytes),
        list: (folder) => other.raw.list(folder),
        remove: (name) => other.raw.remove(name),
        read: async (name) => {
          const bytes = await other.raw.read(name)
          if (name !== manifestPath(1)) return bytes
          const manifest = JSON.parse(Buffer.from(bytes).toString()) as { files: RawFile[] }
          for (const listed of manifest.files) if (listed.path === file.path) listed.count++
          return Buffer.from(JSON.stringify(manifest))
        },
      }
      try {
        const report = await audit({ ...other, raw: lying })
        assert.deepEqual([report.verdict, report.mismatches], ['FAILED', []])
        assert.match(report.faults[0]!.what, /its manifest says/)
      } finally {
        await other.close()
      }
    })

    it('a raw file that is missing', async () => {
      await rm(path)
      await expectRawFault(/missing/)
    })

    it('a published day that is not in the warehouse', async () => {
      try {
        await rm(join(other.folder, 'warehouse', `dt=${DAYS[0]}`), { recursive: true })
        const report = await audit(other, { ids: true })
        assert.deepEqual(
          report.faults.map(({ stage }) => stage),
          ['warehouse'],
        )
        assert.equal(report.verdict, 'FAILED')
        assert.ok(report.mismatches.some(({ from, day }) => from === 'raw' && day === DAYS[0]))
      } finally {
        await other.close()
      }
    })
  })
})

function without({ eid }: StoredEvent): (lines: string[]) => string[] {
  return (lines) => lines.filter((line) => !line.includes(eid))
}

function altered({ eid }: StoredEvent): (lines: string[]) => string[] {
  return (lines) => lines.map((line) => (line.includes(eid) ? line.replace('"session":"', '"session":"x') : line))
}

function only(report: AuditReport, from: string, to: string): Mismatch[] {
  const found = report.mismatches.filter((mismatch) => mismatch.from === from && mismatch.to === to)
  assert.equal(found.length, 1, JSON.stringify(report.mismatches))
  return found
}

function assertFound(mismatch: Mismatch, at: { day: string; hour: string }, found: [string, string][]): void {
  assert.deepEqual({ day: mismatch.day, hour: mismatch.hour }, at)
  assert.deepEqual(
    mismatch.events,
    found.map(([eid, fault]) => ({ eid, fault })).sort((a, b) => (a.eid < b.eid ? -1 : 1)),
  )
}

/** A log that also holds some events a second time, at its end. */
function repeatingLog(way: Way, events: readonly StoredEvent[]): Way['log'] {
  const extra = events.map((event) => JSON.stringify(event))
  const { log } = way
  return {
    partitionCount: log.partitionCount,
    append: (entries) => log.append(entries),
    close: () => log.close(),
    ends: async () => (await log.ends()).map((end, partition) => (partition === 0 ? end + extra.length : end)),
    read: async (partition, from, max) => {
      const lines = [...(await log.read(partition, from, max))]
      if (partition !== 0) return lines
      const end = (await log.ends())[0]!
      for (let at = Math.max(0, from - end); at < extra.length && lines.length < max; at++) {
        lines.push({ offset: end + at, line: extra[at]! })
      }
      return lines
    },
  }
}

/**
 * A raw store as a faulty collector would have left it: the files of the hour in question hold other lines, and every
 * manifest agrees with them, chain and all.
 */
async function forgedRaw(raw: RawStore, change: (lines: string[]) => string[]): Promise<RawStore> {
  const forged = new Map<string, Uint8Array>()
  let previous = ''
  for (const { sequence } of await readManifests(raw)) {
    const { manifest } = await readManifest(raw, sequence)
    for (const file of manifest.files) {
      if (file.day !== DAYS[1] || file.hour !== '07') continue
      const lines = gunzipSync(await raw.read(file.path))
        .toString()
        .trimEnd()
        .split('\n')
      // What is invented stands in each file of the hour then, which is the same as once.
      const changed = change(lines)
      const sum = new ChecksumSum()
      for (const line of changed) sum.add(line)
      const bytes = gzipSync(changed.map((line) => `${line}\n`).join(''))
      forged.set(file.path, bytes)
      Object.assign(file, { count: changed.length, checksum: String(sum.total()), sha256: sha256(bytes) })
    }
    const bytes = Buffer.from(`${JSON.stringify({ ...manifest, previous })}\n`)
    previous = sha256(bytes)
    forged.set(manifestPath(sequence), bytes)
  }
  return {
    publish: (path, bytes) => raw.publish(path, bytes),
    read: async (path) => forged.get(path) ?? (await raw.read(path)),
    list: (folder) => raw.list(folder),
    remove: (path) => raw.remove(path),
  }
}

/** A warehouse that has other events in the hour in question. */
function faultyWarehouse(warehouse: Warehouse, change: (lines: string[]) => string[]): Warehouse {
  const own = EVENTS.filter(({ ts }) => dayOf(ts) === DAYS[1] && hourOf(ts) === '07')
  const lines = change(own.map((event) => JSON.stringify(event)))
  const sum = new ChecksumSum()
  for (const line of lines) sum.add(line)
  return {
    setDimensions: (dimensions) => warehouse.setDimensions(dimensions),
    dimensionsHash: () => warehouse.dimensionsHash(),
    load: (version, files) => warehouse.load(version, files),
    dayRows: (version) => warehouse.dayRows(version),
    periodRows: (asOf, periods, versions) => warehouse.periodRows(asOf, periods, versions),
    occurrences: (eids, versions) => warehouse.occurrences(eids, versions),
    close: () => warehouse.close(),
    tallies: async (version) => {
      const tallies = await warehouse.tallies(version)
      if (version.day !== DAYS[1]) return tallies
      const faulty = { day: version.day, hour: '07', count: lines.length, checksum: sum.total() }
      return tallies.map((tally) => (tally.hour === '07' ? faulty : tally))
    },
    marks: async (version, hour) => {
      if (version.day !== DAYS[1] || hour !== '07') return warehouse.marks(version, hour)
      return lines.map((line) => ({ eid: (JSON.parse(line) as StoredEvent).eid, checksum: lineChecksum(line) }))
    },
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
