import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { MusicboxError } from '../../datasets/failure.ts'
import { type RunControls, type RunProgress, type RunResult, type RunSpec, runScript } from './runner.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musicbox-segment-'))
})
after(() => rm(folder, { recursive: true }))

/** Each iteration sends one event, named by its number, and takes a time that depends on it. */
const EVENTS = `
  import { check } from 'k6'
  import exec from 'k6/execution'
  import { Counter, Trend } from 'k6/metrics'
  const fates = new Counter('event_fate')
  const value = new Trend('value')
  export const setup = () => ({ base: 7 })
  export default async function (data) {
    const number = exec.scenario.iterationInTest
    await new Promise((wake) => setTimeout(wake, number % 5))
    value.add(number + data.base, { parity: number % 2 ? 'odd' : 'even' })
    check(number, { small: (n) => n < 50 })
    exec.vu.metrics.metadata.eid = number.toString(16).padStart(32, '0')
    exec.vu.metrics.metadata.ts = '1000'
    fates.add(1, { fate: number % 10 === 9 ? 'refused' : 'accepted' })
    delete exec.vu.metrics.metadata.eid
  }`

const SCENARIOS = {
  'shared-iterations': `{ executor: 'shared-iterations', vus: 7, iterations: 100 }`,
  'per-vu-iterations': `{ executor: 'per-vu-iterations', vus: 20, iterations: 5 }`,
  'constant-arrival-rate': `{ executor: 'constant-arrival-rate', rate: 100, duration: '1s', preAllocatedVUs: 12 }`,
}

describe('a run in several processes', () => {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    it(`${name}: does what one process does, and adds up to the same result`, async () => {
      const source = `export const options = {
        scenarios: { s: ${scenario} }, thresholds: { 'value{parity:odd}': ['max<=106'] } }
        ${EVENTS}`
      const [one, three] = [await run(source, { workers: 1 }), await run(source, { workers: 3 })]
      for (const { result } of [one, three]) {
        assert.equal(result.exitCode, 0)
        assert.equal(result.iterations.completed, 100)
        assert.deepEqual(result.checks, { passes: 50, fails: 50 })
        assert.deepEqual(result.fates, { accepted: 90, duplicate: 0, refused: 10, unknown: 0 })
        assert.equal(result.thresholds[0]!.value, 106)
      }
      assert.deepEqual(three.result.traffic, one.result.traffic)
      assert.equal(three.result.histograms['value'], one.result.histograms['value'])
      assert.deepEqual(three.ledger.toSorted(), one.ledger.toSorted())
      assert.equal(three.ledger.length, 100)
    })
  }

  it('ends as a whole when the script of one process aborts it', async () => {
    const { result } = await run(
      `import exec from 'k6/execution'
      export const options = { vus: 4, duration: '60s' }
      export default async function () {
        await new Promise((wake) => setTimeout(wake, 10))
        if (exec.vu.idInTest === 3) exec.test.abort('enough')
      }`,
      { workers: 2 },
    )
    assert.equal(result.exitCode, 108)
    assert.ok(result.seconds < 30)
  })

  it('keeps a limit of requests a second together', async () => {
    const server = createServer((_, answer) => answer.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { result } = await run(
        `import http from 'k6/http'
        export const options = { vus: 6, duration: '1s', rps: 30 }
        export default async function () { await http.asyncRequest('GET', __ENV.URL) }`,
        { workers: 3, env: { URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } },
      )
      // Each begins at once, and then keeps its share.
      assert.ok(result.requests.count > 6 && result.requests.count <= 30 + 9, `${result.requests.count} requests`)
    } finally {
      server.close()
    }
  })

  it('outlives promises of setup and of iterations that nobody awaits', async () => {
    const script = join(folder, 'script.ts')
    await writeFile(
      script,
      `const forget = () => void Promise.reject(new Error('on purpose'))
      export const setup = forget
      export const options = { vus: 2, iterations: 2 }
      export default async function () { forget(); await new Promise((wake) => setTimeout(wake, 50)) }`,
    )
    for (const workers of [1, 2]) {
      const { iterations, exitCode, lines } = JSON.parse(await runApart(script, workers))
      assert.deepEqual([iterations.completed, iterations.failed, exitCode], [2, 2, 0])
      assert.deepEqual(lines, Array(3).fill('unhandled rejection: Error: on purpose'))
    }
  })

  it('outlives promises that fail with what is no Error, or with what a function of k6 threw', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    const script = join(folder, 'script.ts')
    await writeFile(
      script,
      `import http from 'k6/http'
      export const options = { iterations: 1, throw: true }
      const refused = () => http.asyncRequest('GET', 'http://127.0.0.1:${port}/')
      export default async function () {
        for (const reason of ['text', undefined, Object.create(null)]) void Promise.reject(reason)
        void Promise.any([])
        void refused()
        void http.asyncRequest('GET', 'http://127.0.0.1:${port}/', null, { responseType: 'odd' })
        const late = refused()
        await new Promise((wake) => setTimeout(wake, 100))
        await late.catch(() => {})
      }`,
    )
    const { iterations, exitCode, lines } = JSON.parse(await runApart(script, 1))
    const refused = /^unhandled rejection: NetworkError: dial: connection refused/
    const said = lines.filter((line: string) => line.startsWith('unhandled') && !refused.test(line))
    assert.deepEqual(said.toSorted(), [
      'unhandled rejection: AggregateError: All promises were rejected',
      `unhandled rejection: MusicboxError: expected params.responseType to be text, binary or none, got "odd"`,
      'unhandled rejection: [Object: null prototype] {}',
      'unhandled rejection: text',
      'unhandled rejection: undefined',
    ])
    assert.equal(lines.filter((line: string) => refused.test(line)).length, 2)
    // The one that was awaited late did not fail the iteration.
    assert.deepEqual([iterations.completed, iterations.failed, exitCode], [1, 6, 0])
  })

  it('does not outlive a promise that fails with a fault of ours', async () => {
    const script = join(folder, 'script.ts')
    await writeFile(
      script,
      `export const options = { iterations: 1 }
      export default async function () { await new Promise((wake) => setTimeout(wake, 200)) }`,
    )
    const fault = `import { stageAt } from '${import.meta.resolve('../executors/stage.ts')}'
    setTimeout(async () => stageAt(undefined, 0), 50)`
    await assert.rejects(runApart(script, 1, fault), /TypeError: /)
  })

  it('says so when a process dies', async () => {
    await assert.rejects(
      run(
        `export const options = { vus: 2, duration: '60s' }
        export default async function () {
          await new Promise((wake) => setTimeout(wake, 50))
          const fill = []
          if (__VU === 2) while (true) fill.push(new Array(1e6).fill(Math.random()))
        }`,
        { workers: 2, workerArgs: ['--max-old-space-size=64'] },
      ),
      (error) => error instanceof MusicboxError && /worker process of the load ended/.test(error.message),
    )
  })
})

