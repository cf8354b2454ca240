import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findUnportable } from './portability.ts'

describe('the scan for what k6 or this engine cannot run', () => {
  it('finds each construct at its line', () => {
    const constructs = [
      `http.get('http://x')`,
      `http . post (url, body)`,
      `import { check, sleep } from 'k6'`,
      'for await (const x of y) {}',
      'async function* many() {}',
      'a ??= 1',
      'a ||= 1',
      `await import("./x.ts")`,
      `import data from "./x.json" with { type: 'json' }`,
      `text.replaceAll('a', 'b')`,
      'const r = /(?<name>x)/',
      'const r = /\\p{L}/u',
      'new WeakRef(x)',
      'new SharedArrayBuffer(8)',
      '@decorated class X {}',
      'Promise.withResolvers()',
      'Object.groupBy(x, y)',
      'using x = y()',
      'a.isSubsetOf(b)',
      'const answer = await fetch(url)',
      'structuredClone(x)',
      'process.env.HOME',
      'Buffer.from(x)',
      'Symbol.asyncIterator',
      'const r = /[a--b]/v.test(x)',
      // What stands behind a quote in a regular expression is code.
      `const quote = /'/; a ??= 1`,
      `const r = /[/'"]/g; http.get('http://x')`,
      `const deep = \`a \${ { b: \`c \${a ??= 1}\` }.b } d\``,
    ]
    for (const construct of constructs) {
      const found = findUnportable(`const first = 1\n\n${construct}\n`)
      assert.deepEqual(
        found.map(({ line }) => line),
        [3],
        construct,
      )
    }
  })

  it('is not misled by comments, strings and names that are only alike', () => {
    const fine = [
      '// http.get(x) and sleep()',
      '/* for await\n a ??= 1 */',
      `const text = 'http.get() and a ??= 1'`,
      'const ok = a ?? b',
      'const sleep = (ms: number) => new Promise((wake) => setTimeout(wake, ms))',
      'await sleep(5)',
      'http.asyncRequest(method, url)',
      'const r = /(?<=a)b/',
      'new WeakMap()',
      'if (a || b) c = d',
      'const half = total / 2; const text = "a ??= 1" // 2/v.',
      "const r = /http.get\\(x\\) ??= 'fetch('/",
      'const prefetch = (x: number) => x; prefetch(1)',
      `const t = \`fetch(\${'http.get()'}) ??= \``,
      'const speed = km / h/v;',
      'exec.process.name',
    ].join('\n')
    assert.deepEqual(findUnportable(fine), [])
  })

  it('sees code inside a template', () => {
    assert.equal(findUnportable(`const x = \`a \${text.replaceAll("a", "b")} b\``).length, 1)
  })
})
