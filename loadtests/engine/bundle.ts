/**
 * From a k6 script to a function that makes its module, once per virtual user.
 *
 * The rules of import are k6's: `k6` and `k6/…`, and relative files with their ending. Anything else (npm packages,
 * Node's modules, JSON) is refused with file and line, because k6 itself would refuse it. No tsconfig is read.
 *
 * One thing is done otherwise than in k6, and cannot be seen from a script: the files of `datasets/` and `simulation/`
 * are instantiated once for all users. They are pure functions that keep nothing but what they could compute again, and
 * a thousand instances of them would cost 200 KB each and never run hot enough to be compiled.
 */
import { readFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { dirname, extname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { compileFunction } from 'node:vm'
import { type BuildOptions, type BuildResult, build, type Message, type Plugin } from 'esbuild'
import { MusicboxError } from '../../datasets/failure.ts'
import { NetworkError } from '../http/network-error.ts'
import { findUnportable } from './portability.ts'

/** What a module sees as its globals: k6's. */
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
  /** Absolute paths of all files in it. */
  files: string[]
  /** A fresh instance of the module: its own state. */
  instantiate(require: (name: string) => unknown, globals: ScriptGlobals): ScriptExports
  /** The stack of an error with the places of the source files, paths relative to the working folder. */
  describe(error: unknown): string
  /**
   * Whether something thrown is the script's: all but an error that comes from our own files alone and is no answer to
   * what the script asked for, such as a refused connection.
   */
  owns(error: unknown): boolean
}

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
/** Globals of Node that k6 has not. A script that leans on one would break there, so it finds them undefined here. */
const ABSENT = ['process', 'Buffer', 'global', 'globalThis', 'fetch', 'setImmediate', 'structuredClone', 'performance']

const PURE_FOLDERS = ['../../datasets/', '../../simulation/'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
)
const PURE_PREFIX = 'pure:'
/** As frames of a stack name the files in it. */
const OUR_FOLDER = new URL('../../', import.meta.url).href

/** @throws MusicboxError `script.failed` with file, line and remedy of what cannot be loaded */
export async function bundleScript(path: string): Promise<Script> {
  const entry = resolve(path)
  const pure = new Set<string>()
  const own = await compiled(path, entry, { entryPoints: [entry], plugins: [importRules(pure)] })
  const pureFiles = [...pure].sort()
  const kernel = await compiled(path, `${entry}-kernel`, {
    stdin: {
      contents: pureFiles.map((file, i) => `export * as m${i} from ${JSON.stringify(file)}`).join('\n'),
      resolveDir: dirname(entry),
    },
    plugins: [importRules()],
  })
  const parts = [own, kernel]
  const files = parts.flatMap((part) => part.files)
  for (const file of files) await refuseUnportable(file)
  let shared: Record<string, unknown> | undefined
  const pureModule = (file: string): unknown => {
    shared ??= kernel.instantiate(() => undefined, {})
    return shared[`m${pureFiles.indexOf(file)}`]
  }
  return {
    path: entry,
    files,
    instantiate(require, globals) {
      const required = (name: string): unknown =>
        name.startsWith(PURE_PREFIX) ? pureModule(name.slice(PURE_PREFIX.length)) : require(name)
      return own.instantiate(required, globals)
    },
    describe: (error) => withSourcePlaces(error, parts),
    owns: (error) =>
      isForScripts(error) || parts.some(({ filename }) => stackOf(error).includes(filename)) || !isOurs(error),
  }
}

/** One bundle: a factory of module instances, and the way back to its sources. */
interface Compiled {
  /** Stands for the bundle in stack traces. */
  filename: string
  files: string[]
  map: SourceMap
  instantiate(require: (name: string) => unknown, globals: Partial<ScriptGlobals>): ScriptExports
}

async function compiled(path: string, name: string, source: BuildOptions): Promise<Compiled> {
  const built = await bundled(path, source)
  const output = (ending: string): string => built.outputFiles!.find((file) => file.path.endsWith(ending))!.text
  const filename = `${name}#bundle`
  const parameters = ['require', 'module', 'exports', ...PRESENT, ...ABSENT]
  const factory = compileFunction(output('script.js'), parameters, { filename })
  return {
    filename,
    files: Object.keys(built.metafile!.inputs)
      .filter((file) => file !== '<stdin>')
      .map((file) => resolve(file)),
    map: new SourceMap(JSON.parse(output('.map'))),
    instantiate(require, globals) {
      const module = { exports: {} as ScriptExports }
      factory(require, module, module.exports, ...PRESENT.map((global) => globals[global]))
      return module.exports
    },
  }
}

async function bundled(path: string, source: BuildOptions): Promise<BuildResult> {
  const built = await build({
    ...source,
    bundle: true,
    write: false,
    outfile: 'script.js',
    format: 'cjs',
    // Modules are strict; without this a write to frozen data would be passed over in silence.
    banner: { js: '"use strict";' },
    platform: 'neutral',
    target: 'esnext',
    sourcemap: 'external',
    tsconfigRaw: '{}',
    logLevel: 'silent',
    metafile: true,
    define: { __VU: '__k6.vu', __ITER: '__k6.iteration' },
  }).catch((error: { errors?: Message[] }) => {
    if (!error.errors?.[0]) throw error
    throw new MusicboxError('script.failed', `cannot load ${path}: ${describeMessage(error.errors[0])}`)
  })
  const meta = built.warnings.find(({ id }) => id === 'empty-import-meta')
  if (!meta) return built
  throw new MusicboxError(
    'script.failed',
    `${describeMessage(meta)}: import.meta is not supported by this engine`,
    'open() takes paths relative to the script.',
  )
}

/** @param pure when given, gets the files of pure folders, which are then left out of the bundle */
function importRules(pure?: Set<string>): Plugin {
  const refuse = (text: string): { errors: { text: string }[] } => ({ errors: [{ text }] })
  return {
    name: 'k6-import-rules',
    setup(pluginBuild) {
      pluginBuild.onResolve({ filter: /.*/ }, ({ path, kind, resolveDir, importer }) => {
        if (kind === 'entry-point' || importer === '<stdin>') return { path }
        if (path === 'k6' || path.startsWith('k6/')) return { path, external: true }
        if (kind === 'dynamic-import') return refuse('k6 has no dynamic import(): use a static import')
        if (!/^\.{1,2}\//.test(path)) {
          return refuse(`k6 cannot import "${path}": only k6, k6/… and relative files with their ending ("./x.ts")`)
        }
        if (!['.ts', '.js'].includes(extname(path))) return refuse(`k6 guesses no ending: write "${path}.ts" in full`)
        const file = resolve(resolveDir, path)
        if (!pure || !PURE_FOLDERS.some((folder) => file.startsWith(folder))) return { path: file }
        pure.add(file)
        return { path: PURE_PREFIX + file, external: true }
      })
    },
  }
}

async function refuseUnportable(file: string): Promise<void> {
  const [found] = findUnportable(await readFile(file, 'utf8'))
  if (!found) return
  throw new MusicboxError('script.failed', `${relative('.', file)}:${found.line}: ${found.what}`, found.remedy)
}

function describeMessage({ text, location }: Message): string {
  return location ? `${location.file}:${location.line}: ${text}` : text
}

/** What functions of k6 throw at the script that calls them; by then nothing of it need be on the stack. */
function isForScripts(error: unknown): boolean {
  return error instanceof MusicboxError || error instanceof NetworkError
}

/** Whether it was thrown in a file of ours; what has no frames at all, such as `throw 'text'`, was not. */
function isOurs(error: unknown): boolean {
  return stackOf(error)
    .split('\n')
    .some((line) => line.startsWith('    at ') && line.includes(OUR_FOLDER))
}

/** Empty where there is none. A script may have put anything there. */
function stackOf(error: unknown): string {
  return error instanceof Error && typeof error.stack === 'string' ? error.stack : ''
}

/** Drops the frames that are ours, so that what stays is the script's. */
function withSourcePlaces(error: unknown, parts: readonly Compiled[]): string {
  const text = stackOf(error) || (typeof error === 'string' ? error : inspect(error, { customInspect: false }))
  const lines = text.split('\n').flatMap((line) => {
    if (!line.startsWith('    at ')) return [line]
    const part = parts.find(({ filename }) => line.includes(`${filename}:`))
    const place = /#bundle:(\d+):(\d+)/.exec(line)
    if (!part || !place) return []
    const found = part.map.findEntry(Number(place[1]) - 1, Number(place[2]) - 1)
    if (!('originalSource' in found) || !found.originalSource) return []
    const source = `${relative('.', resolve(found.originalSource))}:${found.originalLine + 1}`
    const name = /at (?:async )?([^\s(]+) \(/.exec(line)?.[1]
    return [name ? `    at ${name} (${source})` : `    at ${source}`]
  })
  return lines.join('\n')
}
