import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type CsvRow, CsvRows, ROW_LENGTH_MAX } from './csv-rows.ts'

describe('csv rows', () => {
  it('reads back what was written, however it comes in', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', '"', ',', '\n', '\r\n', '""', 'a"b', ' '),
    )
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { maxLength: 8 })
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        (cells, newline, marked, size) => {
          const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
          const text = cells.map((row) => row.map(quoted).join(',') + newline).join('')
          const found = read((marked ? '\ufeff' : '') + text, size)
          assert.deepEqual(
            found.map((row) => row.cells),
            cells,
          )
          assert.ok(found.every(({ problem }) => problem === undefined))
        },
      ),
    )
  })

  it('counts lines, also over blank ones and breaks in quotes', () => {
    const found = read('a,b\n\n"c\nd",e\r\n\r\nf,g')
    assert.deepEqual(
      found.map(({ line, cells }) => [line, cells]),
      [
        [1, ['a', 'b']],
        [3, ['c\nd', 'e']],
        [6, ['f', 'g']],
      ],
    )
    assert.equal(found[1]!.text, '"c\nd",e')
  })

  it('names a row whose quotes are wrong', () => {
    const [after, good, open] = read('"a"b,c\nd,e\n"f,g\nh,i')
    assert.match(after!.problem!, /comma after a closing quote, got "b"/)
    assert.equal(good!.problem, undefined)
    assert.match(open!.problem!, /closing quote/)
    assert.equal(open!.text, '"f,g\nh,i')
  })

  it('does not let an open quote swallow a large file', () => {
    const found = read(`"open\n${'row,of,cells\n'.repeat(20_000)}`)
    assert.match(found[0]!.problem!, /closing quote/)
    assert.ok(found[0]!.text.length < ROW_LENGTH_MAX + 20)
    assert.deepEqual(found.at(-1)!.cells, ['row', 'of', 'cells'])
    assert.equal(found.at(-1)!.line, 20_001)
  })
})

function read(text: string, size = text.length): CsvRow[] {
  const rows = new CsvRows()
  const found: CsvRow[] = []
  const chars = [...text]
  for (let at = 0; at < chars.length; at += size || 1) found.push(...rows.push(chars.slice(at, at + size).join('')))
  found.push(...rows.end())
  return found
}
