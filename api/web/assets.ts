/**
 * What a page loads: its HTML, one script, the stylesheet and the icon, built once a process and kept in memory.
 *
 * Nothing is written to disk and nothing is built ahead, so a fresh checkout serves pages with no build step. Each
 * file's name holds a hash of its content: a browser may keep it for ever, and a new version is a new name.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build } from 'esbuild'

export type PageName = 'listener' | 'report'

/** One file in both forms in which it is sent. */
export interface Asset {
  type: string
  plain: Uint8Array<ArrayBuffer>
  gzipped: Uint8Array<ArrayBuffer>
  /** First half of the SHA-256 of `plain`, hex. */
  hash: string
}

export interface PageAssets {
  html: Asset
  /** By file name, as in `/assets/<name>`. */
  files: ReadonlyMap<string, Asset>
}

const FOLDER = import.meta.dirname

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

const built = new Map<PageName, Promise<PageAssets>>()

/** The page's files; the first call builds them (about 0.1 s), later ones share the result. */
export function pageAssets(page: PageName): Promise<PageAssets> {
  let assets = built.get(page)
  if (assets === undefined) {
    assets = buildPage(page)
    built.set(page, assets)
    // A failed build is reported to whoever asked; the next request tries afresh.
    assets.catch(() => built.delete(page))
  }
  return assets
}

async function buildPage(page: PageName): Promise<PageAssets> {
  const sources = [join('browser', page === 'listener' ? 'listener.ts' : 'report.ts'), 'style.css', 'icon.svg']
  const { outputFiles } = await build({
    absWorkingDir: FOLDER,
    entryPoints: sources.map((source) => join(FOLDER, source)),
    outdir: join(FOLDER, 'assets'),
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    loader: { '.svg': 'copy' },
    // The report page's bundle holds uPlot, whose licence asks to be named wherever the code goes.
    ...(page === 'report' && { banner: { js: '/*! Holds uPlot, Copyright (c) Leon Sorokin, MIT licence. */' } }),
    logLevel: 'silent',
  })
  const files = new Map<string, Asset>()
  for (const { path, contents } of outputFiles) {
    const name = basename(path)
    files.set(name, await asset(Uint8Array.from(contents), TYPES[name.split('.').at(-1)!]!))
  }
  const html = linkAssets(await readFile(join(FOLDER, `${page}.html`), 'utf8'), [...files.keys()])
  return { html: await asset(new TextEncoder().encode(html), 'text/html; charset=utf-8'), files }
}

/**
 * Replaces each `/assets/<name>.<ending>` of the HTML by the built file's name with its hash.
 * @throws Error when the HTML names a file that was not built: a fault in this folder
 */
export function linkAssets(html: string, names: readonly string[]): string {
  return html.replace(/\/assets\/([\w-]+)\.(\w+)/g, (link, stem: string, ending: string) => {
    const name = names.find((candidate) => candidate.replace(/-[A-Z0-9]{8}\./, '.') === `${stem}.${ending}`)
    if (name === undefined) throw new Error(`the page names ${link}, which is not among ${names.join(', ')}`)
    return `/assets/${name}`
  })
}

async function asset(plain: Uint8Array<ArrayBuffer>, type: string): Promise<Asset> {
  return {
    type,
    plain,
    gzipped: Uint8Array.from(await promisify(gzip)(plain, { level: 9 })),
    hash: createHash('sha256').update(plain).digest('hex').slice(0, 32),
  }
}