describe('a run that is told what to do while it goes on', () => {
  const LOOP = (options: string): string => `
    export const options = ${options}
    export default async function () { await new Promise((wake) => setTimeout(wake, 20)) }`

  it('completes nothing after a signal but what was being answered, and accounts for every iteration', async () => {
    const signal = new AbortController()
    let answered = 0
    const server = createServer((request, answer) => {
      const end = (): void => {
        answered++
        answer.end()
      }
      if (request.url !== '/slow') return end()
      signal.abort()
      setTimeout(end, 200)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { result } = await run(
        `import http from 'k6/http'
        import exec from 'k6/execution'
        export const options = { scenarios: { s: { executor: 'shared-iterations', vus: 3, iterations: 20000 } } }
        export default async function () {
          const path = exec.scenario.iterationInTest === 20 ? '/slow' : '/'
          await http.asyncRequest('GET', __ENV.URL + path)
        }`,
        { env: { URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, signal: signal.signal },
      )
      const { completed, interrupted, dropped } = result.iterations
      assert.equal(result.exitCode, 105)
      assert.ok(completed >= 15 && completed <= answered, `${completed} completed of ${answered} answered`)
      assert.ok(interrupted <= 3, `${interrupted} interrupted of 3 users`)
      assert.equal(completed + interrupted + dropped, 20_000)
    } finally {
      server.close()
    }
  })

  for (const workers of [1, 2]) {
    it(`pauses, goes on, grows, shrinks and stops (${workers} processes)`, async () => {
      let controls: RunControls | undefined
      const counted: number[] = []
      // Each step waits for the effect of the one before, which another process reports a second later.
      const steps: [seen: (now: RunProgress) => boolean, act: () => void][] = [
        [({ vus }) => vus === 4, () => controls!.scale(10)],
        [({ vus }) => vus === 10, () => controls!.scale(2)],
        [({ vus }) => vus === 2, () => controls!.pause()],
        // What was reported before the pause was heard of is let pass.
        [() => true, () => {}],
        [() => true, () => {}],
        [({ iterations }) => counted.push(iterations) === 3, () => controls!.resume()],
        [({ iterations }) => iterations > counted[2]!, () => controls!.stop()],
      ]
      const { result } = await run(LOOP(`{ vus: 4, duration: '60s' }`), {
        workers,
        onStart: (given) => {
          controls = given
        },
        onProgress: (now) => {
          if (!steps[0]?.[0](now)) return
          const [[, act]] = steps.splice(0, 1) as [(typeof steps)[0]]
          act()
        },
      })
      assert.deepEqual(steps, [], 'every step had its effect')
      assert.equal(new Set(counted).size, 1, 'nothing was done while paused')
      assert.equal(result.exitCode, 105)
      assert.deepEqual(
        result.marks.map(({ kind }) => kind),
        ['scale', 'scale', 'pause'],
      )
      assert.ok(result.marks[2]!.until_s! > result.marks[2]!.at_s)
    })
  }
})

/** Runs it in a process of its own: the test runner takes promises that nobody awaits for failures of the test. */
async function runApart(script: string, workers: number, before = ''): Promise<string> {
  const main = join(folder, 'main.mjs')
  await writeFile(
    main,
    `import { runScript } from '${import.meta.resolve('./runner.ts')}'
    const lines = []
    const log = (_, line) => lines.push(line.split('\\n')[0])
    ${before}
    const { iterations, exitCode } = await runScript({ script: ${JSON.stringify(script)}, workers: ${workers}, log })
    console.log(JSON.stringify({ iterations, exitCode, lines }))`,
  )
  return (await promisify(execFile)(process.execPath, [main])).stdout
}

async function run(source: string, spec: Partial<RunSpec>): Promise<{ result: RunResult; ledger: string[] }> {
  const script = join(folder, 'script.ts')
  const ledger = join(folder, 'ledger.ndjson')
  await writeFile(script, source)
  const result = await runScript({ ...spec, script, out: { ledger } })
  const lines = (await readFile(ledger, 'utf8')).split('\n').filter((line) => line !== '')
  return { result, ledger: lines.map((line) => line.replace(/,"answered_ms":\d+/, '')) }
}
