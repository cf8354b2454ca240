import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { identifier, quoted, textRow } from './hive-text.ts'

/** Any units, half surrogate pairs among them, and what is dangerous more often than chance has it. */
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[\ud800-\udfff'"\\$`;\-{}\n\r\t\0uN]*$/),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Hive would put a setting in its place.
  fc.constantFrom('${system:user.home}', "'; DROP TABLE events --", '\\N', '\\', '\\u0027', '\u2028'),
)

describe('a literal', () => {
  it('says the text, and holds nothing that Hive would take for its own', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const literal = quoted(text)
        assert.match(literal, /^'(?:[\w .,:/=-]|\\u[0-9a-f]{4})*'$/)
        assert.ok(!literal.includes('--'), literal)
        const said = literal.slice(1, -1).replace(/\\u([0-9a-f]{4})/g, (_, hex: string) => unit(hex))
        assert.equal(said, text.toWellFormed())
      }),
      { numRuns: 2000 },
    )
  })

  it('is readable for what there is most of', () => {
    assert.equal(quoted('hdfs://127.0.0.1:9000/a/dt=2026-01-31'), "'hdfs://127.0.0.1:9000/a/dt=2026-01-31'")
  })
})

describe('a row of text', () => {
  it('gives its values back', () => {
    fc.assert(
      fc.property(fc.array(fc.option(texts), { minLength: 1 }), (values) => {
        const row = textRow(values)
        assert.equal(row.indexOf('\n'), row.length - 1)
        assert.ok(!row.includes('\r'))
        assert.deepEqual(
          readRow(row),
          values.map((value) => value?.toWellFormed() ?? null),
        )
      }),
      { numRuns: 2000 },
    )
  })
})

it('a name cannot end its quotes', () => {
  assert.equal(identifier('a`; DROP'), '`a``; DROP`')
})

/** As Hive reads it: a value that is `\N` before anything is unescaped is missing. */
function readRow(row: string): (string | null)[] {
  const values = ['']
  for (let at = 0; at < row.length - 1; at++) {
    const pair = row[at] === '\\' ? row.slice(at, at + 2) : ''
    if (row[at] === '\t') values.push('')
    else values.push(`${values.pop()}${pair || row[at]}`)
    if (pair) at++
  }
  return values.map((value) => {
    if (value === '\\N') return null
    return value.replace(/\\(.)/gs, (_, char: string) => ({ n: '\n', r: '\r' })[char] ?? char)
  })
}

function unit(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}
