import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Part, writeServing } from '../../datasets/serving.ts'
import { type FaultMark, type FaultRunner, planFaults } from './fault-runner.ts'
import { HandClock } from './hand-clock.suite.ts'
import { readFaults } from './read-fault.ts'

/** Looks like a part of `musicbox serve` to whoever reads its command line, and counts as long as it may run. */
const PART_PROGRAM = `let count = 0; setInterval(() => process.stdout.write(++count + '\\n'), 5)`
const NO_PROC = existsSync('/proc/self/stat') ? false : 'there is no /proc here to see a stopped process in'

describe('faults in a run', () => {
  let data: string
  let server: Server
  let url: string
  const parts: ChildProcess[] = []
  const runners: FaultRunner[] = []

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'musicbox-faults-'))
    server = createServer((_, response) => response.end('well')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  })
  afterEach(async () => {
    for (const runner of runners.splice(0)) await runner.stop()
    for (const part of parts.splice(0)) part.kill('SIGKILL')
    server.closeAllConnections()
    server.close()
    await rm(data, { recursive: true, force: true })
  })

  /** A child that the serving file names as this part. */
  async function startPart(part: Part, args = ['serve', part, '--supervised']): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['-e', PART_PROGRAM, '--', 'musicbox.ts', ...args])
    parts.push(child)
    await once(child.stdout!, 'data')
    const metrics_url = 'http://127.0.0.1:1/metrics'
    writeServing(data, { supervisor_pid: process.pid, parts: [{ part, pid: child.pid!, url, metrics_url }] })
    return child
  }

  /** A run with these faults on a clock that stands still at its start. */
  async function startRun(...texts: string[]) {
    const clock = new HandClock()
    const runner = await planFaults(readFaults(texts), { data, eventApi: url, reportApi: url, clock })
    runners.push(runner)
    const marks: FaultMark[] = []
    clock.moveTo(5000)
    runner.start(5000, (mark) => void marks.push(mark))
    return { clock, runner, marks }
  }

  const moved = ['at=20s kill event-api', 'SIGKILL'] as const
  for (const [text, signal] of [moved, ['at=20s stop event-api', 'SIGTERM']] as const) {
    it(`does its signal at its time and marks it then: ${text}`, async () => {
      const part = await startPart('events')
      const exited = once(part, 'exit')
      const { clock, marks } = await startRun(text)
      clock.moveTo(24_999)
      await wait(50)
      assert.deepEqual([part.signalCode, marks], [null, []])
      clock.moveTo(25_000)
      assert.deepEqual(await exited, [null, signal])
      await until(() => marks.length === 1)
      assert.deepEqual(marks, [{ at_s: 20, kind: 'fault', text: text.slice('at=20s '.length) }])
    })
  }

  it('pauses a part for its time, and marks from when to when', { skip: NO_PROC }, async () => {
    const part = await startPart('pipeline')
    const { clock, marks, runner } = await startRun('at=1s for=5s pause pipeline')
    clock.moveTo(6000)
    await until(() => marks.length === 1)
    await until(async () => (await stateOf(part)) === 'T')
    assert.deepEqual(marks, [{ at_s: 1, until_s: 6, kind: 'fault', text: 'pause pipeline' }])
    clock.moveTo(10_999)
    await wait(50)
    await until(async () => (await stateOf(part)) === 'T')
    clock.moveTo(11_500)
    await until(async () => (await stateOf(part)) !== 'T')
    assert.equal(part.signalCode, null)
    await runner.stop()
    assert.deepEqual([marks.length, runner.failures], [1, []])
  })

  it('continues a paused part when the run is stopped before its time', { skip: NO_PROC }, async () => {
    const part = await startPart('events')
    const { clock, marks, runner } = await startRun('at=1s pause event-api', 'at=9s kill event-api')
    clock.moveTo(6000)
    await until(() => marks.length === 1)
    await until(async () => (await stateOf(part)) === 'T')
    clock.moveTo(8000)
    await runner.stop()
    assert.notEqual(await stateOf(part), 'T')
    assert.equal(marks[0]!.until_s, 3)
    assert.deepEqual(runner.failures, ['at=9s kill event-api did not happen: the run was over after 3.0 s'])
    clock.moveTo(99_000)
    await wait(50)
    assert.deepEqual([part.signalCode, marks.length], [null, 1])
  })

  it('continues a paused part when the run is killed', { skip: NO_PROC }, async () => {
    const part = await startPart('events')
    const runner = await startOtherRun()
    try {
      await until(async () => (await stateOf(part)) === 'T')
      runner.kill('SIGKILL')
      await until(async () => (await stateOf(part)) !== 'T')
      assert.equal(part.signalCode, null)
    } finally {
      runner.kill('SIGKILL')
    }
  })

  it('continues a paused part when the process that does the faults is killed, and says so', {
    skip: NO_PROC,
  }, async () => {
    const part = await startPart('events')
    const { clock, marks, runner } = await startRun('at=1s pause event-api', 'at=9s kill event-api')
    clock.moveTo(6000)
    await until(() => marks.length === 1)
    await until(async () => (await stateOf(part)) === 'T')
    process.kill(await childNamed('fault-process.ts'), 'SIGKILL')
    await until(async () => (await stateOf(part)) !== 'T')
    clock.moveTo(20_000)
    await until(() => marks.length === 2)
    assert.match(marks[1]!.text, /kill event-api failed/)
    assert.ok(runner.failures.some((failure) => /ended \(SIGKILL\)/.test(failure)))
    assert.equal(part.signalCode, null)
  })

  /** Another process with a run whose pause has begun. */
  async function startOtherRun(): Promise<ChildProcess> {
    const here = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href)
    const program = `
      const { planFaults } = await import(${here('./fault-runner.ts')})
      const { readFaults } = await import(${here('./read-fault.ts')})
      const address = ${JSON.stringify(url)}
      const options = { data: ${JSON.stringify(data)}, eventApi: address, reportApi: address }
      const runner = await planFaults(readFaults(['at=0s pause event-api']), options)
      runner.start(performance.now(), ({ text }) => console.log(text))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout!, 'data')) as [Buffer]
    assert.equal(line.toString(), 'pause event-api\n')
    return child
  }

  describe('never signal a process that is not the part', () => {
    for (const [what, args] of [
      ['another program', ['play', 'events']],
      ['another part', ['serve', 'reports', '--supervised']],
      ['a part that somebody started by hand', ['serve', 'events']],
    ] as const) {
      it(`that has become ${what}`, { skip: NO_PROC }, async () => {
        const other = await startPart('events', [...args])
        await assert.rejects(startRun('at=1s kill event-api'), {
          code: 'not.found',
          message: /to be the part "events" of musicbox serve, got "/,
        })
        assert.equal(other.signalCode, null)
      })
    }

    it('that has another parent than the supervisor', { skip: NO_PROC }, async () => {
      const { pid } = await startPart('events')
      const served = { part: 'events' as const, pid: pid!, url, metrics_url: url }
      writeServing(data, { supervisor_pid: process.ppid, parts: [served] })
      await assert.rejects(startRun('at=1s kill event-api'), { message: /not of its supervisor/ })
    })

    it('that has ended meanwhile: the fault is marked as failed, and the run can say so', async () => {
      const part = await startPart('events')
      const { clock, marks, runner } = await startRun('at=1s kill event-api')
      const exited = once(part, 'exit')
      part.kill('SIGKILL')
      await exited
      clock.moveTo(6000)
      await until(() => marks.length === 1)
      assert.match(marks[0]!.text, /^kill event-api failed: .*got no such process/)
      assert.equal(runner.failures.length, 1)
    })
  })

  describe('are refused before the load begins', () => {
    it('when nobody serves the data folder', async () => {
      await assert.rejects(startRun('at=1s kill event-api'), { code: 'not.found', message: /got no such file/ })
    })

    it('when the part is not among those that run', async () => {
      await startPart('events')
      await assert.rejects(startRun('at=1s pause pipeline'), {
        code: 'not.found',
        message: /"pipeline", got only events/,
      })
    })

    it('when another server is loaded than would be hit', async () => {
      await startPart('events')
      const options = { data, eventApi: 'http://127.0.0.1:9', reportApi: url }
      await assert.rejects(planFaults(readFaults(['at=1s kill event-api']), options), {
        code: 'input.invalid',
        message: /event-api to go to http:\/\/127\.0\.0\.1:\d+.*got http:\/\/127\.0\.0\.1:9\//,
      })
    })

    for (const address of ['http://192.0.2.1:8080', 'https://127.0.0.1:8080', 'http://example.com']) {
      it(`when a proxy would have to go to ${address}`, async () => {
        const options = { data, eventApi: address, reportApi: url }
        await assert.rejects(planFaults(readFaults(['at=1s cut event-api']), options), { code: 'input.invalid' })
      })
    }
  })

  it('of the network give the script another address, and leave the other server’s alone', async () => {
    const { runner } = await startRun('at=1s for=1s down event-api')
    assert.notEqual(runner.eventApi, url)
    assert.match(runner.eventApi, /^http:\/\/127\.0\.0\.1:\d+$/)
    assert.equal(runner.reportApi, url)
    assert.equal(await textOf(runner.eventApi), 'well')
  })

  it('of the network come and go at their times', async () => {
    const { clock, marks, runner } = await startRun('at=1s for=2s down event-api')
    clock.moveTo(6000)
    await until(() => marks.length === 1)
    await assert.rejects(textOf(runner.eventApi))
    assert.equal(await textOf(url), 'well')
    clock.moveTo(8000)
    await until(async () => (await textOf(runner.eventApi).catch(() => '')) === 'well')
    assert.deepEqual(marks, [{ at_s: 1, until_s: 3, kind: 'fault', text: 'down event-api' }])
  })

  it('may overlap: an answer passes when the last fault that holds it has ended', async () => {
    const { clock, marks, runner } = await startRun('at=1s for=4s cut event-api', 'at=2s for=1s cut event-api')
    clock.moveTo(6000)
    await until(() => marks.length === 1)
    clock.moveTo(7000)
    await until(() => marks.length === 2)
    let answered = false
    const answer = textOf(runner.eventApi).finally(() => {
      answered = true
    })
    clock.moveTo(8000)
    await wait(100)
    assert.equal(answered, false)
    clock.moveTo(10_000)
    assert.equal(await answer, 'well')
  })

  it('are none without a plan: no process is started, addresses stay', async () => {
    const runner = await planFaults([], { data, eventApi: url, reportApi: url })
    assert.equal(runner.eventApi, url)
    await runner.stop()
  })
})

/** `T` is stopped (proc(5)). */
async function stateOf({ pid }: ChildProcess): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2)[0]!
}

/** Pid of our child that runs this program. */
async function childNamed(program: string): Promise<number> {
  const pids = (await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')).trim().split(' ')
  for (const pid of pids) {
    if ((await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes(program)) return Number(pid)
  }
  return assert.fail(`no child of ours runs ${program}`)
}

async function textOf(address: string): Promise<string> {
  return await (await fetch(address)).text()
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await condition()) return
    await wait(10)
  }
  assert.fail('the condition did not come true')
}
