import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { dayOf, hourOf } from '../datasets/day.ts'
import { type AcceptedEvent, EVENT_KINDS, eventLine } from '../datasets/event.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { createMetrics } from '../observability/metrics.ts'
import { addChecksums, lineChecksum } from './checksum.ts'
import { type CollectOptions, collect, FAIL_POINTS, INTENT_FOLDER, planBatch } from './collector.ts'
import { openLmdbEventLog } from './embedded/lmdb-event-log.ts'
import { openLocalRawStore } from './embedded/local-raw-store.ts'
import type { EventLog, LogEntry } from './event-log.ts'
import { filesByDay, type Manifest, readManifests } from './manifest.ts'
import type { RawStore } from './raw-store.ts'

const folders: string[] = []
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-collector-'))
  folders.push(folder)
  return folder
}

const START_MS = Date.UTC(2026, 0, 31, 22, 30)
const POISON = ['not JSON', '{"eid":"x"}', '[]', '{"cut":', '']
const EVENT_COUNT = 120

/** Events over three hours of two days, now and then one that is none. */
function logEntries(from: number, count: number): LogEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const at = from + index
    const eid = createHash('md5').update(String(at)).digest('hex')
    const event = {
      eid,
      ts: START_MS + ((at * 7907) % 150) * 60_000,
      uid: `user-${at % 9}`,
      session: 's',
      event: EVENT_KINDS[at % EVENT_KINDS.length],
      songid: 'TRÉ',
      received_ms: START_MS,
    } as AcceptedEvent
    const line = at % 40 === 39 ? POISON[Math.floor(at / 40) % POISON.length]! : eventLine(event)
    return { eid, key: event.uid, line }
  })
}

