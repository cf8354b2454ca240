/**
 * Our scripts in an engine that shares no code with Node's and has none of its globals, with modules that do no more than
 * k6's documentation says: the nearest to k6 that there is without k6. What is sent must be the same, byte for byte.
 */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { build, type Plugin } from 'esbuild'
import { getQuickJS } from 'quickjs-emscripten'
import { openEventTarget } from '../event-target.suite.ts'
import { type Shipped, shippedPath } from '../load/shipped-scripts.ts'
import { runScript } from './runner.ts'

/** k6's modules as far as our scripts use them; `k6` records what is sent, and time is its own. */
const MODULES: Readonly<Record<string, string>> = {
  k6: `export const check = (value, sets) => Object.values(sets).every((test) => test(value))`,
  'k6/data': `export function SharedArray(name, make) { return make() }`,
  'k6/execution': `export default {
    scenario: {
      name: 'only',
      get startTime() { return k6.start_ms },
      get iterationInTest() { return k6.iteration },
    },
    vu: { metrics: { tags: {}, metadata: {} } },
  }`,
  'k6/metrics': `import exec from 'k6/execution'
    class Metric {
      constructor(name) { this.name = name }
      add(value, tags) {
        if (this.name === 'event_fate') k6.fates.push({ ...tags, ...exec.vu.metrics.metadata })
      }
    }
    export { Metric as Counter, Metric as Rate, Metric as Trend, Metric as Gauge }`,
  'k6/http': `export default {
    async asyncRequest(method, url, body) {
      k6.requests.push({ method, url, body })
      const results = [].concat(body && url.endsWith('/v1/events') ? JSON.parse(body) : []).map(() => ({ state: 'accepted' }))
      return {
        status: url.endsWith('/v1/events') ? 202 : 200,
        headers: {},
        timings: { blocked: 0, duration: 1 },
        json: (selector) => (selector === 'token' ? 'a token' : { results }),
      }
    },
  }`,
}

/** Timers run in the order of their times, and the clock jumps from one to the next. */
const PRELUDE = `
  var k6 = { start_ms: 1000000, now_ms: 1000000, iteration: 0, requests: [], fates: [], timers: [] }
  Date.now = () => k6.now_ms
  var setTimeout = (wake, wait_ms) => void k6.timers.push({ wake, at_ms: k6.now_ms + Math.max(0, wait_ms) })
  k6.nextTimer = () => {
    k6.timers.sort((a, b) => a.at_ms - b.at_ms)
    const next = k6.timers.shift()
    if (next) { k6.now_ms = Math.max(k6.now_ms, next.at_ms); next.wake() }
    return next !== undefined
  }`

interface Sent {
  /** Bodies of events, each event once, sorted. */
  events: string[]
  /** `eid sum`, sorted. */
  sums: string[]
}

const modules: Plugin = {
  name: 'k6-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^k6(\/|$)/ }, ({ path }) => ({ path, namespace: 'k6' }))
    onLoad({ filter: /.*/, namespace: 'k6' }, ({ path }) => ({ contents: MODULES[path]!, loader: 'js' }))
  },
}

/** Runs `default` so many times, one after the other. */
async function sendThere(name: Shipped, env: Record<string, string>, iterations: number): Promise<Sent> {
  const { outputFiles } = await build({
    entryPoints: [shippedPath(name)],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'script',
    target: 'esnext',
    plugins: [modules],
  })
  using context = (await getQuickJS()).newContext()
  const evaluate = (code: string): unknown => {
    using result = context.unwrapResult(context.evalCode(code))
    return context.dump(result)
  }
  evaluate(`var __ENV = ${JSON.stringify(env)}; ${PRELUDE}; ${outputFiles[0]!.text}; globalThis.script = script; 0`)
  for (let iteration = 0; iteration < iterations; iteration++) {
    evaluate(`k6.iteration = ${iteration}; k6.start_ms = k6.now_ms; k6.failed = ''; k6.ended = false
      script.default().then(() => { k6.ended = true }, (error) => { k6.failed = String(error.stack) }); 0`)
    do context.runtime.executePendingJobs()
    while (evaluate('k6.nextTimer()') === true)
    context.runtime.executePendingJobs()
    assert.deepEqual(evaluate('[k6.ended, k6.failed]'), [true, ''])
  }
  const requests = evaluate('k6.requests') as { url: string; body: string }[]
  const fates = evaluate('k6.fates') as { eid: string; sum: string }[]
  return {
    events: requests
      .filter(({ url }) => url.endsWith('/v1/events'))
      .flatMap(({ body }) => [JSON.parse(body) as object | object[]].flat())
      .map((event) => JSON.stringify(event))
      .toSorted(),
    sums: fates.map(({ eid, sum }) => `${eid} ${sum}`).toSorted(),
  }
}

async function sendHere(name: Shipped, env: Record<string, string>): Promise<Sent> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-second-engine-'))
  const target = await openEventTarget()
  try {
    const ledger = join(folder, 'ledger.ndjson')
    await runScript({
      script: shippedPath(name),
      env: { ...env, EVENT_API: target.url },
      noThresholds: true,
      out: { ledger },
    })
    const lines = (await readFile(ledger, 'utf8')).trim().split('\n')
    const entries = lines.map((line) => JSON.parse(line) as { eid: string; sum: string })
    return {
      events: target.received.map((event) => JSON.stringify(event)).toSorted(),
      sums: entries.map(({ eid, sum }) => `${eid} ${sum}`).toSorted(),
    }
  } finally {
    target.close()
    await rm(folder, { recursive: true })
  }
}

const ENV = { START_MS: '1772409600000', RUN: 'both', SPEED: '5000', WORLD: '{"songCount":200,"userCount":50}' }

describe('two engines', () => {
  it('send the same events of the same listeners, with the same sums', async () => {
    const env = { ...ENV, LISTENERS: '3', VUS: '2', DURATION: '600ms' }
    const [here, there] = [await sendHere('listeners', env), await sendThere('listeners', env, 3)]
    assert.ok(here.events.length > 15, `${here.events.length} events`)
    assert.deepEqual(there, here)
  })

  it('send the same batches', async () => {
    const env = { ...ENV, RATE: '40', BATCH: '4', DURATION: '2s', VUS: '20' }
    // Ten batches in the steady second, and fifteen while the rate climbs to twice as much.
    const [here, there] = [await sendHere('ingest', env), await sendThere('ingest', env, 25)]
    assert.ok(here.events.length > 60, `${here.events.length} events`)
    // On a machine that is held up, the last ones may have been dropped here.
    const sent = new Set(here.events)
    assert.deepEqual(
      there.events.filter((event) => sent.has(event)),
      here.events,
    )
  })

  it('send other events under another label', async () => {
    const env = { ...ENV, LISTENERS: '1', DURATION: '600ms' }
    const [one, other] = [await sendThere('listeners', env, 1), await sendThere('listeners', { ...env, RUN: 'x' }, 1)]
    assert.equal(other.events.length, one.events.length)
    assert.deepEqual(
      other.events.filter((event) => one.events.includes(event)),
      [],
    )
  })
})
