import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { checkStored, entries, entry, eventLogSuite, isFailure, readAll, type Sent } from '../event-log.suite.ts'
import type { Appended, EventLog } from '../event-log.ts'
import { type LmdbEventLogOptions, openLmdbEventLog } from './lmdb-event-log.ts'

const folders: string[] = []
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-log-'))
  folders.push(folder)
  return folder
}

async function openTemporary(options: LmdbEventLogOptions = {}) {
  const folder = await temporaryFolder()
  let log = await openLmdbEventLog(folder, options)
  return {
    log,
    folder,
    reopen: async () => {
      await log.close()
      log = await openLmdbEventLog(folder, options)
      return log
    },
    cleanUp: () => log.close(),
  }
}

eventLogSuite('lmdb', () => openTemporary())
// So few waiting ids and so small commits that the sweep, its records and their removal all have work to do.
eventLogSuite('lmdb, index swept at every commit', () => openTemporary({ waitingIdsMax: 3, groupEventsMax: 5 }))

/** A process that appends when told to. Ends with its standard input. */
const WRITER = `
  import { createInterface } from 'node:readline'
  import { openLmdbEventLog } from ${JSON.stringify(new URL('./lmdb-event-log.ts', import.meta.url).href)}
  const log = await openLmdbEventLog(process.argv[1], JSON.parse(process.argv[2]))
  console.log('ready')
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = log.append(JSON.parse(line)).catch(({ code, message }) => ({ code, message }))
    answer.then((outcomes) => console.log(JSON.stringify(outcomes)))
  }
  await log.close()
`

async function startWriter(folder: string, options: LmdbEventLogOptions = {}, shell?: string) {
  const args = ['--input-type=module-typescript', '-e', WRITER, folder, JSON.stringify(options)]
  const child: ChildProcess = shell
    ? spawn('bash', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...args], {
        stdio: ['pipe', 'pipe', 'ignore'],
      })
    : spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const exited = once(child, 'exit')
  assert.equal((await answers.next()).value, 'ready')
  return {
    child,
    send: (batch: unknown) => void child.stdin!.write(`${JSON.stringify(batch)}\n`),
    /** The next answer; undefined when the process is gone. */
    answer: async () => {
      const { value } = await answers.next()
      return value === undefined ? undefined : (JSON.parse(value) as Appended[] & { code?: string; message?: string })
    },
    end: async () => {
      child.stdin!.end()
      await exited
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

describe('lmdb event log', () => {
  it('keeps ids exactly whatever is sent, swept and opened again', async () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.array(fc.nat(60), { minLength: 1, maxLength: 12 }) },
      { weight: 1, arbitrary: fc.constant('reopen' as const) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(20), async (steps, waitingIdsMax) => {
        const opened = await openTemporary({ waitingIdsMax, groupEventsMax: 8, partitionCount: 3 })
        let log: EventLog = opened.log
        const model = new Map<number, Appended>()
        const sent: Sent[] = []
        for (const ids of steps) {
          if (ids === 'reopen') {
            log = await opened.reopen()
            continue
          }
          const batch = ids.map(scattered)
          const outcomes = await log.append(batch)
          sent.push({ entries: batch, outcomes })
          ids.forEach((id, at) => {
            const known = model.get(id)
            if (known) assert.deepEqual(outcomes[at], { state: 'duplicate', position: known.position })
            else assert.equal(outcomes[at]!.state, 'stored')
            if (!known) model.set(id, outcomes[at]!)
          })
        }
        await checkStored(log, sent)
        await opened.cleanUp()
      }),
      { numRuns: 25 },
    )
  })

  it('is shared by two processes: offsets stay dense and ids single', async () => {
    const { log, folder, cleanUp } = await openTemporary({ waitingIdsMax: 40 })
    const other = await startWriter(folder, { waitingIdsMax: 40 })
    const sent: Sent[] = []
    for (let round = 0; round < 25; round++) {
      const mine = Array.from({ length: 8 }, (_, at) => scattered(round * 10 + at))
      const theirs = Array.from({ length: 8 }, (_, at) => scattered(round * 10 + 4 + at))
      other.send(theirs)
      const outcomes = await log.append(mine)
      sent.push({ entries: mine, outcomes }, { entries: theirs, outcomes: (await other.answer())! })
    }
    await other.end()
    await checkStored(log, sent)
    const states = sent.flatMap(({ outcomes }) => outcomes.map(({ state }) => state))
    assert.equal(states.filter((state) => state === 'stored').length, 252)
    await cleanUp()
  })

  it('a process that has been away for whole rounds of the sweep reads the index anew', async () => {
    const { log, folder, cleanUp } = await openTemporary({ waitingIdsMax: 2 })
    await log.append([scattered(1)])
    const other = await startWriter(folder, { waitingIdsMax: 0 })
    // Each id of the last slot carries the hand to the end of a round.
    for (let round = 0; round < 6; round++) {
      other.send([{ ...scattered(1000 + round), eid: `fff${'0'.repeat(28)}${round}` }])
      assert.equal((await other.answer())![0]!.state, 'stored')
    }
    await other.end()
    assert.equal((await log.append([scattered(1)]))[0]!.state, 'duplicate')
    assert.equal((await log.append([{ ...scattered(1), eid: `fff${'0'.repeat(28)}0` }]))[0]!.state, 'duplicate')
    assert.equal((await log.append([scattered(2)]))[0]!.state, 'stored')
    await cleanUp()
  })

  it('kill -9: every acknowledged event is there, and sending all again stores the rest once', async () => {
    const folder = await temporaryFolder()
    const options = { waitingIdsMax: 30, groupEventsMax: 40 }
    const batches = Array.from({ length: 30 }, (_, at) => entries(at * 10, 10))
    let acked = 0
    for (const killAfter of [3, 8]) {
      const writer = await startWriter(folder, options)
      for (const batch of batches) writer.send(batch)
      for (let at = 0; at < killAfter; at++) {
        await writer.answer()
        acked = Math.max(acked, at + 1)
      }
      await writer.kill()
      const log = await openLmdbEventLog(folder)
      const stored = new Set((await readAll(log)).flat().map(({ line }) => line))
      for (const { line } of batches.slice(0, acked).flat()) assert.ok(stored.has(line), `lost ${line}`)
      await log.close()
    }
    const log = await openLmdbEventLog(folder, options)
    for (const batch of batches) await log.append(batch)
    assert.deepEqual(
      (await readAll(log))
        .flat()
        .map(({ line }) => line)
        .sort(),
      batches
        .flat()
        .map(({ line }) => line)
        .sort(),
    )
    await log.close()
  })

  it('a full disk: refuses with backend.full, keeps what it acknowledged, and works again when there is room', {
    skip: process.platform === 'win32' && 'file size limits need a POSIX shell',
  }, async () => {
    const folder = await temporaryFolder()
    // The shell's limit on file size (in 1,024-byte blocks) makes writes fall short, as a full disk does.
    const writer = await startWriter(folder, {}, 'ulimit -f 600')
    const sent: Sent[] = []
    let refusal: { code?: string; message?: string } | undefined
    for (let at = 0; at < 100 && !refusal; at++) {
      const batch = entries(at * 20, 20).map((each) => ({ ...each, line: each.line.padEnd(1500) }))
      writer.send(batch)
      const outcomes = (await writer.answer())!
      if (Array.isArray(outcomes)) sent.push({ entries: batch, outcomes })
      else refusal = outcomes
    }
    assert.equal(refusal?.code, 'backend.full', refusal?.message)
    // Not a crash: the process still answers, and goes on refusing.
    writer.send(entries(8000, 20).map((each) => ({ ...each, line: each.line.padEnd(1500) })))
    assert.equal((await writer.answer())?.code, 'backend.full')
    await writer.end()
    assert.ok(sent.length > 5)
    const log = await openLmdbEventLog(folder)
    const later = entries(5000, 10)
    await checkStored(log, [...sent, { entries: later, outcomes: await log.append(later) }])
    await log.close()
  })

  it('refuses another partition count, and says which it has', async () => {
    const folder = await temporaryFolder()
    await (await openLmdbEventLog(folder, { partitionCount: 6 })).close()
    await assert.rejects(
      openLmdbEventLog(folder, { partitionCount: 4 }),
      (error) => isFailure(error, 'input.invalid') && /made with 6/.test((error as Error).message),
    )
    const log = await openLmdbEventLog(folder)
    assert.equal(log.partitionCount, 6)
    await log.close()
    await assert.rejects(openLmdbEventLog(folder, { partitionCount: 0 }), (error) => isFailure(error, 'input.invalid'))
  })

  it('says so when the folder cannot be used', async () => {
    const file = join(await temporaryFolder(), 'taken')
    await writeFile(file, 'not a folder')
    await assert.rejects(openLmdbEventLog(file), (error) => isFailure(error, 'backend.unreachable'))
  })

  it('refuses an entry that would break its form, and stores nothing of that append', async () => {
    const { log, cleanUp } = await openTemporary()
    for (const wrong of [{ eid: 'ABC' }, { eid: 'A'.repeat(32) }, { line: 'two\nlines' }]) {
      await assert.rejects(log.append([entry(1), { ...entry(2), ...wrong }]), (error) =>
        isFailure(error, 'input.invalid'),
      )
    }
    assert.deepEqual(await readAll(log), [[], [], [], []])
    await cleanUp()
  })
})

