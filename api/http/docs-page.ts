/**
 * `/docs`: the API's document as a page, made on the server, with nothing from elsewhere and no script. Every problem
 * kind has its paragraph here, which the `type` of a problem document links to.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { html, raw } from 'hono/html'
import type { Application } from './application.ts'
import { BATCH_EVENTS_MAX, EVENT_BYTES_MAX, HTTP_LIMITS } from './limits.ts'
import { type DocumentInfo, EVERY_ROUTE, type OpenApiDocument, openApiDocument } from './openapi.ts'
import { PROBLEMS } from './problem.ts'

const documentRoute = createRoute({
  method: 'get',
  path: '/openapi.json',
  tags: ['document'],
  summary: 'This API as OpenAPI 3.1',
  responses: {
    200: {
      description: 'The document',
      content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
    },
  },
})

const pageRoute = createRoute({
  method: 'get',
  path: '/docs',
  tags: ['document'],
  summary: 'This API as a page',
  responses: { 200: { description: 'The page', content: { 'text/html': { schema: z.string() } } } },
})

const styleRoute = createRoute({
  method: 'get',
  path: '/docs/style.css',
  tags: ['document'],
  summary: 'The page’s style',
  responses: { 200: { description: 'The style', content: { 'text/css': { schema: z.string() } } } },
})

const iconRoute = createRoute({
  method: 'get',
  path: '/docs/icon.svg',
  tags: ['document'],
  summary: 'The page’s icon',
  responses: { 200: { description: 'The icon', content: { 'image/svg+xml': { schema: z.string() } } } },
})

export function docsRoutes(app: Application, info: DocumentInfo): void {
  // Routes are added after this one, so the document is made when it is first asked for.
  let made: OpenApiDocument | undefined
  const document = (): OpenApiDocument => {
    made ??= openApiDocument(app, info)
    return made
  }
  app.openapi(documentRoute, (c) => c.json(document() as { openapi: string }, 200))
  app.openapi(pageRoute, async (c) => c.html(await page(document()), 200))
  app.openapi(iconRoute, (c) => c.body(ICON, 200, { 'Content-Type': 'image/svg+xml' }))
  app.openapi(styleRoute, (c) => c.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
}

interface Operation {
  method: string
  path: string
  tag: string
  summary: string
  description: string
  parameters: { name: string; in: string; required: boolean; schema: object; description: string }[]
  body: { type: string; schema: object }[]
  responses: { status: string; description: string; contents: { type: string; schema: object | undefined }[] }[]
}

type Text = ReturnType<typeof html>

function page(document: OpenApiDocument): Text {
  const operations = operationsOf(document)
  const place = (tag: string): number => (TAGS.includes(tag) ? TAGS.indexOf(tag) : TAGS.length)
  const tags = [...new Set(operations.map(({ tag }) => tag))].sort((a, b) => place(a) - place(b))
  const schemas = Object.entries(document.components?.schemas ?? {})
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${document.info.title}</title>
<link rel="stylesheet" href="/docs/style.css">
<link rel="icon" type="image/svg+xml" href="/docs/icon.svg">
</head>
<body>
<main>
<h1>${document.info.title}</h1>
<p>${document.info.description ?? ''}</p>
<nav>${tags.map((tag) => html`<a href="#tag-${tag}">${tag}</a> `)}<a href="#limits">limits</a> <a href="#problems">problems</a> <a href="#schemas">schemas</a> <a href="/openapi.json">openapi.json</a></nav>
${tags.map((tag) => html`<h2 id="tag-${tag}">${tag}</h2>${operations.filter((operation) => operation.tag === tag).map(section)}`)}
<h2 id="limits">limits</h2>
<table>
<tr><td>Body</td><td>${HTTP_LIMITS.body_bytes_max} bytes</td></tr>
<tr><td>Events a request</td><td>${BATCH_EVENTS_MAX}</td></tr>
<tr><td>One event</td><td>${EVENT_BYTES_MAX} bytes</td></tr>
<tr><td>Headers</td><td>${HTTP_LIMITS.header_bytes_max} bytes, ${HTTP_LIMITS.header_count_max} of them, within ${HTTP_LIMITS.headers_ms_max} ms</td></tr>
<tr><td>Whole request</td><td>within ${HTTP_LIMITS.request_ms_max} ms</td></tr>
<tr><td>Idle connection</td><td>${HTTP_LIMITS.keep_alive_ms} ms</td></tr>
</table>
<h2 id="problems">problems</h2>
<p>Every failure is <code>application/problem+json</code> (RFC 9457). Its <code>type</code> leads here. Beside the answers listed with it, each route may answer ${GENERAL.map(
    ({ status, title }) => html`${status} (${title.toLowerCase()}) `,
  )}.</p>
${Object.entries(PROBLEMS).map(
  ([kind, { status, title, remedy }]) =>
    html`<section id="${kind}"><h3><code>${kind}</code> ${status} ${title}</h3><p>${remedy}</p></section>`,
)}
<h2 id="schemas">schemas</h2>
${schemas.map(([name, schema]) => html`<details id="schema-${name}"><summary>${name}</summary>${json(schema)}</details>`)}
</main>
</body>
</html>`
}

/** What the API is for comes first. */
const TAGS = ['events', 'reports', 'catalogue', 'health', 'document']

