/**
 * Reports as a browser shows them. The browser is the system's Chromium; where there is none these tests say that they
 * are skipped, and with MUSICBOX_REQUIRE_BROWSER=1 they fail instead.
 */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { runCommand } from '../../datasets/command.suite.ts'
import type { Capsule } from '../capsule/capsule.ts'
import { writeCapsule } from '../capsule/capsule-file.ts'
import { sampleRun } from '../capsule/sample-run.suite.ts'
import { reportCommand } from '../report.command.ts'
import { launchBrowser, listenTo, withoutBrowser } from './browser.suite.ts'
import { renderReport, writeReport } from './report.ts'

const NASTY = `</script><img src=x onerror="document.title='taken'">`

const FAILED_PROOF: NonNullable<Capsule['proof']> = {
  ...{ verdict: 'FAILED', accepted: 3960, reported: 3959, lost: 1, doubled: 0, altered: 0, refused_but_present: 0 },
  ...{ unknown: 4, unknown_landed: 3 },
  found: [{ eid: '0f'.repeat(16), fault: NASTY, stage: 'warehouse', day: '2026-11-01', hour: '07' }],
  found_total: 5,
}

/** A run with something of everything, and with markup in every text that comes from outside. */
function richRun(): Capsule {
  const run = sampleRun({ seed: 1, seconds: 40, errors: 0.02 }, { run: NASTY, script: `${NASTY}.ts` })
  return {
    ...run,
    marks: [
      { at_s: 10, until_s: 14, kind: 'fault', text: `pause event-api ${NASTY}` },
      { at_s: 20, kind: 'scale', text: '80 listeners' },
    ],
    checks: [...run.checks, { name: NASTY, group: `::${NASTY}`, passes: 3, fails: 1 }],
    command: ['musicbox', 'load', `it's ${NASTY}`],
    env: { NAME: NASTY },
    options: { tags: { name: NASTY } },
    timeline: run.timeline.map((bucket, at) => ({
      ...bucket,
      series: { ...bucket.series, [`stage_lag_events{stage:${NASTY}}`]: { type: 'gauge', value: at, min: 0, max: at } },
    })),
    ledger: { file: NASTY, bytes: 12, sha256: 'ef'.repeat(32) },
    proof: FAILED_PROOF,
    result: {
      ...run.result,
      exitCode: 99,
      problem: NASTY,
      thresholds: [
        { metric: 'http_req_failed', threshold: 'rate<0.01', value: 0.02, ok: false },
        { metric: NASTY, threshold: 'p(95)<300 over 5s', value: 41.2, ok: true, window: { from_s: 12, to_s: 17 } },
      ],
    },
  }
}

function invalid(run: Capsule): Capsule {
  const generator = { ...run.result.generator, verdict: 'INVALID' as const, reasons: ['the loop stood still'] }
  return { ...run, result: { ...run.result, generator } }
}

