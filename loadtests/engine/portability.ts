/**
 * What a script must not use if it is to run alike in k6 and here: calls that block (one busy listener would stop all),
 * and the younger parts of the language that k6's engine does not promise (its own list of skipped conformance tests).
 *
 * This is a search in the text without comments and literals, not a parser: it knows the constructs below and no others.
 */
import { readSource } from './source-text.ts'

export interface Unportable {
  /** From 1. */
  line: number
  what: string
  remedy: string
}

const ENGINE = 'k6’s engine may not know it: write it in older terms.'

const RULES: readonly (readonly [pattern: RegExp, what: string, remedy: string])[] = [
  [
    /\bhttp\s*\.\s*(get|head|post|put|patch|del|options|request|batch)\s*\(/g,
    'a synchronous http call',
    'Write await http.asyncRequest(method, url, body, params).',
  ],
  [
    /\bimport\s*\{[^}]*\bsleep\b[^}]*\}\s*from\s*['"]k6['"]/g,
    'the blocking sleep() of k6',
    'Write await new Promise((wake) => setTimeout(wake, ms)).',
  ],
  [/\bfor\s+await\b/g, 'for await', ENGINE],
  [/\basync\s+(function\s*)?\*/g, 'an async generator', ENGINE],
  [/(\?\?|\|\||&&)=/g, 'a logical assignment', ENGINE],
  [/\bimport\s*\(/g, 'dynamic import()', 'Import statically.'],
  [/\bwith\s*\{\s*type\b/g, 'an import attribute', ENGINE],
  [/\.\s*replaceAll\s*\(/g, 'replaceAll()', 'Use replace() with a /g expression.'],
  [/\(\?<[A-Za-z]/g, 'a named group in a regular expression', 'Use a numbered group.'],
  [/\\[pP]\{/g, 'a Unicode property in a regular expression', ENGINE],
  [/\b(WeakRef|FinalizationRegistry|SharedArrayBuffer|Atomics)\b/g, 'shared or weak memory', ENGINE],
  [/^\s*@[A-Za-z]/gm, 'a decorator', ENGINE],
  [/\bPromise\s*\.\s*(withResolvers|try)\b/g, 'Promise.withResolvers or .try', ENGINE],
  [/\b(Array\s*\.\s*fromAsync|(Object|Map)\s*\.\s*groupBy)\b/g, 'fromAsync or groupBy', ENGINE],
  [/^\s*(await\s+)?using\s+[A-Za-z_]/gm, 'a using declaration', ENGINE],
  [/\bfetch\s*\(/g, 'fetch()', 'k6 has none: write await http.asyncRequest(method, url, body, params).'],
  [/\b(structuredClone|AbortController|URLSearchParams)\b/g, 'a name of the web that k6 has not', ENGINE],
  [/(?<![.\w$])(process|Buffer)\s*\./g, 'a name of Node', 'k6 has none: settings are in __ENV.'],
  [/\bnamespace\s+[A-Za-z_$][\w$]*\s*\{/g, 'a namespace', 'Export from a module.'],
  [
    /\b(Iterator\s*\.\s*from|Symbol\s*\.\s*(asyncIterator|dispose|asyncDispose))\b/g,
    'a young iterator protocol',
    ENGINE,
  ],
  [/\/ +\/[dgimsuy]*v/g, 'the v flag of a regular expression', ENGINE],
  [/\.\s*(isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference)\s*\(/g, 'a Set method', ENGINE],
]

/** Rules that need the content of strings and regular expressions left in. */
const IN_LITERALS = new Set([
  'the blocking sleep() of k6',
  'a named group in a regular expression',
  'a Unicode property in a regular expression',
])

/** What is found in a source, in order of lines. */
export function findUnportable(source: string): Unportable[] {
  const { withoutComments, codeOnly } = readSource(source)
  return RULES.flatMap(([pattern, what, remedy]) => {
    const text = IN_LITERALS.has(what) ? withoutComments : codeOnly
    return [...text.matchAll(pattern)].map(({ index }) => ({ line: lineAt(text, index), what, remedy }))
  }).sort((a, b) => a.line - b.line)
}

function lineAt(text: string, index: number): number {
  // A pattern that starts at the start of a line may match the blank lines before it.
  const start = index + (/^\s*/.exec(text.slice(index))?.[0].length ?? 0)
  return text.slice(0, start).split('\n').length
}
