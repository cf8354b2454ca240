import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readServing } from '../datasets/serving.ts'
import { freePort } from '../observability/free-port.ts'
import { supervise } from './supervisor.ts'

const PROGRAM = fileURLToPath(new URL('../musicbox.ts', import.meta.url))

describe('musicbox serve', () => {
  it('starts a part again when it was killed, and stops every part when it is told to', async () => {
    const data = await mkdtemp(join(tmpdir(), 'musicbox-serve-'))
    const port = await freePort()
    const lines: string[] = []
    const args = ['--data', data, '--event-port', String(port), '--event-metrics-port', '0']
    const { serving, stop } = await supervise({
      program: PROGRAM,
      args: [...args, '--report-port', '0', '--report-metrics-port', '0', '--pipeline-metrics-port', '0'],
      parts: ['events', 'reports', 'pipeline'],
      data,
      log: (line) => lines.push(line),
    })
    try {
      const events = serving.find(({ part }) => part === 'events')!
      assert.equal(await statusOf(`${events.url}/health/ready`), 200)
      const written = await readServing(data)
      assert.equal(written?.supervisor_pid, process.pid)
      const byPart = (a: { part: string }, b: { part: string }) => a.part.localeCompare(b.part)
      assert.deepEqual(written.parts.toSorted(byPart), serving.toSorted(byPart))
      process.kill(events.pid, 'SIGKILL')
      await until(async () => lines.length > 0 && (await statusOf(`${events.url}/health/ready`)) === 200)
      assert.match(lines[0]!, /events ended \(SIGKILL\)/)
      // Its serving file names the new process, once that is ready.
      const pidNow = async () => (await readServing(data))?.parts.find(({ part }) => part === 'events')?.pid
      await until(async () => ![undefined, events.pid].includes(await pidNow()))
    } finally {
      await stop()
      assert.equal(await readServing(data), undefined)
      await rm(data, { recursive: true, force: true })
    }
    for (const { url, metrics_url } of serving) assert.equal(await statusOf(url ?? metrics_url), 0)
  })

  it('leaves no part behind when the supervisor is killed: its end of their standard input closes', async () => {
    const data = await mkdtemp(join(tmpdir(), 'musicbox-serve-'))
    const ports = ['--event-port', '0', '--event-metrics-port', '0']
    const part = spawn(process.execPath, [PROGRAM, 'serve', 'events', '--data', data, ...ports, '--supervised'])
    try {
      await once(part.stdout, 'data')
      part.stdin.end()
      const [code] = await once(part, 'exit')
      assert.equal(code, 0)
    } finally {
      part.kill('SIGKILL')
      await rm(data, { recursive: true, force: true })
    }
  })

  it('says which part could not start', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const data = await mkdtemp(join(tmpdir(), 'musicbox-serve-'))
    try {
      await assert.rejects(
        supervise({
          program: PROGRAM,
          args: ['--data', data, '--event-port', String(port), '--event-metrics-port', '0'],
          parts: ['events'],
          log: () => {},
        }),
        /"events" ended before it was ready/,
      )
    } finally {
      taken.close()
      await rm(data, { recursive: true, force: true })
    }
  })
})

/** 0 when nobody answers. */
async function statusOf(url: string): Promise<number> {
  return await fetch(url).then(
    (answer) => answer.status,
    () => 0,
  )
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail('the condition did not come true')
}