describe('collector', () => {
  let logFolder: string
  let log: EventLog
  /** What a run without faults gives. */
  let expected: Contents

  before(async () => {
    logFolder = await temporaryFolder()
    log = await openLmdbEventLog(logFolder, { partitionCount: 2 })
    await log.append(logEntries(0, EVENT_COUNT))
    const { raw } = await freshStore()
    await collect(options({ raw }))
    expected = await checkRaw(raw, log)
  })
  after(() => log.close())

  function options(given: Partial<CollectOptions> & { raw: RawStore }): CollectOptions {
    return { log, clock: () => START_MS + 1e9, maxBatchEvents: 50, ...given }
  }

  async function freshStore(): Promise<{ raw: RawStore; folder: string }> {
    const folder = await temporaryFolder()
    return { raw: await openLocalRawStore(folder), folder }
  }

  it('moves every event into the file of its hour, byte for byte, and what is no event into a reject file', async () => {
    const { raw } = await freshStore()
    const progress: number[] = []
    const result = await collect(options({ raw, onProgress: (events) => progress.push(events) }))
    await checkRaw(raw, log)
    assert.deepEqual(result, {
      events: EVENT_COUNT - 3,
      files: 17,
      manifests: 3,
      rejects: 3,
      drained_ms: START_MS + 1e9,
      lag_events: 0,
    })
    assert.equal(progress.at(-1), EVENT_COUNT - 3)
    const manifests = await readManifests(raw)
    assert.deepEqual(
      manifests.map(({ drained_ms }) => drained_ms),
      [undefined, undefined, START_MS + 1e9],
    )
    const rejects = (await rejectsOf(raw, manifests)).map(({ line, reason }) => [line, reason])
    assert.deepEqual(rejects.map(([line]) => line).sort(), [POISON[0], POISON[1], POISON[2]].sort())
    assert.match(String(rejects.find(([line]) => line === '{"eid":"x"}')![1]), /expected eid to be 32/)
    assert.deepEqual([...filesByDay(manifests).keys()], ['2026-01-31', '2026-02-01'])
  })

  it('gives the same bytes at each run', async () => {
    const digests = []
    for (let run = 0; run < 2; run++) {
      const { raw } = await freshStore()
      await collect(options({ raw, writer: 'same' }))
      digests.push(await readManifests(raw))
    }
    assert.deepEqual(digests[0], digests[1])
  })

  it('goes on where it was, and says so when there is nothing new', async () => {
    const ownFolder = await temporaryFolder()
    const ownLog = await openLmdbEventLog(ownFolder)
    const { raw } = await freshStore()
    let now = START_MS
    const run = () => collect(options({ raw, log: ownLog, clock: () => now }))
    assert.deepEqual({ ...(await run()), drained_ms: 0 }, { ...nothing, manifests: 1 })
    await ownLog.append(logEntries(0, 60))
    assert.deepEqual(
      { ...(await run()), drained_ms: 0 },
      { ...nothing, events: 59, rejects: 1, files: 18, manifests: 2 },
    )
    assert.deepEqual({ ...(await run()), drained_ms: 0 }, nothing)
    now += 3_600_000
    assert.deepEqual(await run(), { ...nothing, manifests: 1, drained_ms: now })
    assert.equal((await readManifests(raw)).at(-1)!.drained_ms, now)
    await ownLog.append(logEntries(60, 30))
    await run()
    await checkRaw(raw, ownLog)
    await ownLog.close()
  })

  it('a death after any step, and again at any step of the recovery, loses nothing and doubles nothing', async () => {
    const seen = new Set<string>()
    const deaths: [number, number][] = []
    // After every step of a first run; the second death moves through the steps of recovery and of what follows.
    for (let first = 0; first < 38; first++) deaths.push([first, first % 10])
    for (const [first, second] of deaths) {
      const { raw } = await freshStore()
      for (const [run, stepsLeft] of [first, second].entries()) {
        await dieAfter(stepsLeft, seen, raw, `run-${run}`)
      }
      await collect(options({ raw }))
      assert.deepEqual(await checkRaw(raw, log), expected, `died after steps ${first} and ${second}`)
      assert.deepEqual(await raw.list(INTENT_FOLDER), [])
      assert.deepEqual(await unnamedFiles(raw), [])
    }
    assert.deepEqual([...seen].sort(), [...FAIL_POINTS].sort(), 'every step was died after')
  })

  /** Runs until so many steps are done, and then dies: nothing more reaches the store. */
  async function dieAfter(steps: number, seen: Set<string>, raw: RawStore, writer: string): Promise<void> {
    let left = steps
    let dead = false
    const death = new Error('died')
    const mortal = new Proxy(raw, {
      get: (target, name: keyof RawStore) => (path: string, bytes: Uint8Array) => {
        if (dead) throw death
        return target[name](path, bytes)
      },
    })
    const failPoint: NonNullable<CollectOptions['failPoint']> = (name) => {
      if (left-- > 0) return
      seen.add(name)
      dead = true
      throw death
    }
    await collect(options({ raw: mortal, writer, failPoint })).catch((error) => assert.equal(error, death))
  }

  for (const name of FAIL_POINTS) {
    it(`kill -9 after ${name} loses nothing and doubles nothing`, async () => {
      const { raw, folder } = await freshStore()
      // What only a recovery does needs something to recover from.
      if (RECOVERY_POINTS.has(name)) await dieAfter(6, new Set(), raw, 'first')
      assert.equal(await killedAt(name, folder), 'SIGKILL')
      await collect(options({ raw: await openLocalRawStore(folder) }))
      assert.deepEqual(await checkRaw(raw, log), expected)
      assert.deepEqual(await raw.list(INTENT_FOLDER), [])
      assert.deepEqual(await unnamedFiles(raw), [])
    })
  }

  async function killedAt(name: string, folder: string): Promise<string | null> {
    const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
    const script = `
      import { collect } from ${url('./collector.ts')}
      import { openLmdbEventLog } from ${url('./embedded/lmdb-event-log.ts')}
      import { openLocalRawStore } from ${url('./embedded/local-raw-store.ts')}
      const [logFolder, rawFolder, name] = process.argv.slice(1)
      await collect({
        log: await openLmdbEventLog(logFolder),
        raw: await openLocalRawStore(rawFolder),
        clock: () => ${START_MS + 1e9},
        maxBatchEvents: 50,
        failPoint: (at) => { if (at === name) process.kill(process.pid, 'SIGKILL') },
      })
    `
    const args = ['--input-type=module-typescript', '-e', script, logFolder, folder, name]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const [, signal] = await once(child, 'exit')
    return signal
  }

  it('a slow collector that another has overtaken is fenced at any step, and clears up after itself', async () => {
    for (const point of ['batch-read', 'intent-published', 'file-published', 'rejects-published'] as const) {
      const { raw } = await freshStore()
      let overtaken = false
      const slow = collect(
        options({
          raw,
          failPoint: async (name) => {
            if (name !== point || overtaken) return
            overtaken = true
            await collect(options({ raw }))
          },
        }),
      )
      await assert.rejects(slow, failure('writer.fenced'), point)
      assert.deepEqual(await checkRaw(raw, log), expected, point)
      assert.deepEqual(await unnamedFiles(raw), [], point)
      assert.deepEqual(await raw.list(INTENT_FOLDER), [], point)
    }
  })

  it('two collectors at once: at least one gets through, nothing is lost or doubled', async () => {
    for (let round = 0; round < 6; round++) {
      const { raw, folder } = await freshStore()
      const other = await openLocalRawStore(folder)
      const runs = await Promise.allSettled([
        collect(options({ raw })),
        // Other batches, so that file ranges overlap without being equal.
        collect(options({ raw: other, maxBatchEvents: round % 2 ? 50 : 35 })),
      ])
      const lost = runs.filter((run) => run.status === 'rejected')
      for (const { reason } of lost) assert.ok(failure('writer.fenced')(reason))
      assert.ok(lost.length < 2)
      if (lost.length === 1) await collect(options({ raw }))
      assert.deepEqual(await checkRaw(raw, log), expected)
      await collect(options({ raw }))
      assert.deepEqual(await unnamedFiles(raw), [])
    }
  })

  it('the same events twice in the log stay twice in the raw files: only the night job counts', async () => {
    const twice = {
      ...fixedLog([...(await log.read(0, 0, 20)), ...(await log.read(0, 0, 20))].map(({ line }) => line)),
    }
    const { raw } = await freshStore()
    const { events, rejects } = await collect(options({ raw, log: twice }))
    assert.equal(events + rejects, 40)
    await checkRaw(raw, twice)
  })

  it('refuses a log that is shorter than what was collected from it, has a gap, or other partitions', async () => {
    const { raw } = await freshStore()
    const lines = logEntries(0, 30).map(({ line }) => line)
    await collect(options({ raw, log: fixedLog(lines) }))
    await assert.rejects(collect(options({ raw, log: fixedLog(lines.slice(0, 29)) })), (error) => {
      assert.match((error as Error).message, /partition 0 of the log to reach offset 30.*ends at 29/)
      return failure('data.corrupt')(error)
    })
    await assert.rejects(collect(options({ raw })), failure('data.corrupt'))
    const gap = fixedLog(lines)
    const { read } = gap
    gap.read = async (...given) => (await read(...given)).filter(({ offset }) => offset !== 12)
    const fresh = await freshStore()
    await assert.rejects(collect(options({ raw: fresh.raw, log: gap })), failure('data.corrupt'))
    assert.deepEqual(await readManifests(fresh.raw), [])
  })

  it('does not go on from a broken chain', async () => {
    const { raw, folder } = await freshStore()
    await collect(options({ raw }))
    await rm(join(folder, '_manifests', '000000000002.json'))
    await assert.rejects(collect(options({ raw })), failure('data.corrupt'))
  })

  it('stops before the next batch when it is asked to, and goes on later', async () => {
    const { raw } = await freshStore()
    const controller = new AbortController()
    const run = collect(options({ raw, signal: controller.signal, onProgress: () => controller.abort() }))
    await assert.rejects(run, failure('interrupted'))
    assert.equal((await readManifests(raw)).length, 1)
    await collect(options({ raw }))
    assert.deepEqual(await checkRaw(raw, log), expected)
  })

  it('leaves its intent when the store fails, and the next run finishes the work', async () => {
    const { raw } = await freshStore()
    let publications = 0
    const full = new Proxy(raw, {
      get: (target, name: keyof RawStore) => (path: string, bytes: Uint8Array) => {
        if (name === 'publish' && ++publications > 4) throw new MusicboxError('backend.full', 'no room')
        return target[name](path, bytes)
      },
    })
    await assert.rejects(collect(options({ raw: full })), failure('backend.full'))
    assert.deepEqual(await readManifests(raw), [])
    await collect(options({ raw }))
    assert.deepEqual(await checkRaw(raw, log), expected)
    assert.deepEqual(await unnamedFiles(raw), [])
  })

  it('shows its place, its lag and its watermark as metrics', async () => {
    const { raw } = await freshStore()
    const metrics = createMetrics('collector')
    await collect(options({ raw, metrics }))
    const text = await metrics.registry.metrics()
    const ends = await log.ends()
    for (const [partition, offset] of ends.entries()) {
      assert.match(text, new RegExp(`collector_offset\\{partition="${partition}"[^}]*\\} ${offset}\\n`))
      assert.match(text, new RegExp(`collector_lag_events\\{partition="${partition}"[^}]*\\} 0\\n`))
      assert.match(text, new RegExp(`log_end_offset\\{partition="${partition}"[^}]*\\} ${offset}\\n`))
    }
    assert.match(text, /collector_events_total\{[^}]*\} 117\n/)
    assert.match(text, /collector_rejects_total\{[^}]*\} 3\n/)
    assert.match(text, new RegExp(`watermark_timestamp_seconds\\{stage="raw"[^}]*\\} ${(START_MS + 1e9) / 1000}\\n`))
  })

  it('the check of raw files finds a dropped, a doubled, an altered and a misfiled event', async () => {
    const faults: Record<string, (manifests: Manifest[]) => void> = {
      'a file that no manifest names': (manifests) => void manifests[0]!.files.pop(),
      'a file named twice': ([first, second]) => void second!.files.push(first!.files[0]!),
      'a wrong count': ([first]) => void first!.files[0]!.count++,
      'a wrong checksum': ([first]) => {
        first!.files[0]!.checksum = String(BigInt(first!.files[0]!.checksum) ^ 1n)
      },
      'the wrong hour': ([first]) => {
        first!.files[0]!.hour = '05'
      },
    }
    const { raw } = await freshStore()
    await collect(options({ raw }))
    for (const [fault, plant] of Object.entries(faults)) {
      const manifests = await readManifests(raw)
      plant(manifests)
      await assert.rejects(checkManifests(manifests, raw, log), assert.AssertionError, fault)
    }
  })

  it('a collector without the fence would lose: the check sees it', async () => {
    const { raw } = await freshStore()
    // The fault: a writer that publishes its manifest late although its files are gone.
    let overtaken = false
    const reckless = new Proxy(raw, {
      get: (target, name: keyof RawStore) => (path: string, bytes: Uint8Array) =>
        // Its manifests go to the next free number instead of being refused.
        name === 'publish' && path === '_manifests/000000000001.json' && overtaken
          ? target.publish('_manifests/000000000002.json', renumbered(bytes))
          : target[name](path, bytes),
    })
    const slow = collect(
      options({
        raw: reckless,
        maxBatchEvents: 1000,
        failPoint: async (name) => {
          if (name !== 'rejects-published' || overtaken) return
          overtaken = true
          await dieAfter(30, new Set(), raw, 'other')
          const [fence] = await readManifests(raw)
          previous = createHash('sha256')
            .update(`${JSON.stringify(fence)}\n`)
            .digest('hex')
        },
      }),
    )
    let previous = ''
    const renumbered = (bytes: Uint8Array): Uint8Array =>
      Buffer.from(`${JSON.stringify({ ...JSON.parse(Buffer.from(bytes).toString()), sequence: 2, previous })}\n`)
    await slow.catch(() => {})
    await assert.rejects(checkRaw(raw, log))
  })
})

