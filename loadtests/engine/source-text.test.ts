import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readSource } from './source-text.ts'

describe('the text of a source', () => {
  it('keeps code, and blanks out comments and what is in literals', () => {
    // § stands for the dollar sign, which would make these templates of the test itself.
    const cases: [string, string][] = [
      ['a // b', 'a     '],
      ['a /* b\n c */ d', 'a     \n      d'],
      [`f('a // b', "c")`, `f('      ', " ")`],
      [`'it\\'s' + x`, `'     ' + x`],
      ['`a §{b + `c §{d}`} e` + f', '`  §{b + `  §{d}`}  ` + f'],
      ['`§{ { a: 1 } }` + b', '`§{ { a: 1 } }` + b'],
      [`x = /'[/"]/g; y`, `x = /     /g; y`],
      ['x = a / b / c', 'x = a / b / c'],
      ['return /a b/.test(c)', 'return /   /.test(c)'],
      ['f(a) / 2 // half', 'f(a) / 2        '],
    ]
    for (const [source, code] of cases) {
      assert.equal(readSource(source.replaceAll('§', '$')).codeOnly, code.replaceAll('§', '$'))
    }
  })

  it('keeps every character in its place, whatever comes', async () => {
    const pieces = fc.constantFrom(
      '/',
      '*',
      "'",
      '"',
      '`',
      '${',
      '{',
      '}',
      '\\',
      '\n',
      ' ',
      'a',
      '(',
      ')',
      '[',
      ']',
      '=',
      '🎵',
    )
    const holds = (source: string): void => {
      for (const text of Object.values(readSource(source))) {
        assert.equal(text.length, source.length)
        for (let at = 0; at < source.length; at++) {
          assert.ok(text[at] === source[at] || (text[at] === ' ' && source[at] !== '\n'))
        }
      }
    }
    fc.assert(fc.property(fc.array(pieces, { maxLength: 40 }), (all) => holds(all.join(''))))
    holds(await readFile(new URL('./portability.ts', import.meta.url), 'utf8'))
  })
})
