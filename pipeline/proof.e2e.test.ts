/**
 * The proof, proven: a small run goes the whole way on real stores, faults are planted at every stage, and each must be
 * found with its event, its stage and its hour. Nothing else may be found.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { canonicalEvent } from '../datasets/canonical-event.ts'
import { contentSum } from '../datasets/content-sum.ts'
import { dayOf, hourOf } from '../datasets/day.ts'
import type { WireEvent } from '../datasets/event.ts'
import { dayKey } from '../datasets/keys.ts'
import type { Fate, LedgerEntry } from '../datasets/ledger.ts'
import { ChecksumSum } from './checksum.ts'
import { collect } from './collector.ts'
import type { EventLog } from './event-log.ts'
import { ingest } from './ingest.ts'
import { manifestPath, readManifest, readManifests } from './manifest.ts'
import { runNight } from './night-job.ts'
import { describeProof } from './proof-text.ts'
import type { Finding } from './settlement.ts'
import { type Proof, prove } from './verify.command.ts'
import type { DayVersion, Warehouse } from './warehouse.ts'
import { LATER_MS, openWay, someEvents, THROUGH, type Way } from './way.suite.ts'

const DAYS = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04']
const EVENTS = someEvents(DAYS, 40).map(({ received_ms: _, ...event }) => event as WireEvent)
/** One of each hour, so that no fault hides behind another. */
const [ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE, TEN] = [
  ...Map.groupBy(EVENTS, ({ ts }) => `${dayOf(ts)} ${hourOf(ts)}`).values(),
].map((events) => events[3]!) as Ten

type E = WireEvent
type Ten = [E, E, E, E, E, E, E, E, E, E]

/** What a faulty stage makes of a line. */
type Change = (line: string) => readonly string[]

