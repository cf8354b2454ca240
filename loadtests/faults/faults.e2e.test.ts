import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { supervise } from '../../api/supervisor.ts'
import { readServing } from '../../datasets/serving.ts'
import { freePort } from '../../observability/free-port.ts'
import { type FaultMark, planFaults } from './fault-runner.ts'
import { readFaults } from './read-fault.ts'

const PROGRAM = fileURLToPath(new URL('../../musicbox.ts', import.meta.url))

describe('faults on a running event server', () => {
  it('a pause holds answers and loses none, a cut too, and a killed server is there again behind the same proxy', async () => {
    const data = await mkdtemp(join(tmpdir(), 'musicbox-faults-'))
    const ports = ['--event-port', String(await freePort()), '--event-metrics-port', '0']
    const args = ['--data', data, ...ports]
    const { serving, stop } = await supervise({ program: PROGRAM, args, parts: ['events'], data, log: () => {} })
    try {
      const { url, pid } = serving[0]!
      const faults = ['at=0s for=400ms pause event-api', 'at=1s for=400ms cut event-api', 'at=2s kill event-api']
      const runner = await planFaults(readFaults(faults), { data, eventApi: url!, reportApi: url! })
      try {
        const marks: FaultMark[] = []
        const reached = async (count: number): Promise<void> => await until(async () => marks.length === count)
        const started_ms = performance.now()
        runner.start(started_ms, (mark) => void marks.push(mark))
        for (const count of [1, 2]) {
          await reached(count)
          const { at_s } = marks[count - 1]!
          assert.equal(await statusOf(runner.eventApi), 200)
          assert.ok((performance.now() - started_ms) / 1000 >= at_s + 0.4, 'the answer waited for the end of the fault')
        }
        await reached(3)
        await until(async () => (await statusOf(runner.eventApi)) === 200)
        await until(async () => ![undefined, pid].includes((await readServing(data))?.parts[0]?.pid))
        assert.deepEqual(
          marks.map(({ text }) => text),
          ['pause event-api', 'cut event-api', 'kill event-api'],
        )
        assert.deepEqual(runner.failures, [])
      } finally {
        await runner.stop()
      }
    } finally {
      await stop()
      await rm(data, { recursive: true, force: true })
    }
  })
})

/** 0 when nobody answers. */
async function statusOf(url: string): Promise<number> {
  return await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(30_000) }).then(
    (answer) => answer.status,
    () => 0,
  )
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await condition()) return
    await wait(20)
  }
  assert.fail('the condition did not come true')
}
