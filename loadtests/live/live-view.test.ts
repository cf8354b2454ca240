/** The live view over HTTP and in a browser; without a Chromium the latter says that it is skipped. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { MusicboxError } from '../../datasets/failure.ts'
import { sampleRun } from '../capsule/sample-run.suite.ts'
import type { TimelineBucket } from '../metrics/timeline.ts'
import { launchBrowser, listenTo, withoutBrowser } from '../report/browser.suite.ts'
import type { RunResult } from '../run-result.ts'
import { BUCKETS_KEPT, Feed } from './feed.ts'
import { liveLine } from './live-line.ts'
import { type LiveView, openLiveView } from './live-view.ts'

const NASTY = `</script><img src=x onerror="document.title='taken'">`
const SECONDS = sampleRun({ seed: 3, seconds: 30, errors: 0.02 }).timeline as TimelineBucket[]
const RESULT = { exitCode: 0, generator: { verdict: 'VALID', reasons: [] } } as unknown as RunResult

const open: LiveView[] = []
afterEach(async () => {
  for (const view of open.splice(0)) await view.close()
})

async function watched(): Promise<{ view: LiveView; orders: string[] }> {
  const orders: string[] = []
  const view = await openLiveView({
    port: 0,
    run: { script: 'listeners.ts', label: NASTY },
    control: {
      pause: () => void orders.push('pause'),
      resume: () => void orders.push('resume'),
      stop: () => void orders.push('stop'),
      scale(count, scenario) {
        if (count > 1000) throw new MusicboxError('input.invalid', 'expected 1000 listeners at most', 'Use fewer.')
        orders.push(`scale ${count}${scenario === undefined ? '' : ` ${scenario}`}`)
      },
    },
  })
  open.push(view)
  return { view, orders }
}

/** A request with headers that `fetch` would not let one set. */
function send(url: string, headers: Record<string, string>, body?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: body === undefined ? 'GET' : 'POST', headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode!, text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('the live view', () => {
  const json = { 'content-type': 'application/json' }

  it('passes orders on to the run, and says why one is refused', async () => {
    const { view, orders } = await watched()
    const order = (body: unknown) => send(`${view.url}control`, json, JSON.stringify(body))
    for (const body of [
      { action: 'pause' },
      { action: 'resume' },
      { action: 'scale', count: 7 },
      { action: 'scale', count: 8, scenario: 'ramp' },
      { action: 'stop' },
    ]) {
      assert.equal((await order(body)).status, 200)
    }
    assert.deepEqual(orders, ['pause', 'resume', 'scale 7', 'scale 8 ramp', 'stop'])
    const refused = await order({ action: 'scale', count: 5000 })
    assert.equal(refused.status, 409)
    assert.match(refused.text, /1000 listeners at most Use fewer/)
    for (const wrong of [
      {},
      { action: 'explode' },
      { action: 'scale' },
      { action: 'scale', count: -1 },
      { action: 'pause', x: 1 },
    ]) {
      assert.equal((await order(wrong)).status, 400, JSON.stringify(wrong))
    }
    assert.equal((await send(`${view.url}control`, json, '{')).status, 400)
    assert.equal(orders.length, 5)
  })

  it('lets no page of another site press a button or read the run', async () => {
    const { view, orders } = await watched()
    const { host, port } = new URL(view.url)
    const pause = JSON.stringify({ action: 'pause' })
    const control = `${view.url}control`
    for (const headers of [
      { ...json, origin: 'http://example.test' },
      { ...json, origin: 'null' },
      { ...json, origin: `http://127.0.0.1:${Number(port) + 1}` },
      { ...json, origin: `https://${host}` },
      { ...json, host: `rebound.example.test:${port}` },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      {},
    ]) {
      const { status } = await send(control, headers as Record<string, string>, pause)
      assert.ok(status === 403 || status === 415, `${status} for ${JSON.stringify(headers)}`)
    }
    assert.equal((await send(`${view.url}feed`, { host: `rebound.example.test:${port}` })).status, 403)
    assert.deepEqual(orders, [])
    const own = await send(control, { ...json, origin: `http://${host}` }, pause)
    assert.equal(own.status, 200)
    const byName = await send(
      control,
      { ...json, host: `localhost:${port}`, origin: `http://localhost:${port}` },
      pause,
    )
    assert.equal(byName.status, 200)
  })

  it('tells those who come late everything, and those who come back what they missed', async () => {
    const { view } = await watched()
    for (const bucket of SECONDS.slice(0, 5)) view.push(bucket)
    view.mark({ at_s: 2, kind: 'fault', text: 'kill event-api' })
    view.done(RESULT)
    const first = await fetch(`${view.url}feed`)
    const second = await fetch(`${view.url}feed`, { headers: { 'last-event-id': '4' } })
    await view.close()
    const [whole, rest] = [await first.text(), await second.text()]
    const idsIn = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
    assert.deepEqual(idsIn(whole), [1, 2, 3, 4, 5, 6, 7])
    assert.deepEqual(idsIn(rest), [5, 6, 7])
    assert.match(whole, /event: done\ndata: \{"exitCode":0,"verdict":"VALID","reasons":\[\]\}/)
  })

  it('says so when its port is taken, and closes twice without harm', async () => {
    const { view } = await watched()
    const port = Number(new URL(view.url).port)
    const run = { script: 'x', label: 'y' }
    const nothing = () => {}
    const control = { pause: nothing, resume: nothing, scale: nothing, stop: nothing }
    await assert.rejects(openLiveView({ port, run, control }), { code: 'backend.unreachable' })
    await view.close()
    await view.close()
  })
})

async function all<T>(given: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = []
  for await (const each of given) taken.push(each)
  return taken
}

describe('the feed', () => {
  it('keeps the last seconds and every mark, whatever the length of the run', async () => {
    const feed = new Feed()
    feed.tell({ event: 'mark', data: { at_s: 0, kind: 'scale', text: 'first' } })
    for (let at_s = 0; at_s < BUCKETS_KEPT + 100; at_s++) feed.tell({ event: 'bucket', data: { ...SECONDS[0]!, at_s } })
    feed.end()
    const read = await all(feed.after(0, new AbortController().signal))
    assert.equal(read.length, BUCKETS_KEPT + 1)
    assert.equal(read[0]!.event, 'mark')
    assert.deepEqual([read[1]!.id, read.at(-1)!.id], [102, BUCKETS_KEPT + 101])
  })

  it('lets a reader go who leaves', async () => {
    const feed = new Feed()
    const gone = new AbortController()
    const reading = all(feed.after(0, gone.signal))
    feed.tell({ event: 'paused', data: true })
    gone.abort()
    assert.ok((await reading).length <= 1)
  })
})

describe('a line of progress', () => {
  it('says what a second was like', () => {
    const { series } = SECONDS[0]!
    const bucket: TimelineBucket = {
      at_s: 3,
      width_s: 2,
      vus: 1200,
      series: {
        ...series,
        http_reqs: { type: 'counter', total: 2480 },
        http_req_failed: { type: 'rate', total: 2480, trues: 3 },
        response_time: { ...(series['response_time'] as object), p95: 12.34 } as TimelineBucket['series'][string],
        'event_fate{fate:accepted}': { type: 'counter', total: 2400 },
      },
    }
    assert.equal(liveLine(bucket), '1,200 VUs  1,240 req/s  p95 12.3 ms  3 failed  1,200 accepted/s')
    assert.equal(liveLine({ ...bucket, series: {} }), '1,200 VUs  0 req/s  p95 –  0 failed')
  })
})

describe('the live view in a browser', { skip: withoutBrowser }, () => {
  let browser: Browser
  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser?.close())

  it('grows as the run goes on, marks what happens, and its buttons reach the run', async () => {
    const { view, orders } = await watched()
    const page = await (await browser.newContext({ viewport: { width: 390, height: 800 } })).newPage()
    const complaints = listenTo(page, view.url)
    for (const bucket of SECONDS.slice(0, 3)) view.push(bucket)
    await page.goto(view.url)
    await page.waitForSelector('#charts[data-buckets="3"]')
    for (const bucket of SECONDS.slice(3, 12)) view.push(bucket)
    await page.waitForSelector('#charts[data-buckets="12"]')
    assert.match((await page.textContent('#now'))!, /^21 VUs {2}\d+ req\/s {2}p95 /)

    view.mark({ at_s: 4, kind: 'fault', text: NASTY })
    view.mark({ at_s: 4, kind: 'fault', text: NASTY, until_s: 6 })
    await page.waitForSelector('.marks li:has-text("fault 0:04 to 0:06")')
    assert.equal(await page.locator('.marks li').count(), 1)

    await page.click('#pause')
    await page.waitForSelector('#pause:has-text("Resume")')
    await page.click('#pause')
    await page.waitForSelector('#pause:has-text("Pause")')
    await page.fill('#count', '80')
    await page.click('#scale')
    await page.fill('#count', '2000')
    await page.click('#scale')
    await page.waitForSelector('#problem:has-text("1000 listeners at most")')
    page.on('dialog', (dialog) => dialog.accept())
    await page.click('#stop')
    view.done({ ...RESULT, exitCode: 105, problem: 'stopped' })
    await page.waitForSelector('#ended:has-text("VALID, exit code 105 · stopped")')
    await page.waitForSelector('#controls', { state: 'hidden' })
    assert.deepEqual(orders, ['pause', 'resume', 'scale 80', 'stop'])
    assert.equal(await page.locator('img').count(), 0)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), 0)
    // The browser itself notes the one answer that refuses.
    assert.deepEqual(
      complaints.filter((text) => !/status of 409/.test(text)),
      [],
    )
  })

  it('cannot be driven from a page of another site', async () => {
    const { view, orders } = await watched()
    const other = await openLiveView({
      port: 0,
      run: { script: 'other', label: 'other' },
      control: { pause() {}, resume() {}, scale() {}, stop() {} },
    })
    open.push(other)
    const context = await browser.newContext({ bypassCSP: true })
    const page = await context.newPage()
    await page.goto(other.url)
    const outcomes = await page.evaluate(async (target) => {
      const body = JSON.stringify({ action: 'stop' })
      const tries: RequestInit[] = [
        { headers: { 'content-type': 'application/json' } },
        { headers: { 'content-type': 'text/plain' }, mode: 'no-cors' },
        { headers: { 'content-type': 'text/plain' } },
      ]
      return Promise.all(
        tries.map((init) =>
          fetch(target, { method: 'POST', body, ...init }).then(
            ({ status }) => status,
            () => 'refused',
          ),
        ),
      )
    }, `${view.url}control`)
    assert.deepEqual(outcomes, ['refused', 0, 'refused'])
    assert.deepEqual(orders, [])
  })
})
