/** A browser for tests of pages: the system's Chromium. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** Why tests that need a browser are skipped; false when they are not. */
export const withoutBrowser: string | false =
  existsSync(CHROMIUM) || process.env['MUSICBOX_REQUIRE_BROWSER'] === '1'
    ? false
    : `skipped: there is no browser at ${CHROMIUM}`

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

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
}

/** What the browser complains of from now on, and every request to elsewhere than `own`. */
export function listenTo(page: Page, own: string): string[] {
  page.setDefaultTimeout(30_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(own) && !url.startsWith('data:')) complaints.push(`request to ${url}`)
  })
  return complaints
}
