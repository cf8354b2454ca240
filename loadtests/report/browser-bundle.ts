/** What a browser loads of a page here, as two texts: one script and one stylesheet, ready to stand in the page itself. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { build } from 'esbuild'

export interface BrowserBundle {
  js: string
  css: string
  /** Content security policy: these two and data from the page's own server, nothing else, wherever it comes from. */
  policy: string
}

const built = new Map<string, Promise<BrowserBundle>>()

/** Built once a process (about 0.1 s). @param entry path of the script, from this file's folder's parent */
export function browserBundle(entry: 'report/browser/report.ts' | 'live/browser/live.ts'): Promise<BrowserBundle> {
  let bundle = built.get(entry)
  if (bundle === undefined) {
    bundle = bundled(entry)
    built.set(entry, bundle)
    // A failed build is reported to whoever asked; the next one tries afresh.
    bundle.catch(() => built.delete(entry))
  }
  return bundle
}

async function bundled(entry: string): Promise<BrowserBundle> {
  const rooms = join(import.meta.dirname, '..')
  const { outputFiles } = await build({
    absWorkingDir: rooms,
    entryPoints: { script: join(rooms, entry), style: join(import.meta.dirname, 'style.css') },
    outdir: join(rooms, 'out'),
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    // The bundle holds uPlot, whose licence asks to be named wherever the code goes.
    banner: { js: '/*! Holds uPlot, Copyright (c) Leon Sorokin, MIT licence. */' },
    logLevel: 'silent',
  })
  const textOf = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))!.text.trim()
  // In a page a script ends at the first "</script", wherever it stands.
  const js = textOf('.js').replace(/<\/script/gi, '<\\/script')
  const css = textOf('.css')
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(js)}`,
    `style-src ${hashOf(css)}`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return { js, css, policy }
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
