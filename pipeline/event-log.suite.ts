/** What every event log must do, whatever it is made of. Called by the tests of each adapter. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { MusicboxError } from '../datasets/failure.ts'
import type { Appended, EventLog, LogEntry, StoredLine } from './event-log.ts'

export interface OpenedLog {
  /** An empty log of several partitions. */
  log: EventLog
  /** Closes the log and opens the same one again. */
  reopen(): Promise<EventLog>
  cleanUp(): Promise<void>
}

export interface LogTraits {
  /** Whether the log itself stores an id only once. Kafka leaves that to the night job. */
  keepsIds?: boolean
}

export function eventLogSuite(name: string, open: () => Promise<OpenedLog>, { keepsIds = true }: LogTraits = {}): void {
  describe(`event log: ${name}`, () => {
    let opened: OpenedLog
    let log: EventLog

    beforeEach(async () => {
      opened = await open()
      log = opened.log
    })
    afterEach(() => opened.cleanUp())

    it('is empty at first', async () => {
      assert.deepEqual(await log.ends(), new Array(log.partitionCount).fill(0))
      assert.deepEqual(await log.read(0, 0, 10), [])
      assert.deepEqual(await log.append([]), [])
    })

    it('answers in the order given and keeps every line to the byte', async () => {
      const lines = ['{"a":1}', '{"b":"é 漢 😀 \\n \\u0000"}', '{}', `{"c":"${'x'.repeat(20_000)}"}`, '']
      const entries = lines.map((line, at) => ({ ...entry(at), line }))
      await checkStored(log, [{ entries, outcomes: await log.append(entries) }])
    })

    it('gives concurrent appends distinct, dense offsets', async () => {
      const batches = Array.from({ length: 200 }, (_, at) => entries(at * 7, 1 + (at % 7)))
      const outcomes = await Promise.all(batches.map((batch) => log.append(batch)))
      await checkStored(
        log,
        batches.map((batch, at) => ({ entries: batch, outcomes: outcomes[at]! })),
      )
    })

    it('keeps the order of each key', async () => {
      const sent: LogEntry[] = []
      for (let round = 0; round < 20; round++) {
        const batch = entries(round * 30, 30)
        sent.push(...batch)
        await log.append(batch)
      }
      const stored = (await readAll(log)).flat().map(({ line }) => line)
      for (const key of new Set(sent.map((each) => each.key))) {
        const ofKey = sent.filter((each) => each.key === key).map(({ line }) => line)
        assert.deepEqual(
          stored.filter((line) => ofKey.includes(line)),
          ofKey,
        )
      }
    })

    it('reads from any offset, as much as is asked for', async () => {
      for (let round = 0; round < 5; round++) await log.append(entries(round * 40, 40))
      for (const [partition, all] of (await readAll(log)).entries()) {
        for (const from of [0, 1, 7, 39, all.length - 1, all.length, all.length + 5]) {
          for (const max of [0, 1, 3, 1000]) {
            assert.deepEqual(await log.read(partition, from, max), all.slice(Math.max(0, from), from + max))
          }
        }
      }
    })

    it('goes on where it was when it is opened again', async () => {
      const first = entries(0, 50)
      const before = await log.append(first)
      log = await opened.reopen()
      const second = entries(50, 50)
      const after = await log.append(second)
      await checkStored(log, [
        { entries: first, outcomes: before },
        { entries: second, outcomes: after },
      ])
    })

    it('refuses work once it is closed', async () => {
      await log.close()
      await assert.rejects(log.append(entries(0, 1)), (error) => isFailure(error, 'backend.unreachable'))
      await log.close()
    })

    if (!keepsIds) return

    it('stores an id once and says where, in one append, across appends and after opening again', async () => {
      const [first] = await log.append([entry(1)])
      assert.equal(first!.state, 'stored')
      const again = { ...entry(1), key: 'somebody else', line: '{"other":true}' }
      const twice = await log.append([again, entry(2), entry(2)])
      assert.deepEqual(
        twice.map(({ state }) => state),
        ['duplicate', 'stored', 'duplicate'],
      )
      assert.deepEqual(twice[0]!.position, first!.position)
      assert.deepEqual(twice[2]!.position, twice[1]!.position)
      log = await opened.reopen()
      const [later] = await log.append([again])
      assert.deepEqual(later, { state: 'duplicate', position: first!.position })
      assert.deepEqual(
        (await readAll(log))
          .flat()
          .map(({ line }) => line)
          .sort(),
        [entry(1).line, entry(2).line].sort(),
      )
    })

    it('stores an id once when many send it at the same moment', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, at) => log.append([entry(at % 5), entry(100 + at)])),
      )
      const stored = outcomes.flat().filter(({ state }) => state === 'stored')
      assert.equal(stored.length, 55)
      assert.equal((await readAll(log)).flat().length, 55)
    })
  })
}

/** An entry that is all its own; seven keys in turn. */
export function entry(at: number): LogEntry {
  const eid = at.toString(16).padStart(4, '0').repeat(8)
  return { eid, key: `user-${at % 7}`, line: `{"eid":"${eid}","at":${at}}` }
}

export function entries(from: number, count: number): LogEntry[] {
  return Array.from({ length: count }, (_, at) => entry(from + at))
}

/** Everything in the log, by partition, read in small steps. */
export async function readAll(log: EventLog, step = 17): Promise<StoredLine[][]> {
  const partitions: StoredLine[][] = []
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const all: StoredLine[] = []
    for (;;) {
      const some = await log.read(partition, all.length, step)
      if (some.length === 0) break
      all.push(...some)
    }
    partitions.push(all)
  }
  return partitions
}

export interface Sent {
  entries: readonly LogEntry[]
  outcomes: readonly Appended[]
}

/** The log holds what was sent and nothing else, each line at the place that was answered, without gaps. */
export async function checkStored(log: EventLog, sent: readonly Sent[]): Promise<void> {
  const partitions = await readAll(log)
  for (const all of partitions) {
    assert.deepEqual(
      all.map(({ offset }) => offset),
      all.map((_, at) => at),
      'offsets are dense',
    )
  }
  assert.deepEqual(
    await log.ends(),
    partitions.map((all) => all.length),
  )
  const places = new Set<string>()
  for (const { entries, outcomes } of sent) {
    assert.equal(outcomes.length, entries.length)
    outcomes.forEach(({ state, position: { partition, offset } }, at) => {
      if (state === 'duplicate') return
      assert.ok(!places.has(`${partition}/${offset}`), `two events were given ${partition}/${offset}`)
      places.add(`${partition}/${offset}`)
      assert.equal(partitions[partition]?.[offset]?.line, entries[at]!.line)
    })
  }
  assert.equal(places.size, partitions.flat().length, 'the log holds lines that nobody was told of')
}

export function isFailure(error: unknown, code: string): boolean {
  assert.ok(error instanceof MusicboxError, String((error as Error).stack))
  assert.equal(error.code, code)
  return true
}
