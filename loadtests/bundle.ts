/**
 * From a k6 script to a function that makes its module, once per virtual user.
 *
 * The rules of import are k6's: `k6` and `k6/…`, and relative files with their ending. Anything else (npm packages,
 * Node's modules, JSON) is refused with file and line, because k6 itself would refuse it. No tsconfig is read.
 */
import { readFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { dirname, extname, relative, resolve } from 'node:path'
import { compileFunction } from 'node:vm'
import { build, type Message, type Plugin } from 'esbuild'
import { MusicboxError } from '../datasets/failure.ts'
import { findUnportable } from './portability.ts'

/** What a module sees as its globals: k6's, and Node's shadowed by nothing. */
export interface ScriptGlobals {
  console: Pick<Console, 'debug' | 'error' | 'info' | 'log' | 'warn'>
  setTimeout: unknown
  setInterval: unknown
  clearTimeout: unknown
  clearInterval: unknown
  open: unknown
  crypto: unknown
  __ENV: Readonly<Record<string, string>>
  /** Read anew each time: `__VU` and `__ITER` change while the module lives. */
  __k6: { readonly vu: number; readonly iteration: number }
}

export type ScriptExports = Record<string, unknown>

export interface Script {
  /** Absolute path. */
  path: string
  /** Absolute paths of all files in the bundle. */
  files: string[]
  /** A fresh instance of the module: its own state. */
  instantiate(require: (name: string) => unknown, globals: ScriptGlobals): ScriptExports
  /** The stack of an error with the places of the source files, paths relative to the working folder. */
  describe(error: unknown): string
  /** Whether an error was thrown by the script's own code. */
  owns(error: unknown): boolean
}

/** Globals of Node that k6 has not. A script that leans on one would break there, so it finds them undefined here. */
const ABSENT = [
  'process',
  'Buffer',
  'global',
  'globalThis',
  'fetch',
  'setImmediate',
  'structuredClone',
  'URL',
  'performance',
]
const PRESENT = [
  'console',
  'setTimeout',
  'setInterval',
  'clearTimeout',
  'clearInterval',
  'open',
  'crypto',
  '__ENV',
  '__k6',
] as const

/** @throws MusicboxError `script.failed` with file, line and remedy of what cannot be loaded */
export async function bundleScript(path: string): Promise<Script> {
  const entry = resolve(path)
  const built = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    outfile: 'script.js',
    format: 'cjs',
    platform: 'neutral',
    target: 'esnext',
    sourcemap: 'external',
    tsconfigRaw: '{}',
    logLevel: 'silent',
    metafile: true,
    define: { __VU: '__k6.vu', __ITER: '__k6.iteration' },
    plugins: [importRules],
  }).catch((error: { errors?: Message[] }) => {
    if (!error.errors) throw error
    throw new MusicboxError('script.failed', `cannot load ${path}: ${describeMessage(error.errors[0]!)}`)
  })
  const warning = built.warnings.find(({ id }) => id === 'empty-import-meta')
  if (warning) {
    throw new MusicboxError('script.failed', `${describeMessage(warning)}: import.meta is not supported by this engine`)
  }
  const files = Object.keys(built.metafile.inputs).map((file) => resolve(file))
  for (const file of files) {
    const [found] = findUnportable(await readFile(file, 'utf8'))
    if (!found) continue
    throw new MusicboxError('script.failed', `${relative('.', file)}:${found.line}: ${found.what}`, found.remedy)
  }
  const output = (ending: string): string => built.outputFiles.find((file) => file.path.endsWith(ending))!.text
  const filename = `${entry}#bundle`
  const factory = compileFunction(output('script.js'), ['require', 'module', 'exports', ...PRESENT, ...ABSENT], {
    filename,
  })
  const map = new SourceMap(JSON.parse(output('.map')))
  return {
    path: entry,
    files,
    instantiate(require, globals) {
      const module = { exports: {} as ScriptExports }
      factory(require, module, module.exports, ...PRESENT.map((name) => globals[name]))
      return module.exports
    },
    describe: (error) => withSourcePlaces(error, filename, map),
    owns: (error) => error instanceof Error && (error.stack ?? '').includes(filename),
  }
}

const importRules: Plugin = {
  name: 'k6-import-rules',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /.*/ }, ({ path, kind, resolveDir }) => {
      if (kind === 'entry-point') return undefined
      if (path === 'k6' || path.startsWith('k6/')) return { path, external: true }
      if (kind === 'dynamic-import') return { errors: [{ text: 'k6 has no dynamic import(): use a static import' }] }
      if (!/^\.{1,2}\//.test(path)) {
        return {
          errors: [
            {
              text: `k6 cannot import "${path}": only k6, k6/… and relative files with their ending, such as "./x.ts"`,
            },
          ],
        }
      }
      if (!['.ts', '.js'].includes(extname(path))) {
        return { errors: [{ text: `k6 guesses no ending: write "${path}.ts" or ".js" in full` }] }
      }
      return { path: resolve(resolveDir, path) }
    })
  },
}

function describeMessage({ text, location }: Message): string {
  return location ? `${location.file}:${location.line}: ${text}` : text
}

function withSourcePlaces(error: unknown, filename: string, map: SourceMap): string {
  if (!(error instanceof Error)) return String(error)
  const lines = (error.stack ?? String(error)).split('\n')
  const own = lines.flatMap((line, index) => {
    const place = line.startsWith('    at ') && line.includes(filename) ? /#bundle:(\d+):(\d+)/.exec(line) : null
    if (!place) return index === 0 || !line.startsWith('    at ') ? [line] : []
    const found = map.findEntry(Number(place[1]) - 1, Number(place[2]) - 1)
    if (!('originalSource' in found) || !found.originalSource) return []
    const source = relative('.', resolve(dirname(filename), found.originalSource))
    const name = /at (?:async )?([^\s(]+) \(/.exec(line)?.[1]
    return [`    at ${name ? `${name} (` : ''}${source}:${found.originalLine + 1}${name ? ')' : ''}`]
  })
  return own.join('\n')
}
