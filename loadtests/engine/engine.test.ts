import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { MusicboxError } from '../../datasets/failure.ts'
import type { RunResult } from '../run-result.ts'
import { type RunSpec, runScript } from './runner.ts'

let folder: string
let url: string
let onRequest = (): void => {}
const seen: { method: string; url: string; body: string; headers: Record<string, unknown> }[] = []
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => {
    onRequest()
    seen.push({ method: request.method!, url: request.url!, body, headers: request.headers })
    if (request.url === '/silent') return
    if (request.url === '/missing') response.statusCode = 404
    if (request.url === '/moved') {
      response.statusCode = 302
      response.setHeader('Location', '/there')
      response.setHeader('Set-Cookie', 'a=1; Path=/')
    }
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ results: [{ state: 'accepted' }], cookie: request.headers.cookie ?? null }))
  })
})

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musicbox-engine-'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

describe('the engine', () => {
  it('gives each virtual user a module of its own that lasts over its iterations', async () => {
    const { lines } = await run(`
      let count = 0
      export const options = { scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 2 } } }
      export default function () { console.log(__VU, __ITER, ++count) }`)
    assert.deepEqual(lines.toSorted(), ['1 0 1', '1 1 2', '2 0 1', '2 1 2'])
  })

  it('hands setup data to each user as a JSON copy, and to teardown', async () => {
    const { lines } = await run(`
      export const options = { vus: 2, iterations: 4 }
      export function setup() { return { list: [1], when: new Date(0), none: undefined } }
      export default function (data) { data.list.push(__VU); if (__ITER === 1) console.log(JSON.stringify(data)) }
      export function teardown(data) { console.log('down', __VU, JSON.stringify(data)) }`)
    assert.deepEqual(lines.toSorted(), [
      'down 0 {"list":[1],"when":"1970-01-01T00:00:00.000Z"}',
      '{"list":[1,1,1],"when":"1970-01-01T00:00:00.000Z"}',
      '{"list":[1,2,2],"when":"1970-01-01T00:00:00.000Z"}',
    ])
  })

  it('numbers iterations from 0, each once in a scenario', async () => {
    const { lines } = await run(`
      import exec from 'k6/execution'
      export const options = { vus: 3, iterations: 7 }
      export default async function () {
        const { iterationInTest, name, executor } = exec.scenario
        await new Promise((wake) => setTimeout(wake, 1))
        console.log(iterationInTest, name, executor)
      }`)
    assert.deepEqual(
      lines.toSorted(),
      Array.from({ length: 7 }, (_, i) => `${i} default shared-iterations`),
    )
  })

  it('sends requests and measures them under k6’s names', async () => {
    const { result, summary, lines } = await run(`
      import http from 'k6/http'
      import { check } from 'k6'
      export const options = { thresholds: { 'http_reqs{name:posted}': ['count==1'], http_req_failed: ['rate==0.5'] } }
      export default async function () {
        const answer = await http.asyncRequest('POST', __ENV.URL + '/x', JSON.stringify({ a: 1 }), {
          headers: { 'Content-Type': 'application/json' }, tags: { name: 'posted' } })
        check(answer, { stored: (r) => r.status === 200 && r.json('results.0.state') === 'accepted', never: false })
        console.log(answer.headers['Content-Type'], answer.proto, answer.error_code, answer.json().results.length)
        const missing = await http.asyncRequest('GET', http.url\`\${__ENV.URL}/missing\`)
        console.log(missing.status, missing.error_code)
        await new Promise((wake) => setTimeout(wake, 300))
      }`)
    assert.deepEqual(lines, ['application/json HTTP/1.1 0 1', '404 1404'])
    assert.equal(seen.at(-2)!.body, '{"a":1}')
    assert.match(String(seen.at(-2)!.headers['user-agent']), /^musicbox-load/)
    assert.equal(seen.at(-2)!.headers['accept-encoding'], undefined)
    assert.deepEqual(result.requests.count, 2)
    assert.deepEqual(result.checks, { passes: 1, fails: 1 })
    assert.equal(result.exitCode, 0)
    assert.match(summary, /✓ 'count==1' count=1/)
    assert.match(summary, /✗ never\n {6}↳ {2}0% — ✓ 0 \/ ✗ 1/)
    assert.match(summary, /http_req_duration\.+: avg=.* p\(95\)=/)
  })

  it('tags a request with the step it was sent in, not the one its answer comes in', async () => {
    const { summary } = await run(`
      import http from 'k6/http'
      import exec from 'k6/execution'
      export const options = { thresholds: { 'http_reqs{step:first}': ['count==1'], 'http_reqs{step:second}': ['count==1'] } }
      export default async function () {
        exec.vu.metrics.tags.step = 'first'
        const first = http.asyncRequest('GET', __ENV.URL + '/x')
        exec.vu.metrics.tags.step = 'second'
        await Promise.all([first, http.asyncRequest('GET', __ENV.URL + '/x')])
        await new Promise((wake) => setTimeout(wake, 300))
      }`)
    assert.equal(summary.match(/✓ 'count==1' count=1/g)?.length, 2, summary)
  })

  it('follows redirects with a sample for each hop, and keeps cookies for one iteration', async () => {
    const { result, lines } = await run(`
      import http from 'k6/http'
      export const options = { iterations: 2 }
      export default async function () {
        const first = await http.asyncRequest('GET', __ENV.URL + '/here')
        const moved = await http.asyncRequest('GET', __ENV.URL + '/moved')
        console.log(first.json('cookie'), moved.json('cookie'), moved.url.endsWith('/there'))
      }`)
    assert.deepEqual(lines, ['null a=1 true', 'null a=1 true'])
    assert.equal(result.requests.count, 6)
  })

  it('gives a request without an answer status 0 and goes on', async () => {
    const { lines, result } = await run(`
      import http from 'k6/http'
      export default async function () {
        const silent = await http.asyncRequest('GET', __ENV.URL + '/silent', null, { timeout: 30 })
        console.log(silent.status, silent.error_code, silent.body)
        const invalid = await http.asyncRequest('GET', 'nonsense')
        console.log(invalid.status, invalid.error_code)
      }`)
    assert.deepEqual(
      lines.filter((line) => !line.startsWith('request failed')),
      ['0 1050 null', '0 1020'],
    )
    assert.equal(result.requests.failed, 1)
  })

  it('counts an iteration that throws, says where, and goes on', async () => {
    const { result, lines } = await run(`
      export const options = { iterations: 2 }
      function breaks() {
        throw new Error('on purpose')
      }
      export default async function () {
        await null
        breaks()
      }`)
    assert.deepEqual([result.iterations.completed, result.iterations.failed, result.exitCode], [2, 2, 0])
    assert.match(lines[0]!, /on purpose\n {4}at breaks \(.*script\.ts:4\)/)
  })

  it('exits 99 for a missed threshold, 108 for an abort, 110 for a failed test', async () => {
    const missed = await run(`
      import { Counter } from 'k6/metrics'
      const c = new Counter('c')
      export const options = { thresholds: { c: ['count>5'] } }
      export default function () { c.add(2) }`)
    assert.equal(missed.result.exitCode, 99)
    assert.match(missed.result.problem!, /c count>5, was 2/)
    const aborted = await run(`
      import exec from 'k6/execution'
      export const options = { vus: 2, duration: '60s' }
      export default async function () {
        await new Promise((wake) => setTimeout(wake, 5))
        exec.test.abort('enough')
      }`)
    assert.equal(aborted.result.exitCode, 108)
    assert.match(aborted.result.problem!, /enough/)
    const failed = await run(`
      import exec from 'k6/execution'
      export default function () { exec.test.fail('wrong') }`)
    assert.equal(failed.result.exitCode, 110)
  })

  it('ends a run early for a threshold that asks for it', async () => {
    const { result } = await run(`
      import { Rate } from 'k6/metrics'
      const ok = new Rate('ok')
      export const options = {
        scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '60s' } },
        thresholds: { ok: [{ threshold: 'rate>0.5', abortOnFail: true }] } }
      export default async function () { ok.add(false); await new Promise((wake) => setTimeout(wake, 20)) }`)
    assert.equal(result.exitCode, 99)
    assert.ok(result.seconds < 30)
  })

  it('exits 105 when the user stops it, after the answers under way have come', async () => {
    const abort = new AbortController()
    onRequest = () => abort.abort()
    const { result, lines } = await run(
      `
      import http from 'k6/http'
      export const options = { scenarios: { s: { executor: 'per-vu-iterations', maxDuration: '60s' } } }
      export default async function () {
        console.log('begun')
        const answer = await http.asyncRequest('GET', __ENV.URL + '/x')
        console.log('answered', answer.status)
        await new Promise((wake) => setTimeout(wake, 60000))
        console.log('never')
      }`,
      { signal: abort.signal },
    )
    onRequest = () => {}
    assert.equal(result.exitCode, 105)
    assert.equal(result.iterations.interrupted, 1)
    assert.deepEqual(lines, ['begun', 'answered 200'])
  })

  it('counts what maxDuration left unstarted as dropped', async () => {
    const { result, summary } = await run(`
      export const options = {
        scenarios: { s: { executor: 'per-vu-iterations', vus: 1, iterations: 50, maxDuration: '100ms' } } }
      export default async function () { await new Promise((wake) => setTimeout(wake, 40)) }`)
    assert.equal(result.iterations.completed + result.iterations.dropped, 50)
    assert.ok(result.iterations.dropped > 40)
    assert.match(summary, /dropped_iterations/)
  })

  it('lets handleSummary write the summary and files', async () => {
    const { summary } = await run(`
      export default function () {}
      export function handleSummary(data) {
        return { stdout: 'mine ' + data.metrics.iterations.values.count, [__ENV.OUT]: JSON.stringify(Object.keys(data)) }
      }`)
    assert.match(summary, /mine 1$/)
    const keys = ['root_group', 'options', 'state', 'metrics', 'generator']
    assert.deepEqual(JSON.parse(await readFile(join(folder, 'out.json'), 'utf8')), keys)
  })

  it('writes k6’s JSON lines and its summary export', async () => {
    const json = join(folder, 'points.json')
    const summary = join(folder, 'summary.json')
    await run(
      `
      import { Counter } from 'k6/metrics'
      import exec from 'k6/execution'
      const c = new Counter('c')
      export const options = { thresholds: { c: ['count>5'] } }
      export default function () { exec.vu.metrics.metadata.eid = 'x'; c.add(1, { k: 'v' }) }`,
      { out: { samples: [{ type: 'json', path: json }], summary } },
    )
    const lines = (await readFile(json, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const of = lines.filter(({ metric }) => metric === 'c')
    assert.deepEqual(
      of.map(({ type }) => type),
      ['Metric', 'Point'],
    )
    assert.deepEqual(of[1].data.metadata, { eid: 'x' })
    assert.equal(of[1].data.tags.k, 'v')
    assert.deepEqual(JSON.parse(await readFile(summary, 'utf8')).metrics.c.thresholds, { 'count>5': true })
  })

  it('shares one read-only list between users', async () => {
    const { lines } = await run(`
      import { SharedArray } from 'k6/data'
      const list = new SharedArray('l', () => { console.log('made'); return [{ a: 1 }] })
      export const options = { vus: 2, iterations: 2 }
      export default function () { try { list[0].a = 2 } catch { console.log('kept', list[0].a) } }`)
    assert.deepEqual(lines.toSorted(), ['kept 1', 'kept 1', 'made'])
  })

  it('tags and times a step', async () => {
    const { summary } = await run(
      `
      import { Counter } from 'k6/metrics'
      import { step } from '${new URL('../scripts/step.ts', import.meta.url).pathname}'
      const c = new Counter('c')
      export const options = { thresholds: { 'c{step:search}': ['count==1'], 'step_duration{step:search}': ['max<60000'] } }
      export default async function () { await step('search', async () => c.add(1)); c.add(1) }`.replace(
        /'\/.*\/scripts\/step\.ts'/,
        () => `'./step.ts'`,
      ),
    )
    assert.match(summary, /✓ 'count==1'/)
  })
})

describe('what a script does around its iterations', () => {
  const endless = (name: string, option: string): string =>
    `export const options = { ${option}: '20ms' }
    export const ${name} = () => new Promise((wake) => setTimeout(wake, 9999))
    export default () => {}`

  it('setup: may not last for ever', async () => {
    await assert.rejects(
      run(endless('setup', 'setupTimeout')),
      (error) =>
        error instanceof MusicboxError &&
        error.code === 'setup.timeout' &&
        error.message === 'expected setup() to end within 20 ms, but it did not',
    )
  })

  for (const [name, option, exit] of [
    ['teardown', 'teardownTimeout', 101],
    ['handleSummary', 'handleSummaryTimeout', 102],
  ] as const) {
    it(`${name}: may not last for ever, and what the run has shown is kept`, async () => {
      const { result, summary } = await run(endless(name, option))
      assert.equal(result.exitCode, exit)
      assert.equal(result.problem, `expected ${name}() to end within 20 ms, but it did not`)
      assert.equal(result.iterations.completed, 1)
      assert.match(summary, /TOTAL RESULTS/)
    })
  }

  it('may fail after the load without undoing it: teardown, handleSummary, an export that cannot be written', async () => {
    const json = join(folder, 'kept.json')
    const { result, summary } = await run(
      `import { Counter } from 'k6/metrics'
      const c = new Counter('c')
      export default () => c.add(1)
      export function teardown() { throw new Error('first') }
      export function handleSummary() { throw new Error('second') }`,
      { out: { samples: [{ type: 'json', path: json }], summary: join(folder, 'missing', 'summary.json') } },
    )
    assert.equal(result.exitCode, 107)
    assert.match(result.problem!, /in teardown\(\): Error: first/)
    assert.equal(result.iterations.completed, 1)
    assert.match(summary, /TOTAL RESULTS/)
    assert.match(await readFile(json, 'utf8'), /"metric":"c","type":"Point"/)
  })

  it('may end the run in setup, with its own exit code', async () => {
    const { result } = await run(`
      import exec from 'k6/execution'
      export const setup = () => exec.test.abort('not today')
      export default () => {}`)
    assert.equal(result.exitCode, 108)
    assert.equal(result.iterations.completed, 0)
  })

  it('is left out when the options say so', async () => {
    const { lines } = await run(`
      export const options = { noSetup: true, noTeardown: true }
      export function setup() { console.log('setup') }
      export function teardown() { console.log('teardown') }
      export default () => console.log('iteration')`)
    assert.deepEqual(lines, ['iteration'])
  })
})

describe('the engine refuses, with place and remedy,', () => {
  const table: [name: string, source: string, words: RegExp, hint?: RegExp][] = [
    ['npm packages', `import x from 'lodash'\nexport default () => x`, /script\.ts:1: k6 cannot import "lodash"/],
    ['Node modules', `\nimport 'node:fs'\nexport default () => {}`, /script\.ts:2: k6 cannot import "node:fs"/],
    ['imports without ending', `import "./step"\nexport default () => {}`, /write "\.\/step\.ts" in full/],
    [
      'blocking requests',
      `import http from 'k6/http'\n\nexport default () => http.get('x')`,
      /script\.ts:3: a synchronous/,
      /asyncRequest/,
    ],
    [
      'blocking sleep',
      `import { sleep } from 'k6'\nexport default () => sleep(1)`,
      /script\.ts:1: the blocking sleep/,
      /setTimeout/,
    ],
    ['young syntax', `export default () => {\n  let a\n  a ??= 1\n}`, /script\.ts:3: a logical assignment/],
    [
      'unknown modules',
      `import ws from 'k6/ws'\nexport default () => ws`,
      /module "k6\/ws" is not supported/,
      /Supported: k6,/,
    ],
    ['broken syntax', `export default () => {`, /script\.ts:1: Unexpected end of file/],
    [
      'requests in init',
      `import http from 'k6/http'\nhttp.asyncRequest('GET', 'x')\nexport default () => {}`,
      /http\.asyncRequest\(\) may not be used while the script is loaded[\s\S]*script\.ts:2/,
    ],
    [
      'checks in init',
      `import { check } from 'k6'\ncheck(1, { a: true })\nexport default () => {}`,
      /check\(\) may not be used/,
    ],
    [
      'samples in init',
      `import { Rate } from 'k6/metrics'\nnew Rate('r').add(1)\nexport default () => {}`,
      /r\.add\(\) may not be used/,
    ],
    [
      'one name for two metrics',
      `import { Rate, Trend } from 'k6/metrics'\nnew Rate('r')\nnew Trend('r')\nexport default () => {}`,
      /metric "r" is a rate/,
    ],
    ['a missing function', `export const x = 1`, /runs the function "default", which the script does not export/],
    [
      'a failing setup',
      `export function setup() { throw new Error('no') }\nexport default () => {}`,
      /in setup\(\): Error: no/,
    ],
  ]
  for (const [name, source, words, hint] of table) {
    it(name, async () => {
      await assert.rejects(run(source), (error) => {
        assert.ok(error instanceof MusicboxError, String((error as Error).stack))
        assert.equal(error.code, 'script.failed')
        assert.match(error.message, words)
        if (hint) assert.match(error.hint, hint)
        return true
      })
    })
  }

  const inside: [name: string, source: string, words: RegExp][] = [
    [
      'metrics made in an iteration',
      `import { Rate } from 'k6/metrics'\nexport default () => new Rate('r')`,
      /new Rate\("r"\) may only be used while the script is loaded/,
    ],
    ['files opened in an iteration', `export default () => open('x')`, /open\(\) may only be used while/],
    [
      'asynchronous groups',
      `import { group } from 'k6'\nexport default () => group('g', async () => {})`,
      /group "g" has an asynchronous body/,
    ],
    [
      'asynchronous checks',
      `import { check } from 'k6'\nexport default () => check(1, { a: async () => true })`,
      /check "a" is asynchronous/,
    ],
    [
      'blocking requests by another name',
      `import * as h from 'k6/http'\nexport default () => h['get']('x')`,
      /http\.get\(\) blocks/,
    ],
    [
      'credentials it cannot send',
      `import http from 'k6/http'\nexport default async () => { await http.asyncRequest('GET', __ENV.URL, null, { auth: 'ntlm' }) }`,
      /params\.auth is not supported/,
    ],
  ]
  for (const [name, source, words] of inside) {
    it(name, async () => {
      const { lines, result } = await run(source)
      assert.match(lines.join('\n'), words)
      assert.match(lines.join('\n'), /script\.ts:2|script\.ts:1/)
      assert.equal(result.iterations.failed, 1)
    })
  }
})

/** Runs a script given as text. */
async function run(
  source: string,
  spec: Partial<RunSpec> = {},
): Promise<{ result: RunResult; lines: string[]; summary: string }> {
  const script = join(folder, 'script.ts')
  await writeFile(script, source)
  await writeFile(join(folder, 'step.ts'), await readFile(new URL('../scripts/step.ts', import.meta.url)))
  const lines: string[] = []
  let summary = ''
  const result = await runScript({
    ...spec,
    script,
    env: { URL: url, OUT: join(folder, 'out.json') },
    log(level, line) {
      lines.push(line)
      spec.log?.(level, line)
    },
    stdout: {
      write(text) {
        summary += text
      },
    },
  })
  return { result, lines, summary }
}