const GENERAL = EVERY_ROUTE.map((kind) => PROBLEMS[kind])

/** Whether an answer says more than that every route has it. */
function isOwn({ status, description }: { status: string; description: string }): boolean {
  return !GENERAL.some((general) => String(general.status) === status && general.title === description)
}

function section(operation: Operation): Text {
  return html`<section>
<h3><span class="method">${operation.method}</span> <code>${operation.path}</code></h3>
<p>${operation.summary}.${operation.description === '' ? '' : ` ${operation.description}`}</p>
${
  operation.parameters.length === 0
    ? ''
    : html`<table><tr><th>parameter</th><th>in</th><th>what</th></tr>${operation.parameters.map(
        ({ name, in: place, required, schema, description }) =>
          html`<tr><td><code>${name}</code>${required ? '' : ' (optional)'}</td><td>${place}</td><td>${description} <code>${JSON.stringify(schema)}</code></td></tr>`,
      )}</table>`
}
${operation.body.map(({ type, schema }) => html`<details><summary>body, ${type}</summary>${json(schema)}</details>`)}
${operation.responses
  .filter(isOwn)
  .map(
    ({ status, description, contents }) =>
      html`<details><summary><b>${status}</b> ${description}</summary>${contents.map(
        ({ type, schema }) => html`<p><code>${type}</code></p>${schema === undefined ? '' : json(schema)}`,
      )}</details>`,
  )}
<pre>${curl(operation)}</pre>
</section>`
}

function json(value: unknown): Text {
  return html`<pre>${raw(
    JSON.stringify(value, null, 2)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replace(/&quot;|"#\/components\/schemas\/(\w+)"/g, (_, name) => `"<a href="#schema-${name}">${name}</a>"`),
  )}</pre>`
}

function curl({ method, path, body }: Operation): string {
  const target = `"http://$HOST${path.replace(/\{(\w+)\}/g, '$$$1')}"`
  return body.length === 0
    ? `curl ${target}`
    : `curl -X ${method} ${target} -H 'Content-Type: ${body[0]!.type}' -d @body.json`
}

function operationsOf(document: OpenApiDocument): Operation[] {
  const operations: Operation[] = []
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const [method, value] of Object.entries(item as Record<string, Record<string, unknown>>)) {
      const contents = (content: unknown): { type: string; schema: object }[] =>
        Object.entries((content ?? {}) as Record<string, { schema: object }>).map(([type, { schema }]) => ({
          type,
          schema,
        }))
      operations.push({
        method: method.toUpperCase(),
        path,
        tag: (value['tags'] as string[] | undefined)?.[0] ?? 'other',
        summary: String(value['summary'] ?? ''),
        description: String(value['description'] ?? ''),
        parameters: ((value['parameters'] ?? []) as Record<string, unknown>[]).map((parameter) => ({
          name: String(parameter['name']),
          in: String(parameter['in']),
          required: parameter['required'] === true,
          schema: (parameter['schema'] ?? {}) as object,
          description: String(parameter['description'] ?? ''),
        })),
        body: contents((value['requestBody'] as { content?: unknown } | undefined)?.content),
        responses: Object.entries(value['responses'] as Record<string, { description: string; content?: unknown }>).map(
          ([status, response]) => ({ status, description: response.description, contents: contents(response.content) }),
        ),
      })
    }
  }
  return operations
}

const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; background: light-dark(#fff, #16181d); color: light-dark(#1b1d22, #e4e6eb); }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
a { color: light-dark(#0a58ca, #8ab4f8); }
nav a { margin-right: 1rem; }
section { border-top: 1px solid light-dark(#d8dbe0, #33373f); padding: .5rem 0; }
h3 { margin: .5rem 0; font-size: 1.05rem; }
.method { font-weight: 700; color: light-dark(#0b6b3a, #7bd8a4); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .75rem; border-radius: .4rem; background: light-dark(#f3f4f6, #22252c); font-size: .85rem; }
code { font-size: .9em; }
summary { cursor: pointer; }
`

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#0b6b3a"/><path d="M6 7h12M6 12h12M6 17h7" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/></svg>`
