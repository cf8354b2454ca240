/**
 * The pages as a browser sees them, over a stand-in of the API. The browser is the system's Chromium; where there is
 * none these tests say that they are skipped, and with MUSICBOX_REQUIRE_BROWSER=1 they fail instead.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { SONGS, type StandIn, standIn } from './api-stand-in.ts'
import { linkAssets } from './assets.ts'
import { eventPages, PAGE_CSP, reportPages } from './pages.ts'

const CHROMIUM = '/usr/bin/chromium'
const REQUIRED = process.env['MUSICBOX_REQUIRE_BROWSER'] === '1'
const skip = existsSync(CHROMIUM) || REQUIRED ? false : `skipped: there is no browser at ${CHROMIUM}`

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const PAGES = [
  ['listener', eventPages],
  ['report', reportPages],
] as const

describe('the pages over HTTP', () => {
  for (const [name, pages] of PAGES) {
    it(`the ${name} page and all it loads come from the same server, and may be cached by name`, async () => {
      const app = pages()
      const html = await app.request('/')
      assert.equal(html.status, 200)
      assert.equal(html.headers.get('content-security-policy'), PAGE_CSP)
      assert.equal(html.headers.get('cache-control'), 'no-cache')
      const text = await html.text()
      const links = [...text.matchAll(/(?:src|href)="([^"#]+)/g)].map(([, link]) => link!)
      assert.ok(links.length >= 3)
      for (const link of links) {
        assert.match(link, /^\/assets\/[a-z]+-[A-Z0-9]{8}\.(js|css|svg)$/)
        const file = await app.request(link)
        assert.equal(file.status, 200)
        assert.equal(file.headers.get('cache-control'), 'public, max-age=31536000, immutable')
        const addresses = [...(await file.text()).matchAll(/\bhttps?:\/\/[^\s"'`)]+/g)].map(([address]) => address)
        assert.deepEqual(
          addresses.filter((address) => address !== 'http://www.w3.org/2000/svg'),
          [],
          `${link} names an address elsewhere`,
        )
      }
      assert.doesNotMatch(text, /<script(?![^>]*\bsrc=)|\bstyle=|<style|\bon[a-z]+=/, 'something is inline')
      assert.equal((await app.request('/assets/other-AAAAAAAA.js')).status, 404)
    })

    it(`the ${name} page is sent once and then only confirmed, in either encoding`, async () => {
      const app = pages()
      for (const encoding of ['gzip, br', 'gzip;q=0', 'identity']) {
        const headers = { 'accept-encoding': encoding }
        const first = await app.request('/', { headers })
        assert.equal(first.headers.get('content-encoding'), encoding === 'gzip, br' ? 'gzip' : null)
        const etag = first.headers.get('etag')!
        const again = await app.request('/', { headers: { ...headers, 'if-none-match': `"other", W/${etag}` } })
        assert.equal(again.status, 304)
        assert.equal(await again.text(), '')
        assert.equal((await app.request('/', { headers: { ...headers, 'if-none-match': '"other"' } })).status, 200)
      }
    })
  }

  it('a page that names a file which was not built is a fault, not a broken page', () => {
    assert.equal(linkAssets('src="/assets/a.js"', ['a-ABCDEFGH.js']), 'src="/assets/a-ABCDEFGH.js"')
    assert.throws(() => linkAssets('src="/assets/b.js"', ['a-ABCDEFGH.js']), /\/assets\/b\.js/)
  })
})

describe('the pages in a browser', { skip }, () => {
  let browser: Browser
  const closers: (() => unknown)[] = []

  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  })
  after(() => browser?.close())
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })

  /** A page of its own with a server of its own; what the browser complains of lands in `complaints`. */
  async function open(
    pages: () => Hono,
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; api: StandIn; url: string; complaints: string[] }> {
    const api = standIn()
    const app = new Hono()
    app.route('/', api.app)
    app.route('/', pages())
    const server = createAdaptorServer({ fetch: app.fetch })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closers.push(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const context = await browser.newContext(options)
    closers.unshift(() => context.close())
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) complaints.push(`request to ${request.url()}`)
    })
    await page.goto(url)
    return { page, api, url, complaints }
  }

  const row = (kind: string): string => `.event[data-kind="${kind}"]`

  it('a listener signs in, searches, plays and reacts, and every act is an event the server has', async () => {
    const { page, api, complaints } = await open(eventPages)
    await page.fill('#uid', 'u-1')
    await page.click('button:has-text("Sign in")')
    await page.waitForSelector('#who-name:has-text("Ada Quill")')

    await page.fill('#query', 'cane')
    await page.waitForSelector('.song:has-text("Guero Canelo")')
    assert.equal(api.kept.filter(({ event }) => event === 'search').length, 0, 'typing alone is no search event')
    await page.press('#query', 'Enter')
    await page.click('.song:has-text("Guero Canelo")')
    await page.waitForSelector('.player-title:has-text("Guero Canelo")')
    await page.click('#tup')
    await page.click('#toggle')
    await page.click('#toggle[aria-label="Resume"]')
    await page.click('#tdn')
    await page.click('[aria-label="8 of 10 stars"]')
    await page.fill('#comment', 'A fine song')
    await page.press('#comment', 'Enter')
    await page.fill('#tag', 'calm, evening, calm')
    await page.press('#tag', 'Enter')
    await page.click('#skip')
    await page.click('#exit')
    await page.waitForSelector(`${row('exit')} .badge-good`)

    const { track_id } = SONGS.find(({ title }) => title === 'Guero Canelo')!
    assert.deepEqual(
      api.kept.map(({ event }) => event),
      ['login', 'search', 'play', 'tup', 'pause', 'resume', 'tdn', 'rate', 'comment', 'tag', 'skip', 'exit'],
    )
    assert.ok(api.kept.slice(2).every((event) => event.songid === track_id))
    assert.ok(api.kept.every(({ uid, session }) => uid === 'u-1' && session === api.kept[0]!.session))
    assert.equal(new Set(api.kept.map(({ eid }) => eid)).size, api.kept.length)
    const sent = Object.fromEntries(api.kept.map((event) => [event.event, event])) as Record<string, object>
    assert.partialDeepStrictEqual(sent, {
      search: { query: 'cane' },
      rate: { stars: 8 },
      comment: { text: 'A fine song' },
      tag: { tags: ['calm', 'evening'] },
    })
    assert.equal(await page.locator('.badge-bad, .badge-warn').count(), 0)
    assert.match((await page.textContent(`${row('play')} .badge-good`))!, /accepted · \d/)
    assert.deepEqual(complaints, [])
  })

  it('an event sent again is a duplicate; a refused one says why', async () => {
    const { page, api, complaints } = await open(eventPages)
    await page.click('#guest')
    await page.click(`${row('login')} button:has-text("Send again")`)
    await page.waitForSelector(`${row('login')} .badge-same:has-text("duplicate")`)
    assert.equal(api.kept.length, 1)
    assert.match(api.kept[0]!.uid, /^Guest_[0-9a-f]{8}$/)
    assert.deepEqual(complaints, [])

    await page.fill('#query', 'harbour')
    await page.click('.song')
    await page.fill('#comment', 'refuse me')
    await page.press('#comment', 'Enter')
    await page.waitForSelector(`${row('comment')} .badge-bad:has-text("Expected a kinder comment.")`)
  })

  it('while the server is away events are kept, over a reload too, and then arrive once under their ids', async () => {
    const { page, api } = await open(eventPages)
    await page.click('#guest')
    await page.waitForSelector(`${row('login')} .badge-good`)
    api.down = true
    await page.fill('#query', 'harbour')
    await page.click('.song')
    await page.click('#tup')
    await page.waitForSelector('#offline:has-text("2 events are kept")')
    const eids = await page.$$eval('.event', (rows) => rows.slice(0, 2).map((one) => one.getAttribute('data-eid')))
    page.on('dialog', (dialog) => dialog.accept())
    await page.reload()
    await page.waitForSelector('#offline:has-text("2 events are kept")')
    api.down = false
    // The server has forgotten its tokens: a new one is fetched on the way.
    api.tokensVoid = true
    await page.click('text=Try now')
    await page.waitForSelector(`${row('tup')} .badge-good`)
    await page.waitForSelector('#offline', { state: 'hidden' })
    assert.deepEqual(
      api.kept.map(({ event }) => event),
      ['login', 'play', 'tup'],
    )
    assert.deepEqual(
      api.kept.slice(1).map(({ eid }) => eid),
      eids.toReversed(),
    )
  })

  it('a song that ends is followed by the next of the list, and an unknown listener is told so', async () => {
    const { page, api } = await open(eventPages)
    await page.fill('#uid', 'nobody-1')
    await page.press('#uid', 'Enter')
    await page.waitForSelector('#sign-in-problem:has-text("There is no listener")')
    await page.click('#guest')
    await page.fill('#query', 'the')
    await page.waitForSelector('.artist summary:has-text("The Velvet Cartographers")')
    await page.click('.artist summary:has-text("The Velvet Cartographers")')
    await page.click('.similar button:has-text("Mira Solano")')
    await page.fill('#query', 'o')
    await page.click('.song:has-text("Slow Orbit")')
    // It lasts a second and a half, and is the last of its list.
    await page.waitForSelector('#toggle[aria-label="Play again"]')
    await page.click('#toggle')
    await page.waitForSelector(`${row('play')} >> nth=1`)
    assert.ok(!api.kept.some(({ event }) => event === 'skip'))
  })

  it('a long search goes on page by page, and what is played is followed by the rest', async () => {
    const { page, complaints } = await open(eventPages)
    await page.click('#guest')
    await page.fill('#query', 'many')
    await page.waitForSelector('.song >> nth=9')
    for (const count of [20, 30, 40, 45]) {
      await page.click('button:has-text("More songs")')
      await page.waitForSelector(`.song >> nth=${count - 1}`)
      assert.equal(await page.locator('.song').count(), count)
    }
    await page.waitForSelector('button:has-text("More songs")', { state: 'hidden' })
    await page.click('.song:has-text("Many 19")')
    await page.waitForSelector('.next:has-text("Next: Many 20")')
    assert.deepEqual(complaints, [])
  })

  it('a report shows its curve, its numbers, how fresh they are, and every day in a table', async () => {
    const { page, url, complaints } = await open(reportPages)
    await page.waitForSelector('#freshness:has-text("As of 1 Nov 2026, 03:20 UTC"):has-text("incomplete")')
    await page.waitForSelector('.sentence:has-text("events are counted on 88 days; the busiest was 12 Sep 2026")')
    assert.ok(await inked(page), 'the overview’s curve is empty')
    await page.fill('#pick', 'harb')
    await page.waitForSelector('[role=option]:has-text("Harbour Lanterns")')
    await page.press('#pick', 'ArrowDown')
    await page.press('#pick', 'Enter')
    await page.waitForSelector('#subject-title:has-text("Harbour Lanterns")')
    assert.equal(page.url(), `${url}/#/songs/${SONGS[0]!.track_id}`)
    assert.match(
      (await page.textContent('#sentence'))!,
      /^Plays peaked at \d+ on 4 Oct\. .*2 days are not published yet\.$/,
    )
    assert.match((await page.textContent('.totals'))!, /Plays[\d,]+Distinct listeners[\d,]+/)
    assert.equal(await page.locator('tbody tr').count(), 28)
    assert.equal(await page.locator('.unpublished').count(), 2)
    assert.ok(await inked(page), 'the curve is empty')

    const artist = await page.getAttribute('.subject-head a:has-text("The Velvet Cartographers")', 'href')
    assert.equal(artist, `#/artists/${SONGS[0]!.artist_id}`)
    await page.focus('.curve-canvas')
    await page.keyboard.press('End')
    await page.waitForSelector('.curve-readout:has-text("31 Oct 2026"):has-text("plays")')
    for (let step = 0; step < 8; step++) await page.keyboard.press('ArrowLeft')
    await page.waitForSelector('.curve-readout:has-text("23 Oct 2026"):has-text("not published yet")')

    // A day that is still running, and a month that has not begun: nothing to draw is no fault.
    await page.selectOption('#period', 'today')
    await page.waitForSelector('#sentence:has-text("No day of this period is published yet.")')
    await page.selectOption('#period', 'this-month')
    await page.waitForSelector('.curve:has-text("This period holds no day yet.")')
    await page.selectOption('#period', 'yesterday')
    await page.waitForSelector('.card-foot:has-text("Yesterday: 31 Oct 2026")')
    await page.waitForSelector('#freshness.is-complete:has-text("✓ complete")')
    assert.equal(await page.locator('tbody tr').count(), 1)
    const csv = await page.getAttribute('a:has-text("Download CSV")', 'href')
    assert.equal(csv, `/v1/reports/songs/${SONGS[0]!.track_id}?period=yesterday&format=csv`)
    assert.deepEqual(complaints, [])
  })

  it('a row of a top list leads to its curve, and the address brings another reader to the same view', async () => {
    const { page, url, complaints } = await open(reportPages)
    await page.click('.segments a:has-text("Artists")')
    await page.waitForSelector('[data-by="rising"] .top-row:has-text("Mira Solano")')
    assert.match((await page.textContent('[data-by="rising"] .top-row >> nth=0'))!, /▲ 70 % up/)
    await page.click('[data-by="rising"] .top-row:has-text("Mira Solano")')
    await page.waitForSelector('#subject-title:has-text("Mira Solano")')
    assert.equal(await page.locator('.top-row[aria-current]').count(), 3)
    const link = page.url()
    assert.match(link, /#\/artists\/ARABCDE0+1\?top=artists$/)
    await page.goBack()
    await page.waitForSelector('h1:has-text("What is being played")')
    const other = await page.context().newPage()
    await other.goto(link)
    await other.waitForSelector('#subject-title:has-text("Mira Solano")')
    assert.equal(await other.locator('.segments [aria-current]').textContent(), 'Artists')
    assert.deepEqual(complaints, [])

    // All time has nothing before it: no song is new, and none rises.
    await page.goto(`${url}/#/?period=total`)
    await page.waitForSelector('[data-by="rising"]:has-text("no days before this period")')
    assert.equal(await page.locator('.change').count(), 0)

    // A name from outside stays text.
    await page.goto(url)
    await page.click('.top-row:has-text("<b>Not Bold</b>") >> nth=0')
    await page.waitForSelector('#subject-title:has-text("<b>Not Bold</b>")')
    assert.equal(await page.locator('#subject-title b').count(), 0)
    assert.deepEqual(complaints, [])

    await page.goto(`${url}/#/songs/unknown-x?period=today`)
    await page.waitForSelector('.failure:has-text("There is no such song")')
    await page.waitForSelector('.top:has-text("No day of this period is published yet.")')
  })

  it('the checks have teeth: a faint text is found, and an inline script does not run', async () => {
    const { page, complaints } = await open(reportPages)
    await page.waitForSelector('.top-title')
    await page.evaluate(() => {
      document.querySelector<HTMLElement>('.top-title')!.style.color = 'rgb(170, 170, 170)'
    })
    assert.equal((await page.evaluate(faintTexts)).length, 1)
    await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'document.title = "ran"'
      document.body.append(script)
    })
    assert.notEqual(await page.title(), 'ran')
    assert.match(complaints.join('\n'), /Content Security Policy/)
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`fits a narrow phone and reads well, ${colorScheme}`, async () => {
      const viewport = { width: 360, height: 740 }
      const listener = await open(eventPages, { viewport, colorScheme })
      await listener.page.click('#guest')
      await listener.page.fill('#query', 'the')
      await listener.page.click('.song >> nth=0')
      await listener.page.click('#tup')
      await listener.page.waitForSelector(`${row('tup')} .badge-good`)
      const report = await open(reportPages, { viewport, colorScheme })
      await report.page.click('.top-row >> nth=3')
      await report.page.waitForSelector('#sentence')
      for (const { page, complaints } of [listener, report]) {
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways')
        assert.deepEqual(await page.evaluate(faintTexts), [])
        assert.deepEqual(complaints, [])
      }
    })
  }
})

/** Whether the curve's canvas has more than one colour on it. */
function inked(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.curve canvas')!
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    const colours = new Set<number>()
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3]! > 0) colours.add((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!)
    }
    return colours.size > 10
  })
}

/** Texts whose contrast with their ground is under 4.5 : 1 (WCAG 2.2, 1.4.3). Runs in the page, so it stands alone. */
function faintTexts(): string[] {
  const parse = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = ([r, g, b]: number[]): number => {
    const [lr, lg, lb] = [r!, g!, b!].map((channel) => {
      const part = channel / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * lr! + 0.7152 * lg! + 0.0722 * lb!
  }
  const groundOf = (start: Element): number[] => {
    for (let at: Element | null = start; at !== null; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor)
      if (colour.length === 3 || colour[3] === 1) return colour
    }
    return [255, 255, 255]
  }
  const faint: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement!
    const text = walker.currentNode.textContent!.trim()
    if (text === '' || !parent.checkVisibility() || parent.closest('.sr-only, script, noscript, option')) continue
    const [one, other] = [luminance(parse(getComputedStyle(parent).color)), luminance(groundOf(parent))]
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${parent.className} ${text.slice(0, 30)}`)
  }
  return faint
}
