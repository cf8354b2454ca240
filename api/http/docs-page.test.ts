import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRoute, z } from '@hono/zod-openapi'
import { createMetrics } from '../../observability/metrics.ts'
import { createApplication } from './application.ts'
import { newServerState } from './guard.ts'
import { HTTP_LIMITS } from './limits.ts'
import { jsonAnswer, problemAnswers } from './openapi.ts'
import { PROBLEMS } from './problem.ts'

function application() {
  const app = createApplication({
    state: newServerState(),
    limits: HTTP_LIMITS,
    metrics: createMetrics('test'),
    loopDelay_ms: () => 0,
    onFault: (error) => assert.fail(error as Error),
    info: { title: 'A <script> & more', description: 'test' },
    checks: {},
  })
  const schema = z.object({ text: z.string().meta({ description: '<b>&amp;</b>' }) }).meta({ id: 'Thing' })
  const route = createRoute({
    method: 'get',
    path: '/things/{id}',
    tags: ['things'],
    summary: 'A thing',
    request: { params: z.object({ id: z.string() }) },
    responses: { 200: jsonAnswer('The thing', schema), ...problemAnswers('not-found') },
  })
  app.openapi(route, (c) => c.json({ text: '' }, 200))
  return app
}

describe('the page at /docs', () => {
  it('has a paragraph for every kind of problem, which its type leads to', async () => {
    const page = await (await application().request('/docs')).text()
    for (const kind of Object.keys(PROBLEMS)) assert.ok(page.includes(`id="${kind}"`), kind)
  })

  it('shows every route of the document', async () => {
    const app = application()
    const page = await (await app.request('/docs')).text()
    const { paths } = (await (await app.request('/openapi.json')).json()) as { paths: object }
    assert.ok('/things/{id}' in paths)
    for (const path of Object.keys(paths)) assert.ok(page.includes(`<code>${path}</code>`), path)
    assert.match(page, /curl &quot;http:\/\/\$HOST\/things\/\$id&quot;/)
    assert.match(page, /<a href="#schema-Thing">Thing<\/a>/)
  })

  it('loads nothing from elsewhere, runs nothing, and lets no text become markup', async () => {
    const page = await (await application().request('/docs')).text()
    assert.doesNotMatch(page, /<script|<style|\sstyle=|\son[a-z]+=|javascript:|(src|href)="(https?:)?\/\//)
    assert.match(page, /<title>A &lt;script&gt; &amp; more<\/title>/)
    assert.match(page, /&lt;b>&amp;amp;&lt;\/b>/)
  })

  it('follows the reader’s choice of light or dark', async () => {
    const style = await application().request('/docs/style.css')
    assert.match(style.headers.get('content-type')!, /text\/css/)
    assert.match(await style.text(), /color-scheme: light dark/)
  })
})
