/** What the kernel may be made of: the rules that keep its bytes the same in Node, in a worker and in k6's engine. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOM = dirname(fileURLToPath(import.meta.url))

/** What differs between engines, machines or runs, or is missing from k6's engine. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [
    /\bMath\.(exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|asin|acos|atan2?|sinh|cosh|tanh|cbrt|hypot)\b/,
    'rounds differently from engine to engine',
  ],
  [/\*\*(?!\s*-?\d)/, 'a power that is not of literals rounds like Math.pow'],
  [/\bMath\.random\b/, 'is not addressed'],
  [/\bDate\b/, 'reads a clock or a calendar'],
  [/\bperformance\b/, 'reads a clock'],
  [/\bIntl\b|\btoLocale\w*|\blocaleCompare\b|\.normalize\(/, 'depends on the machine’s language data'],
  [/\?\?=|\|\|=|&&=/, 'k6’s engine has no such assignment'],
  [/\.replaceAll\(|\.at\(|\(\?<[a-zA-Z]|\(\?<[=!]/, 'k6’s engine may lack it'],
  [
    /\.(union|intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom)\(/,
    'k6’s engine lacks it',
  ],
  [
    /\.(toSorted|toReversed|toSpliced|with|findLast|findLastIndex|isWellFormed|toWellFormed)\(/,
    'k6’s engine may lack it',
  ],
  [/\bimport\s*\(|\brequire\s*\(|\bprocess\b|\bBuffer\b/, 'is Node’s'],
]

/** Code without comments and texts, so that prose may name what code may not use. */
function bareCode(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/\/\/.*$/gm, '')
}

/** What a file loads at run time: type imports are gone by then. */
function importsOf(source: string): string[] {
  const loads =
    /^(?:import|export)\s+(?!type\b)(?:(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?|[\w$]+)\s+from\s+)?['"]([^'"]+)['"]/gm
  return [...source.matchAll(loads)].map(([, from]) => from!)
}

function problemsOf(file: string, source: string): string[] {
  const foreign = importsOf(source)
    .filter((from) => !from.startsWith('.') || !from.endsWith('.ts'))
    .map((from) => `${file} loads ${from}`)
  const code = bareCode(source)
  const banned = BANNED.filter(([pattern]) => pattern.test(code)).map(
    ([pattern, why]) => `${file} has ${pattern.exec(code)![0]}: ${why}`,
  )
  return [...foreign, ...banned]
}

function reachedFrom(entry: string): Map<string, string> {
  const reached = new Map<string, string>()
  const visit = (path: string): void => {
    if (reached.has(path)) return
    const source = readFileSync(path, 'utf8')
    reached.set(path, source)
    for (const from of importsOf(source))
      if (from.startsWith('.') && from.endsWith('.ts')) visit(join(dirname(path), from))
  }
  visit(entry)
  return reached
}

describe('the kernel', () => {
  const kernel = reachedFrom(join(ROOM, 'live.ts'))
  const history = reachedFrom(join(ROOM, 'history.ts'))

  it('reaches what it is thought to reach', () => {
    const names = [...kernel.keys()].map((path) => path.slice(path.lastIndexOf('/') + 1))
    for (const name of ['session.ts', 'songbook.ts', 'random.ts', 'catalogue.ts']) assert.ok(names.includes(name), name)
    assert.ok(!names.includes('seed.ts') && !names.includes('event.ts'))
  })

  it('loads no package and no node module, and uses nothing that differs between engines', () => {
    assert.deepEqual(
      [...kernel].flatMap(([path, source]) => problemsOf(path.slice(ROOM.length - 'simulation'.length), source)),
      [],
    )
  })

  it('keeps to the same rules in its histories', () => {
    // day.ts has helpers that use the calendar; the history takes only its constants.
    const files = [...history].filter(([path]) => !path.endsWith('/day.ts'))
    assert.deepEqual(
      files.flatMap(([path, source]) => problemsOf(path.slice(ROOM.length - 'simulation'.length), source)),
      [],
    )
  })

  it('finds each thing that it bans', () => {
    const bad = [
      "import seedrandom from 'seedrandom'",
      "import { readFileSync } from 'node:fs'",
      'import table from "./table.json"',
      'const a = Math.exp(1)',
      'const a = x ** y',
      'const a = Math.random()',
      'const a = Date.now()',
      'const a = new Date(0)',
      'const a = new Intl.Collator()',
      'const a = (1).toLocaleString()',
      'a ??= 1',
      "a.replaceAll('b', 'c')",
      'const a = /(?<name>x)/',
      'a.union(b)',
      'const a = await import("./x.ts")',
    ]
    for (const line of bad) assert.equal(problemsOf('bad.ts', line).length, 1, line)
    const good = [
      "import type { z } from 'zod'",
      '// Math.exp would not do',
      '/* new Date() */ const a = 2 ** -53',
      "const a = 'Date'",
    ]
    for (const line of good) assert.deepEqual(problemsOf('good.ts', line), [], line)
  })
})