describe('the proof', () => {
  describe('of a run in which all is well', () => {
    let way: Way
    const [absent, refused] = someEvents([DAYS[0]!], 2, 9).map(({ received_ms: _, ...event }) => event as WireEvent)
    before(async () => {
      way = await openWay()
      await live(way, {})
    })
    after(() => way.close())

    it('is given, with every event’s content compared', async () => {
      const proof = await proveWith(way, accepted(EVENTS))
      const { verdict, accepted: stored, reported, content_checked, found_total } = proof
      assert.deepEqual(
        { verdict, stored, reported, content_checked, found_total },
        { verdict: 'PROVEN', stored: 160, reported: 160, content_checked: 160, found_total: 0 },
      )
      assert.match(describeProof(proof), /^proof {16}PROVEN$/m)
    })

    it('tells which events of unknown outcome have landed, and lets refused ones be absent', async () => {
      const entries = [...accepted(EVENTS.slice(2)), entry(ONE, 'accepted'), entry(EVENTS[0]!, 'unknown')]
      const proof = await proveWith(way, [...entries, entry(absent!, 'unknown'), entry(refused!, 'refused')])
      const { verdict, unknown, unknown_landed, refused: refusals, refused_but_present } = proof
      assert.deepEqual(
        { verdict, unknown, unknown_landed, refusals, refused_but_present },
        { verdict: 'PROVEN', unknown: 2, unknown_landed: 1, refusals: 1, refused_but_present: 0 },
      )
    })

    it('is given though log and raw files repeat an event, as a retry may leave them: it is counted once', async () => {
      const log = forgedLog(way.log, (line) => (line.includes(TWO.eid) ? [line, line] : [line]))
      const other = await openWay()
      try {
        await live(other, { raw: (line) => (line.includes(THREE.eid) ? [line, line] : [line]) })
        const proof = await proveWith(other, accepted(EVENTS))
        assert.deepEqual([proof.verdict, proof.audit.duplicates, proof.reported], ['PROVEN', 1, 160])
        assert.equal((await proveWith({ ...way, log }, accepted(EVENTS))).verdict, 'PROVEN')
      } finally {
        await other.close()
      }
    })
  })

  describe('of a run in which stages were at fault', () => {
    let way: Way
    const entries = [...accepted(EVENTS).filter(({ eid }) => eid !== TEN.eid), entry(TEN, 'refused')]
    before(async () => {
      way = await openWay()
      await live(way, {
        server: (line) => {
          if (line.includes(ONE.eid)) return []
          return [line.includes(TWO.eid) ? otherSession(line) : line]
        },
        raw: (line) => {
          if (line.includes(THREE.eid)) return []
          return [line.includes(FOUR.eid) ? otherSession(line) : line]
        },
        warehouse: { lost: FIVE.eid, altered: SIX.eid, doubled: SEVEN.eid },
      })
    })
    after(() => way.close())

    it('fails, and names each event with the first stage at fault and its hour', async () => {
      const proof = await proveWith(way, entries)
      assert.deepEqual(proof.found, [
        finding(ONE, 'lost', 'log'),
        finding(TWO, 'altered', 'log'),
        finding(THREE, 'lost', 'raw'),
        finding(FOUR, 'altered', 'raw'),
        finding(FIVE, 'lost', 'warehouse'),
        finding(SIX, 'altered', 'warehouse'),
        finding(SEVEN, 'doubled', 'warehouse'),
        finding(TEN, 'refused_but_present', 'log', 'refused'),
      ])
      const { verdict, accepted: stored, reported, lost, altered, doubled, refused_but_present } = proof
      assert.deepEqual(
        { verdict, stored, reported, lost, altered, doubled, refused_but_present },
        { verdict: 'FAILED', stored: 159, reported: 156, lost: 3, altered: 3, doubled: 1, refused_but_present: 1 },
      )
      assert.deepEqual(proof.altered_eids, [TWO, FOUR, SIX].map(({ eid }) => eid).sort())
    })

    it('shows them to people as a table', async () => {
      const text = describeProof(await proveWith(way, entries))
      assert.match(text, new RegExp(`${dayOf(FOUR.ts)} ${hourOf(FOUR.ts)}:00 +altered +raw +accepted +${FOUR.eid}`))
      assert.match(text, new RegExp(`refused but present +log +refused +${TEN.eid}`))
    })

    it('could not find what the server altered if the sender had not written down what it sent', async () => {
      const proof = await proveWith(
        way,
        entries.map(({ sum: _, ...entry }) => entry),
      )
      assert.equal(proof.content_checked, 0)
      assert.equal(
        proof.found.some(({ eid }) => eid === TWO.eid),
        false,
      )
      // Between stages the audit tells, sums or none.
      assert.deepEqual(
        proof.found.filter(({ fault }) => fault === 'altered'),
        [finding(FOUR, 'altered', 'raw'), finding(SIX, 'altered', 'warehouse')],
      )
    })
  })

  it('fails when what was right is damaged afterwards, at each stage, and names what it was', async () => {
    const way = await openWay()
    try {
      await live(way, {})
      const versions = await publishedVersions(way)
      const versionOf = ({ ts }: WireEvent): DayVersion => versions.find(({ day }) => day === dayOf(ts))!
      await forgeRaw(way, (line) => {
        if (line.includes(THREE.eid)) return []
        if (line.includes(FOUR.eid)) return [otherSession(line)]
        return line.includes(EIGHT.eid) ? [line, line.replaceAll(EIGHT.eid, 'f'.repeat(32))] : [line]
      })
      await forgeDay(way, versionOf(FIVE), { lost: FIVE.eid })
      await forgeDay(way, versionOf(SIX), { altered: SIX.eid })
      await forgeDay(way, versionOf(SEVEN), { doubled: SEVEN.eid })
      const key = dayKey(hourOf(NINE.ts), dayOf(NINE.ts))
      const cells = (await way.tables.snapshot((view) => view.get('hour_event_log', key)))!
      await way.tables.put([{ table: 'hour_event_log', key, cells: { ...cells, events: Number(cells['events']) + 2 } }])
      const log = forgedLog(way.log, (line) => {
        if (line.includes(ONE.eid)) return []
        return [line.includes(TWO.eid) ? otherSession(line) : line]
      })
      // Nobody's ledger knows of this one; that it is gone from a stage is seen all the same.
      const entries = accepted(EVENTS.filter(({ eid }) => eid !== THREE.eid))

      const proof = await proveWith({ ...way, log }, entries)
      const { fate: _, ...strangers } = finding(THREE, 'lost', 'raw')
      const hourOfEight = { day: dayOf(EIGHT.ts), hour: hourOf(EIGHT.ts) }
      assert.deepEqual(proof.found, [
        finding(ONE, 'lost', 'log'),
        finding(TWO, 'altered', 'log'),
        strangers,
        finding(FOUR, 'altered', 'raw'),
        finding(FIVE, 'lost', 'warehouse'),
        finding(SIX, 'altered', 'warehouse'),
        finding(SEVEN, 'doubled', 'warehouse'),
        { eid: 'f'.repeat(32), fault: 'invented', stage: 'raw', ...hourOfEight, events: 1 },
        { fault: 'doubled', stage: 'report', day: dayOf(NINE.ts), hour: hourOf(NINE.ts), events: 2 },
      ])
      assert.equal(proof.verdict, 'FAILED')
    } finally {
      await way.close()
    }
  })
})

interface Faults {
  /** What the server stores of a line that it has acknowledged. */
  server?: Change
  /** What the collector writes of a line. */
  raw?: Change
  warehouse?: DayFaults
}

interface DayFaults {
  lost?: string
  altered?: string
  doubled?: string
}

