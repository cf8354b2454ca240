import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { eventLine, type WireEvent } from '../datasets/event.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { openLmdbEventLog } from './embedded/lmdb-event-log.ts'
import { readAll } from './event-log.suite.ts'
import type { EventLog } from './event-log.ts'
import { type ImportEventsOptions, type ImportReject, importEvents } from './import-events.ts'

/** The two lines of the project's first description. */
const SEED_LINES = [
  '{"timestamp": "Thu Dec 19 13:11:06 2013", "songid": "4ad8e5ac8c3ff7d706b3221d8692ceb2", "uid": "8c24dbaf-e50e-4b47-9fd6-da426752b6d4", "ip4": "248.132.126.127", "event": "tup"}',
  '{"timestamp": "Thu Dec 19 13:18:14 2013", "songid": "323eeeea1d41be8f6f12fe28b9037d6c", "uid": "8c24dbaf-e50e-4b47-9fd6-da426752b6d4", "ip4": "248.132.126.127", "event": "play"} ',
] as const
const GUEST = '{"timestamp": "2013-12-19 13:20:00", "uid": "Guest_10.1.2.3", "event": "login"}'

const cleanUps: (() => Promise<void>)[] = []
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp()
})

async function openLog(): Promise<EventLog> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-import-'))
  const log = await openLmdbEventLog(folder, { partitionCount: 1 })
  cleanUps.push(async () => {
    await log.close()
    await rm(folder, { recursive: true })
  })
  return log
}

async function importText(log: EventLog, input: string | Uint8Array, given: Partial<ImportEventsOptions> = {}) {
  const rejects: ImportReject[] = []
  const result = await importEvents({
    source: chunks(Buffer.from(input)),
    log,
    artistOf: (songid) => (songid === '323eeeea1d41be8f6f12fe28b9037d6c' ? 'AR1' : undefined),
    rejects: (reject) => rejects.push(reject),
    ...given,
  })
  return { ...result, rejects }
}

async function* chunks(bytes: Buffer, size = 50): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function linesOf(log: EventLog) {
  return (await readAll(log)).flat().map(({ line }) => JSON.parse(line) as Record<string, unknown>)
}

