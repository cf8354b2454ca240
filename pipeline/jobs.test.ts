import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MusicboxError } from '../datasets/failure.ts'
import { createMetrics } from '../observability/metrics.ts'
import type { Backend } from './backend.ts'
import type { EventLog } from './event-log.ts'
import { JobHealth } from './job-health.ts'
import { type JobsOptions, runJobs } from './jobs.ts'
import { openWay, someEvents } from './way.suite.ts'

const PATIENCE_MS = 1000

describe('the jobs', () => {
  it('are ready while they work, and when there is nothing to do for hours', async () => {
    const jobs = await started((log) => log)
    await jobs.until(() => jobs.lines.some((line) => line.startsWith('collector: 40 events')))
    jobs.clock.now_ms += 3 * 3_600_000
    assert.equal(jobs.health.collector.unready(), undefined)
    assert.equal(jobs.hopeless, undefined)
    await jobs.stop()
  })

  it('are not ready when the log does not answer, and ask for a new process when that lasts', async () => {
    const jobs = await started((log) => ({ ...log, ends: () => new Promise(() => {}) }))
    await jobs.until(() => jobs.asked)
    assert.equal(jobs.health.collector.unready(), undefined)
    jobs.clock.now_ms += PATIENCE_MS + 1
    assert.match(jobs.health.collector.unready() ?? 'ready', /work waits, and none was done for 1\.0 s/)
    assert.equal(jobs.hopeless, undefined)
    jobs.clock.now_ms += 2 * PATIENCE_MS
    await jobs.until(() => jobs.hopeless !== undefined)
    jobs.abandon()
  })

  it('say why a run failed, and are ready again after the next one', async () => {
    let broken = true
    const jobs = await started((log) => ({
      ...log,
      ends: () => (broken ? Promise.reject(new MusicboxError('backend.unreachable', 'no broker')) : log.ends()),
    }))
    await jobs.until(() => jobs.health.collector.unready() !== undefined)
    assert.match(jobs.health.collector.unready()!, /no broker/)
    assert.equal(jobs.health.night.unready(), undefined, 'the night has not run yet')
    // However long it fails: it is tried again here, and a new process could do no more.
    jobs.clock.now_ms += 10 * PATIENCE_MS
    assert.equal(jobs.health.collector.hopeless(), undefined)
    broken = false
    await jobs.stop()
    const healed = await started((log) => log)
    await healed.until(() => healed.lines.some((line) => line.startsWith('collector: ')))
    assert.equal(healed.health.collector.unready(), undefined)
    await healed.stop()
  })
})

interface Jobs {
  clock: { now_ms: number }
  health: JobsOptions['health']
  lines: string[]
  /** Whether the log was asked anything. */
  asked: boolean
  hopeless: string | undefined
  until(met: () => boolean): Promise<void>
  stop(): Promise<void>
  /** For jobs that hang. */
  abandon(): void
}

async function started(change: (log: EventLog) => EventLog): Promise<Jobs> {
  const way = await openWay()
  const events = someEvents(['2026-11-29'], 40)
  await way.log.append(events.map((event) => ({ eid: event.eid, key: event.uid, line: JSON.stringify(event) })))
  const clock = { now_ms: Date.parse('2026-11-30T12:10:00Z') }
  const abort = new AbortController()
  const plain: EventLog = {
    partitionCount: way.log.partitionCount,
    append: (entries) => way.log.append(entries),
    read: (partition, from, max) => way.log.read(partition, from, max),
    ends: () => way.log.ends(),
    close: () => way.log.close(),
  }
  const changed = change(plain)
  const jobs: Jobs = {
    clock,
    health: {
      collector: new JobHealth(() => clock.now_ms, PATIENCE_MS),
      night: new JobHealth(() => clock.now_ms, PATIENCE_MS),
    },
    lines: [],
    asked: false,
    hopeless: undefined,
    async until(met) {
      const end_ms = Date.now() + 20_000
      while (!met()) {
        assert.ok(Date.now() < end_ms, `waited in vain; ${jobs.lines.join('\n')}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    async stop() {
      abort.abort()
      await running
      await way.close()
    },
    abandon() {
      abort.abort()
      void way.close()
    },
  }
  const backend: Backend = {
    ...way.backend,
    log: async () => ({
      ...changed,
      ends() {
        jobs.asked = true
        return changed.ends()
      },
    }),
  }
  const options: JobsOptions = {
    backend,
    clock: () => clock.now_ms,
    metrics: createMetrics('pipeline'),
    collect_every_ms: 3_600_000,
    night_at_ms: 0,
    signal: abort.signal,
    health: jobs.health,
    onHopeless: (reason) => {
      jobs.hopeless = reason
    },
    log: (line) => void jobs.lines.push(line),
  }
  const running = runJobs(options)
  return jobs
}
