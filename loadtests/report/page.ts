/** A whole page in one text, and the markup it is made of. */
import { html, raw } from 'hono/html'
import type { BrowserBundle } from './browser-bundle.ts'

export type Markup = ReturnType<typeof raw>

/** A tagged template whose values are escaped, unless they are markup themselves. */
export function markup(strings: TemplateStringsArray, ...values: unknown[]): Markup {
  // The library answers with a promise only when it is given one.
  return html(strings, ...values) as Markup
}

export interface Page {
  title: string
  body: Markup
  bundle: BrowserBundle
  /** What the script finds under `#run-data`. */
  data?: unknown
}

export function pageText({ title, body, bundle, data }: Page): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${bundle.policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 14V8h3v6zm5 0V2h3v12zm5 0V5h3v9z' fill='%230d6a67'/%3E%3C/svg%3E">
<style>${raw(bundle.css)}</style>
</head>
<body>
${body}
${data === undefined ? '' : markup`<script type="application/json" id="run-data">${raw(dataText(data))}</script>`}
<script>${raw(bundle.js)}</script>
</body>
</html>
`
  return page.toString()
}

/** JSON that cannot end the script element it stands in; pictures need no more than five digits. */
function dataText(data: unknown): string {
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
  return JSON.stringify(data, short).replace(/</g, '\\u003c')
}
