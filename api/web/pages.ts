/** The two pages: `/` and what it loads under `/assets/`. Each server mounts its own, after its API. */
import type { Context } from 'hono'
import { Hono } from 'hono'
import { type Asset, type PageName, pageAssets } from './assets.ts'

/** The listener page: sign in, search, play, and see what became of each event. Talks to the event API it is served by. */
export function eventPages(): Hono {
  return pages('listener')
}

/** The report page: curves and top lists. Talks to the report API it is served by. */
export function reportPages(): Hono {
  return pages('report')
}

/** Nothing inline, nothing from elsewhere, in no frame: what a stray piece of markup could do, the browser refuses. */
export const PAGE_CSP =
  "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"

function pages(page: PageName): Hono {
  const app = new Hono()
  app.get('/', async (c) => {
    const { html } = await pageAssets(page)
    c.header('content-security-policy', PAGE_CSP)
    c.header('x-content-type-options', 'nosniff')
    c.header('referrer-policy', 'no-referrer')
    // Asked for each time, so that a new version shows at once; unchanged, the answer is an empty 304.
    return send(c, html, 'no-cache')
  })
  app.get('/assets/:name', async (c) => {
    const file = (await pageAssets(page)).files.get(c.req.param('name'))
    if (file === undefined) return c.notFound()
    c.header('x-content-type-options', 'nosniff')
    return send(c, file, 'public, max-age=31536000, immutable')
  })
  return app
}

function send(c: Context, file: Asset, cacheControl: string): Response {
  const gzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(c.req.header('accept-encoding') ?? '')
  // Two encodings are two representations, so they carry two tags.
  const etag = `"${file.hash}${gzip ? '-gzip' : ''}"`
  c.header('cache-control', cacheControl)
  c.header('vary', 'accept-encoding')
  c.header('etag', etag)
  const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (known.includes(etag) || known.includes('*')) return c.body(null, 304)
  c.header('content-type', file.type)
  if (gzip) c.header('content-encoding', 'gzip')
  return c.body(gzip ? file.gzipped : file.plain)
}