describe('an import of events', () => {
  it('reads the seed’s lines: one a line, run together, with a mark, carriage returns and blank lines', async () => {
    const files = [
      SEED_LINES.join('\n'),
      SEED_LINES.join(''),
      `\ufeff${SEED_LINES.join('\r\n\r\n')}\r\n`,
      `\n\n${SEED_LINES.join('\n\n\n')}`,
    ]
    const logs = []
    for (const file of files) {
      const log = await openLog()
      const { rejects, ...result } = await importText(log, file)
      assert.deepEqual(rejects, [])
      assert.deepEqual(result, {
        bytes: Buffer.byteLength(file),
        objects: 2,
        stored: 2,
        duplicates: 0,
        rejected: 0,
        unknown_songs: 1,
        unknown_song_events: 1,
      })
      logs.push(await linesOf(log))
    }
    for (const lines of logs) assert.deepEqual(lines, logs[0])
    const { eid, ...event } = logs[0]![1]!
    assert.match(String(eid), /^[0-9a-f]{32}$/)
    assert.deepEqual(event, {
      ts: Date.UTC(2013, 11, 19, 13, 18, 14),
      uid: '8c24dbaf-e50e-4b47-9fd6-da426752b6d4',
      session: 'imported',
      event: 'play',
      songid: '323eeeea1d41be8f6f12fe28b9037d6c',
      artistid: 'AR1',
      ip4: '248.132.126.127',
      received_ms: Date.UTC(2013, 11, 19, 13, 18, 14),
    })
  })

  it('changes nothing the second time, and keeps equal lines of one file apart', async () => {
    const log = await openLog()
    const file = [SEED_LINES[0], GUEST, SEED_LINES[0], SEED_LINES[0].replaceAll(': ', ':')].join('\n')
    assert.equal((await importText(log, file)).stored, 4)
    const before = await readAll(log)
    const again = await importText(log, file)
    assert.deepEqual([again.stored, again.duplicates], [0, 4])
    assert.deepEqual(await readAll(log), before)
    // A file that has grown brings only what is new.
    const grown = await importText(log, `${file}\n${GUEST}`)
    assert.deepEqual([grown.stored, grown.duplicates], [1, 4])
  })

  it('reads what the API takes and what raw files hold, and gives raw lines back to the byte', async () => {
    const wire: WireEvent = {
      eid: 'a'.repeat(32),
      ts: 5,
      uid: 'u',
      session: 's',
      event: 'rate',
      songid: 'TR1',
      stars: 9,
    }
    const stored = eventLine({ ...wire, eid: 'b'.repeat(32), received_ms: 77, artistid: 'AR9' })
    const log = await openLog()
    const { rejects } = await importText(log, `${JSON.stringify(wire)}\n${stored}\n`, { artistOf: () => 'AR9' })
    assert.deepEqual(rejects, [])
    const lines = (await readAll(log)).flat().map(({ line }) => line)
    assert.deepEqual(lines, [eventLine({ ...wire, received_ms: 5, artistid: 'AR9' }), stored])
  })

  it('reports each bad piece with its place and reason, and takes all others', async () => {
    const log = await openLog()
    const pieces: [text: string, reason?: RegExp][] = [
      [SEED_LINES[0]],
      ['{"timestamp": "Thu Dec 19 13:11:06 2013", "songid": "4ad8', /"," or the end/],
      [SEED_LINES[1].trim()],
      ['\n'],
      ['rubbish', /expected "\{"/],
      ['\n'],
      ['{"timestamp": "yesterday", "uid": "u", "event": "login"}', /Expected timestamp like/],
      ['{"eid":"short","ts":5,"uid":"u","session":"s","event":"login"}', /^eid: expected 32/],
      [`{"eid":"${'c'.repeat(32)}","ts":5,"uid":"u","session":"s","event":"login","received_ms":"x"}`, /^received_ms/],
      ['{}', /./],
      [GUEST],
      ['{"timestamp": "Thu Dec 19 13:1', /cut short/],
    ]
    const { rejects, ...result } = await importText(log, pieces.map(([text]) => text).join(''))
    const expected = pieces.flatMap(([text, reason], at) => {
      const offset_bytes = pieces.slice(0, at).reduce((sum, [piece]) => sum + Buffer.byteLength(piece), 0)
      return reason ? [{ offset_bytes, size_bytes: Buffer.byteLength(text), text, reason }] : []
    })
    assert.deepEqual(
      rejects.map(({ reason: _, ...place }) => place),
      expected.map(({ reason: _, ...place }) => place),
    )
    for (const [at, { reason }] of rejects.entries()) assert.match(reason, expected[at]!.reason)
    assert.deepEqual([result.stored, result.rejected, result.objects], [3, expected.length, 7])
  })

  it('does not depend on how the file comes in', async () => {
    const file = Buffer.from(`\ufeff${SEED_LINES[0]}{"bad": "é${GUEST}\r\n${SEED_LINES.join('')}{"cut`)
    const expected = await importText(await openLog(), file)
    assert.deepEqual([expected.stored, expected.rejected], [4, 2])
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), async (size) => {
        // Stored once by now in this log: outcomes are held to what they must be the second time.
        const log = await openLog()
        assert.deepEqual(await importText(log, file, { source: chunks(file, size) }), expected)
      }),
      { numRuns: 12 },
    )
  })

  it('stops when it is asked to, and the next import does the rest', async () => {
    const line = (at: number): string =>
      JSON.stringify({ eid: String(at).padStart(32, '0'), ts: at, uid: 'u', session: 's', event: 'login' })
    const file = Array.from({ length: 12_000 }, (_, at) => line(at)).join('\n')
    const log = await openLog()
    const controller = new AbortController()
    const progress: number[] = []
    await assert.rejects(
      importText(log, file, {
        source: chunks(Buffer.from(file), 60_000),
        signal: controller.signal,
        onProgress: ({ stored }) => {
          progress.push(stored)
          controller.abort()
        },
      }),
      (error) => error instanceof MusicboxError && error.code === 'interrupted' && /5000 events/.test(error.message),
    )
    assert.deepEqual(progress, [5000])
    const { stored, duplicates } = await importText(log, file, { source: chunks(Buffer.from(file), 60_000) })
    assert.deepEqual([stored, duplicates], [7000, 5000])
  })

  it('says so when the file cannot be read to its end', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(SEED_LINES[0])
      throw new Error('the disk is gone')
    }
    await assert.rejects(
      importText(await openLog(), '', { source: failing() }),
      (error) =>
        error instanceof MusicboxError && error.code === 'backend.unreachable' && /disk is gone/.test(error.message),
    )
  })
})