describe('a batch', () => {
  it('takes as much as it may, in equal shares, and never more than there is', () => {
    const offsets = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(offsets, fc.integer({ min: 1, max: 3000 }), (pairs, eventsMax) => {
        const begin = pairs.map(([from]) => from)
        const ends = pairs.map(([from, count]) => from + count)
        const end = planBatch(begin, ends, eventsMax)
        const taken = end.map((offset, partition) => offset - begin[partition]!)
        const waiting = pairs.map(([, count]) => count)
        assert.equal(sum(taken), Math.min(eventsMax, sum(waiting)))
        taken.forEach((count, partition) => {
          assert.ok(count >= 0 && count <= waiting[partition]!)
          // Whoever got less than another had no more to give.
          if (count < Math.max(...taken) - 1) assert.equal(count, waiting[partition])
        })
      }),
    )
  })
})

const RECOVERY_POINTS: ReadonlySet<string> = new Set(['fence-published', 'leftover-removed', 'leftover-intent-removed'])
const nothing = { events: 0, files: 0, manifests: 0, rejects: 0, drained_ms: 0, lag_events: 0 }

/** Lines by partition and hour, in order; rejects under `rejects`. */
type Contents = Record<string, string[]>

/** The whole promise: what the manifests name is what the log holds, each record once and at its place. */
async function checkRaw(raw: RawStore, log: EventLog): Promise<Contents> {
  return await checkManifests(await readManifests(raw), raw, log)
}