/** The whole way: the server takes every event, the collector and the night job come by. */
async function live(way: Way, { server = (line) => [line], raw, warehouse }: Faults): Promise<void> {
  const log: EventLog = {
    ...portOf(way.log),
    append: (entries) =>
      way.log.append(entries.flatMap((entry) => server(entry.line).map((line) => ({ ...entry, line })))),
  }
  await ingest(EVENTS, { log, artistOf: (songid) => `AR${songid.length}`, receivedMs: ({ ts }) => ts + 5 })
  await collect({ log: way.log, raw: way.raw, clock: () => LATER_MS, maxBatchEvents: 50 })
  if (raw) await forgeRaw(way, raw)
  const faulty = Object.assign(Object.create(way.warehouse) as Warehouse, {
    setDimensions: way.warehouse.setDimensions.bind(way.warehouse),
    dimensionsHash: () => way.warehouse.dimensionsHash(),
    dayRows: (version: DayVersion) => way.warehouse.dayRows(version),
    periodRows: way.warehouse.periodRows.bind(way.warehouse),
    load: async (version: DayVersion, files: readonly string[]) => {
      const load = await way.warehouse.load(version, files)
      if (warehouse) await forgeDay(way, version, warehouse)
      return load
    },
  })
  await runNight({ ...way, warehouse: faulty }, { through: THROUGH })
}

function portOf(log: EventLog): EventLog {
  return {
    partitionCount: log.partitionCount,
    append: (entries) => log.append(entries),
    read: (partition, from, max) => log.read(partition, from, max),
    ends: () => log.ends(),
    close: () => log.close(),
  }
}

/** A log that gives other lines than were stored, under the offsets of those that were. */
function forgedLog(log: EventLog, change: Change): EventLog {
  return {
    ...portOf(log),
    read: async (partition, from, max) => {
      const records = await log.read(partition, from, max)
      return records.flatMap(({ offset, line }) => change(line).map((changed) => ({ offset, line: changed })))
    },
  }
}

/** Rewrites raw files on disk, and every manifest so that it agrees with them, chain and all. */
async function forgeRaw({ folder, raw }: Way, change: Change): Promise<void> {
  const locate = (path: string): string => join(folder, 'raw', path)
  let previous = ''
  for (const { sequence } of await readManifests(raw)) {
    const { manifest } = await readManifest(raw, sequence)
    for (const file of manifest.files) {
      const lines = gunzipSync(await raw.read(file.path))
        .toString()
        .trimEnd()
        .split('\n')
        .flatMap(change)
      const sum = new ChecksumSum()
      for (const line of lines) sum.add(line)
      const bytes = gzipSync(lines.map((line) => `${line}\n`).join(''))
      await writeFile(locate(file.path), bytes)
      const facts = { count: lines.length, checksum: String(sum.total()), size_bytes: bytes.length }
      Object.assign(file, facts, { sha256: sha256(bytes) })
    }
    const bytes = Buffer.from(`${JSON.stringify({ ...manifest, previous })}\n`)
    previous = sha256(bytes)
    await writeFile(locate(manifestPath(sequence)), bytes)
  }
}

/** Rewrites a day of the warehouse on disk. */
async function forgeDay({ folder }: Way, { day, hash }: DayVersion, faults: DayFaults): Promise<void> {
  const path = join(folder, 'warehouse', `dt=${day}`, `${hash}.parquet`)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const rows = `SELECT * REPLACE (CASE WHEN eid = '${faults.altered}' THEN xor(checksum, 1) ELSE checksum END AS checksum)
      FROM read_parquet('${path}', hive_partitioning = false) WHERE eid <> '${faults.lost}'`
    const again = `SELECT * FROM read_parquet('${path}', hive_partitioning = false) WHERE eid = '${faults.doubled}'`
    const counted = await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM read_parquet('${path}')`)
    const events = counted.getRows()[0]![0] as number
    await connection.run(`COPY (${rows} UNION ALL ${again}) TO '${path}.forged'
      (FORMAT parquet, KV_METADATA {lines: '${events}', events: '${events}'})`)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  await rename(`${path}.forged`, path)
}

async function publishedVersions({ tables }: Way): Promise<DayVersion[]> {
  const publications = await tables.snapshot((view) => view.publications())
  return publications.map(({ scope, hash }) => ({ day: scope, hash }))
}

let ledgers = 0

async function proveWith(way: Way, entries: readonly LedgerEntry[]): Promise<Proof> {
  const path = join(way.folder, `ledger-${ledgers++}.ndjson`)
  await writeFile(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  return await prove(way, [path])
}

function accepted(events: readonly WireEvent[]): LedgerEntry[] {
  return events.map((event) => entry(event, 'accepted'))
}

/** As a sender writes it, whose fields stand in an order of its own. */
function entry(event: WireEvent, fate: Fate): LedgerEntry {
  const sent = Object.fromEntries(Object.entries(event).reverse())
  return { eid: event.eid, ts: event.ts, fate, sum: contentSum(canonicalEvent(sent)) }
}

function finding(
  { eid, ts }: WireEvent,
  fault: Finding['fault'],
  stage: Finding['stage'],
  fate: Fate = 'accepted',
): Finding {
  return { eid, fault, stage, day: dayOf(ts), hour: hourOf(ts), fate, events: 1 }
}

function otherSession(line: string): string {
  return line.replace('"session":"', '"session":"x')
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
