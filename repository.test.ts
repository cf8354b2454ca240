/** The rules of the house, held by a test: what may import what, what a file is called, what may be installed. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, extname, join, normalize } from 'node:path'
import { describe, it } from 'node:test'

const ROOMS = ['datasets', 'simulation', 'loadtests', 'pipeline', 'api', 'observability'] as const
type Room = (typeof ROOMS)[number]

/** What each room may import beside itself. Root files wire the rooms together and may import all. */
const MAY_IMPORT: Record<Room, readonly Room[]> = {
  datasets: [],
  simulation: ['datasets'],
  loadtests: ['simulation', 'datasets', 'observability'],
  pipeline: ['datasets', 'observability'],
  api: ['pipeline', 'datasets', 'observability'],
  observability: ['datasets'],
}

const ROOT_ENTRIES = [
  '.ci',
  '.gitignore',
  '.npmrc',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
  'README.md',
  'bench.cluster.test.ts',
  'bench.ts',
  'biome.json',
  'demo.cluster.test.ts',
  'demo.e2e.test.ts',
  'demo.ts',
  'faults.cluster.test.ts',
  'faults.e2e.test.ts',
  'faults.ts',
  'musicbox.test.ts',
  'musicbox.ts',
  'package-lock.json',
  'package.json',
  'repository.test.ts',
  'setup.mjs',
  'test-all.ts',
  'test-report.ts',
  'tsconfig.json',
  ...ROOMS,
]

/** Licences that let anybody use, change and pass on the work without opening their own. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  '(MIT AND Zlib)',
  'MIT OR Apache-2.0',
  'Python-2.0',
  'Unlicense',
  // A choice, of which the second is ours.
  '(AFL-2.1 OR BSD-3-Clause)',
])

/** Packages so old that npm does not find their licence; read in their own files. */
const OLD_LICENCES: Readonly<Record<string, string>> = {
  'node_modules/node-zookeeper-client': 'MIT',
  'node_modules/node-zookeeper-client/node_modules/async': 'MIT',
}

/** Packages that carry an install script. `.npmrc` keeps every script from running; these work without theirs. */
const INSTALL_SCRIPTS_LEFT_OUT = ['esbuild', 'lmdb', 'msgpackr-extract']

const BANNED_NAMES: Record<string, string> = {
  utils: 'the subject',
  util: 'the subject',
  helpers: 'the subject',
  helper: 'the subject',
  common: 'the subject',
  misc: 'the subject',
  manager: 'what it does',
  service: 'what it does',
}