async function checkManifests(manifests: readonly Manifest[], raw: RawStore, log: EventLog): Promise<Contents> {
  const contents: Contents = {}
  for (const file of manifests.flatMap(({ files }) => files)) {
    const bytes = await raw.read(file.path)
    assert.equal(createHash('sha256').update(bytes).digest('hex'), file.sha256)
    assert.equal(bytes.length, file.size_bytes)
    const text = gunzipSync(bytes).toString()
    assert.ok(text.endsWith('\n'))
    const lines = text.slice(0, -1).split('\n')
    assert.equal(lines.length, file.count)
    assert.equal(String(lines.map((line) => lineChecksum(line)).reduce(addChecksums)), file.checksum)
    for (const line of lines) {
      const { ts } = JSON.parse(line) as { ts: number }
      assert.deepEqual([dayOf(ts), hourOf(ts)], [file.day, file.hour])
    }
    assert.ok(file.path.startsWith(`dt=${file.day}/hr=${file.hour}/events-`))
    const key = `p${file.partition} ${file.day} ${file.hour}`
    contents[key] = [...(contents[key] ?? []), ...lines]
  }
  const rejects = await rejectsOf(raw, manifests)
  contents['rejects'] = rejects.map(({ partition, offset, line }) => `${partition}/${offset} ${line}`).sort()

  const ends = await log.ends()
  assert.deepEqual(manifests.at(-1)!.end, ends)
  const logged: Contents = { rejects: [] }
  for (const [partition, end] of ends.entries()) {
    for (const { offset, line } of await log.read(partition, 0, end)) {
      const isReject = rejects.some((reject) => reject.partition === partition && reject.offset === offset)
      if (isReject) {
        logged['rejects']!.push(`${partition}/${offset} ${line}`)
        continue
      }
      const { ts } = JSON.parse(line) as { ts: number }
      const key = `p${partition} ${dayOf(ts)} ${hourOf(ts)}`
      logged[key] = [...(logged[key] ?? []), line]
    }
  }
  logged['rejects']!.sort()
  assert.deepEqual(contents, logged)
  return contents
}