describe('a report', () => {
  it('of an INVALID run says why and holds no figure of speed, in no table and in no data', async () => {
    const run = invalid(richRun())
    const text = await renderReport(run)
    const page = text.slice(0, text.indexOf('<script>')).replace(/<style>[\s\S]*<\/style>/, '')
    assert.match(page, /INVALID[\s\S]*the loop stood still/)
    const { requests, http_req_duration, response_time, accepted_per_s } = run.result
    for (const figure of [requests.per_s, http_req_duration.p95, response_time.p99, accepted_per_s]) {
      assert.ok(!page.includes(String(figure)), `${figure} is in the page`)
    }
    assert.doesNotMatch(page, /\d+(\.\d+)?( ms|\/s)\b|p95/)
    assert.match(page, /not judged/)
    assert.match(await renderReport(richRun()), / ms/)
  })

  it('is written whole by the command, or says why not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'report-'))
    try {
      const capsule = join(folder, 'run.capsule.json.gz')
      await writeCapsule(capsule, sampleRun({ seed: 1, seconds: 3 }))
      const out = join(folder, 'deep', 'report.html')
      const { exit, out: said } = await runCommand(reportCommand, ['report', capsule, '--out', out, '--json'])
      assert.equal(exit, 0)
      assert.deepEqual(JSON.parse(said), { report: out, run: 'sample', verdict: 'VALID' })
      assert.match(await readFile(out, 'utf8'), /not asked for: musicbox verify/)
      const proof = join(folder, 'proof.json')
      await writeFile(proof, JSON.stringify({ ...FAILED_PROOF, audit: {} }))
      assert.equal((await runCommand(reportCommand, ['report', capsule, '--out', out, '--proof', proof])).exit, 0)
      assert.match(await readFile(out, 'utf8'), /FAILED<\/span>\s*3,959 of 3,960 accepted/)
      await writeFile(proof, '{"verdict":"PROVEN"')
      const { exit: refused, err } = await runCommand(reportCommand, [
        'report',
        capsule,
        '--out',
        out,
        '--proof',
        proof,
      ])
      assert.equal(refused, 104)
      assert.match(err, /expected .*proof\.json to hold a proof/)
      assert.equal((await runCommand(reportCommand, ['report', capsule, '--out', join(capsule, 'x.html')])).exit, 3)
      assert.equal((await runCommand(reportCommand, ['report', out, '--out', 'x'])).exit, 5)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('a report in a browser', { skip: withoutBrowser }, () => {
  let browser: Browser
  let folder = ''
  before(async () => {
    browser = await launchBrowser()
    folder = await mkdtemp(join(tmpdir(), 'report-'))
  })
  after(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Opens the file as somebody would who was sent it. */
  async function open(run: Capsule, options = {}): Promise<{ page: Page; complaints: string[] }> {
    const path = join(folder, 'report.html')
    await writeReport(path, run)
    const page = await (await browser.newContext(options)).newPage()
    const complaints = listenTo(page, pathToFileURL(path).href)
    await page.goto(pathToFileURL(path).href)
    return { page, complaints }
  }

  it('draws every picture, asks the network for nothing and has nothing to complain of', async () => {
    for (const options of [
      { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
      { colorScheme: 'dark', viewport: { width: 390, height: 800 } },
    ] as const) {
      const { page, complaints } = await open(richRun(), options)
      await page.waitForSelector('#charts[data-drawn="9"]')
      const titles = await page.locator('.chart h3').allTextContents()
      for (const title of ['Requests', 'Response time', 'Listeners', 'Lag by stage', 'Times by percentile']) {
        assert.ok(titles.includes(title), `${title} is not among ${titles}`)
      }
      assert.deepEqual(await emptyCanvases(page), [])
      assert.equal(await overflow(page), 0, 'the page is wider than the screen')
      assert.deepEqual(complaints, [])
    }
  })

  it('shows the numbers of the capsule', async () => {
    const run = richRun()
    const { page } = await open(run)
    const exact = (id: string): Promise<number> => page.locator(`#${id}`).getAttribute('value').then(Number)
    const { requests, http_req_duration, response_time, accepted_per_s, listeners, checks, fates } = run.result
    assert.equal(await exact('requests'), requests.per_s)
    assert.equal(await exact('service-p95'), http_req_duration.p95)
    assert.equal(await exact('response-p95'), response_time.p95)
    assert.equal(await exact('accepted'), accepted_per_s)
    assert.equal(await exact('listeners'), listeners)
    assert.equal(await exact('failed'), (100 * requests.failed) / requests.count)
    assert.equal(await exact('checks-passed'), (100 * checks.passes) / (checks.passes + checks.fails))
    const shown = Number.parseFloat((await page.textContent('#service-p95'))!)
    assert.ok(Math.abs(shown - http_req_duration.p95) <= 0.005 * http_req_duration.p95)
    const counted = await page.$$eval('#events data', (all) => all.map((one) => Number(one.getAttribute('value'))))
    assert.deepEqual(counted, [run.result.traffic.events, ...Object.values(fates)])
    assert.match((await page.textContent('#checks'))!, /✗ 98\.\d+ %/)
    assert.match((await page.textContent('#thresholds'))!, /✗ missed[\s\S]*0\.02[\s\S]*✓ met[\s\S]*0:12 to 0:17/)
    assert.match((await page.textContent('#proof'))!, /1 lost[\s\S]*at warehouse, 2026-11-01 07:00[\s\S]*and 4 more/)
    assert.match((await page.textContent('.marks'))!, /fault 0:10 to 0:14[\s\S]*back after \d+ s[\s\S]*scale 0:20/)
  })

  it('takes text from outside as text, wherever it stands', async () => {
    const { page, complaints } = await open(richRun())
    await page.waitForSelector('#charts[data-drawn]')
    assert.equal(await page.title(), `${NASTY} – ${NASTY}.ts`)
    assert.equal(await page.locator('img').count(), 0)
    for (const place of ['h1', '#problem', '.marks', '#checks', '#thresholds', '#events', '#command', '#charts']) {
      assert.ok((await page.textContent(place))!.includes(place === '#command' ? 'onerror' : NASTY), place)
    }
    assert.deepEqual(complaints, [])
  })

  it('of an INVALID run has no picture', async () => {
    const { page, complaints } = await open(invalid(richRun()))
    await page.waitForSelector('#charts[data-drawn="0"]', { state: 'attached' })
    assert.equal(await page.locator('canvas').count(), 0)
    assert.deepEqual(complaints, [])
  })

  it('is read point by point with the arrow keys', async () => {
    const { page } = await open(richRun())
    const chart = page.locator('.chart', { hasText: 'Listeners' })
    await chart.locator('.chart-canvas').focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await chart.locator('strong', { hasText: '0:01' }).waitFor()
    assert.match((await chart.locator('.chart-readout').textContent())!, /at once 11/)
  })
})

/** Titles of the charts in which nothing is drawn. */
function emptyCanvases(page: Page): Promise<string[]> {
  return page.$$eval('.chart', (charts) =>
    charts
      .filter((chart) => {
        const canvas = chart.querySelector('canvas')
        const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data
        return !pixels?.some((value) => value !== 0)
      })
      .map((chart) => chart.querySelector('h3')?.textContent ?? ''),
  )
}

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
}