describe('the check of a log', () => {
  it('finds a lost, a doubled and a misplaced event', async () => {
    const faults: Record<string, (log: EventLog) => Partial<EventLog>> = {
      lost: (log) => ({ append: async (batch) => [...(await log.append(batch.slice(1))), answer(0, 0)] }),
      doubled: (log) => ({
        append: async (batch) => {
          const outcomes = await log.append(batch)
          await log.append([{ ...batch[0]!, eid: 'f'.repeat(32) }])
          return outcomes
        },
      }),
      misplaced: (log) => ({ append: async (batch) => (await log.append(batch)).toReversed() }),
      'given the same offset': (log) => ({
        append: async (batch) => {
          const outcomes = await log.append(batch)
          return outcomes.map((outcome, at) => outcomes[at === 0 ? at : at - 1] ?? outcome)
        },
      }),
    }
    for (const [fault, plant] of Object.entries(faults)) {
      const { log, cleanUp } = await openTemporary()
      const faulty = { ...bound(log), ...plant(log) }
      const batch = entries(0, 20)
      const outcomes = await faulty.append(batch)
      await assert.rejects(checkStored(faulty, [{ entries: batch, outcomes }]), assert.AssertionError, fault)
      await cleanUp()
    }
  })
})

/** Entries whose ids lie all over the slots, unlike {@link entry}'s. */
function scattered(at: number) {
  const eid = (Math.imul(at + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').repeat(4)
  return { ...entry(at), eid }
}

function answer(partition: number, offset: number): Appended {
  return { state: 'stored', position: { partition, offset } }
}

function bound(log: EventLog): EventLog {
  return {
    partitionCount: log.partitionCount,
    append: (batch) => log.append(batch),
    read: (partition, from, max) => log.read(partition, from, max),
    ends: () => log.ends(),
    close: () => log.close(),
  }
}