async function rejectsOf(
  raw: RawStore,
  manifests: readonly Manifest[],
): Promise<{ partition: number; offset: number; reason: string; line: string }[]> {
  const found = []
  for (const { rejects } of manifests) {
    if (!rejects) continue
    const bytes = await raw.read(rejects.path)
    assert.equal(createHash('sha256').update(bytes).digest('hex'), rejects.sha256)
    const lines = Buffer.from(bytes).toString().trimEnd().split('\n')
    assert.equal(lines.length, rejects.count)
    found.push(...lines.map((line) => JSON.parse(line)))
  }
  return found
}

/** Files in the store that no manifest names. */
async function unnamedFiles(raw: RawStore): Promise<string[]> {
  const manifests = await readManifests(raw)
  const named = new Set(manifests.flatMap(({ files, rejects }) => [...files.map(({ path }) => path), rejects?.path]))
  const found: string[] = []
  for (const folder of await raw.list('')) {
    if (folder === '_rejects') found.push(...(await raw.list(folder)).map((name) => `${folder}/${name}`))
    if (!folder.startsWith('dt=')) continue
    for (const hour of await raw.list(folder)) {
      found.push(...(await raw.list(`${folder}/${hour}`)).map((name) => `${folder}/${hour}/${name}`))
    }
  }
  return found.filter((path) => !named.has(path))
}

/** A log of one partition with these lines, to be read. */
function fixedLog(lines: readonly string[]): EventLog {
  return {
    partitionCount: 1,
    append: async () => [],
    read: async (_, from, max) => lines.slice(from, from + max).map((line, at) => ({ offset: from + at, line })),
    ends: async () => [lines.length],
    close: async () => {},
  }
}

function failure(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof MusicboxError, String((error as Error).stack))
    assert.equal(error.code, code, error.message)
    return true
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