/** Tracked files, and new ones that are not ignored. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))
const sources = files.filter((file) => file.endsWith('.ts'))
const isTest = (file: string): boolean => /\.(test|suite)\.ts$/.test(file)
const text = (file: string): string => readFileSync(file, 'utf8')

describe('the repository', () => {
  it('has the six rooms and nothing else beside the root files', () => {
    const entries = new Set(files.map((file) => file.split('/')[0]!))
    assert.deepEqual([...entries].filter((entry) => !ROOT_ENTRIES.includes(entry)).sort(), [])
  })

  it('imports in one direction', () => {
    const wrong: string[] = []
    for (const file of sources) {
      for (const target of importsOf(file)) {
        const problem = directionProblem(file, target)
        if (problem) wrong.push(`${file} imports ${target}: ${problem}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  it('finds an import against the direction', () => {
    assert.match(directionProblem('pipeline/collector.ts', 'api/events/server.ts')!, /pipeline may not/)
    assert.match(directionProblem('datasets/event.ts', 'simulation/kernel/world.ts')!, /datasets may not/)
    assert.match(directionProblem('loadtests/engine/runner.ts', 'musicbox.ts')!, /root/)
    assert.equal(directionProblem('api/events/server.ts', 'pipeline/ingest.ts'), undefined)
    assert.equal(directionProblem('observability/overview.e2e.test.ts', 'api/events/server.ts'), undefined)
  })

  it('imports relative files that exist, with their ending', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((target) => extname(target) === '' || !existsSync(target))
        .map((target) => `${file} imports ${target}`),
    )
    assert.deepEqual(wrong, [])
  })

  it('names files in lower case with hyphens, after their subject', () => {
    const wrong = sources.filter((file) => {
      const name = file.split('/').at(-1)!
      const words = name.replace(/\.ts$/, '').split(/[.-]/)
      return !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.ts$/.test(name) || words.some((word) => word in BANNED_NAMES)
    })
    assert.deepEqual(wrong, [])
  })

  it('has no dead file: every source is imported by another or is an entry', () => {
    const imported = new Set(sources.flatMap(importsOf))
    const entry = (file: string): boolean =>
      isTest(file) ||
      !file.includes('/') ||
      file.endsWith('.build.ts') ||
      file === 'observability/build.ts' ||
      file.startsWith('loadtests/scripts/') ||
      // Loaded by name: browser entries (bundled), workers and child processes.
      sources.some((other) => other !== file && text(other).includes(`/${file.split('/').at(-1)}'`)) ||
      sources.some((other) => other !== file && text(other).includes(`'${file.split('/').at(-1)}'`))
    assert.deepEqual(
      sources.filter((file) => !imported.has(file) && !entry(file)),
      [],
    )
  })

  it('leaves no note to self behind', () => {
    const marks = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X\\b'].join(''))
    assert.deepEqual(
      sources.filter((file) => marks.test(text(file))),
      [],
    )
  })

  it('runs no test alone and skips none by hand', () => {
    const marks = new RegExp(`\\b(it|describe|test)\\.(${['on', 'ly'].join('')}|${['to', 'do'].join('')})\\(`)
    assert.deepEqual(
      sources.filter((file) => marks.test(text(file))),
      [],
    )
  })

  it('has links in its documents that lead somewhere', () => {
    const wrong: string[] = []
    for (const file of files.filter((name) => name.endsWith('.md'))) {
      for (const [, link] of text(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(link!)) continue
        if (!existsSync(join(dirname(file), link!))) wrong.push(`${file}: ${link}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  it('holds no large file', () => {
    const limit_bytes = 400_000
    assert.deepEqual(
      files.filter((file) => statSync(file).size > limit_bytes),
      [],
    )
  })
})

interface LockedPackage {
  optionalDependencies?: Record<string, string>
  version: string
  license?: string
  integrity?: string
  resolved?: string
  hasInstallScript?: boolean
  link?: boolean
}

describe('the dependencies', () => {
  const manifest = JSON.parse(text('package.json')) as Record<
    'dependencies' | 'devDependencies' | 'optionalDependencies',
    Record<string, string>
  >
  const lock = JSON.parse(text('package-lock.json')) as { packages: Record<string, LockedPackage> }
  const locked = Object.entries(lock.packages).filter(([path]) => path !== '')
  const direct = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }

  it('are asked for in exact versions', () => {
    assert.deepEqual(
      Object.entries(direct).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
      [],
    )
  })

  it('have permissive licences, all of them', () => {
    assert.deepEqual(
      locked
        .filter(([path, { license }]) => !PERMISSIVE.has(license ?? OLD_LICENCES[path] ?? 'none'))
        .map(([path, { license }]) => [path, license]),
      [],
    )
  })

  it('run no install script', () => {
    assert.match(text('.npmrc'), /^ignore-scripts=true$/m)
    const withScript = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => packageName(path))
    assert.deepEqual([...new Set(withScript)].sort(), INSTALL_SCRIPTS_LEFT_OUT)
  })

  it('are locked with their hash and without any registry address', () => {
    assert.deepEqual(
      locked.filter(([, { integrity }]) => !integrity).map(([path]) => path),
      [],
    )
    assert.doesNotMatch(text('package-lock.json'), /"resolved"|:\/\/[^"]*(registry|npm)/)
  })

  it('are locked for every platform: npm would add what was left out once a mirror serves it', () => {
    const names = new Set(locked.map(([path]) => packageName(path)))
    const wanted = locked.flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies))
    assert.deepEqual(
      wanted.filter((name) => !names.has(name)),
      [],
    )
  })

  it('each have their reason in ARCHITECTURE.md', () => {
    const reasons = text('ARCHITECTURE.md')
    assert.deepEqual(
      Object.keys(direct).filter((name) => !reasons.includes(`\`${name}\``)),
      [],
    )
  })
})

/** Paths of the relative files that a source imports, from the repository's root. */
function importsOf(file: string): string[] {
  return [...text(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)].map(([, target]) =>
    normalize(join(dirname(file), target!)),
  )
}

/** Why `file` may not import `target`; undefined when it may. Whole-system tests may import every room. */
function directionProblem(file: string, target: string): string | undefined {
  const from = roomOf(file)
  const to = roomOf(target)
  if (from === undefined || from === to) return undefined
  if (to === undefined) return 'a room may not import a root file'
  if (file.endsWith('.e2e.test.ts') || MAY_IMPORT[from].includes(to)) return undefined
  return `${from} may not import ${to}`
}

function roomOf(file: string): Room | undefined {
  return ROOMS.find((room) => file.startsWith(`${room}/`))
}

function packageName(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
