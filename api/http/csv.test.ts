import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { csvText } from './csv.ts'

describe('CSV', () => {
  it('has a header, CRLF, and quotes where they are needed', () => {
    assert.equal(
      csvText(['a', 'b'], [{ a: 'x,y', b: 1 }, { a: 'say "hi"\n', b: null }, { a: true }]),
      'a,b\r\n"x,y",1\r\n"say ""hi""\n",\r\ntrue,\r\n',
    )
  })

  it('makes no cell of text that a spreadsheet would run', () => {
    for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("x","y")', '＝1']) {
      const cell = cells(csvText(['name'], [{ name: formula }]))[1]![0]!
      assert.equal(cell, `'${formula}`)
    }
  })

  it('leaves negative numbers as numbers', () => {
    assert.equal(csvText(['change'], [{ change: -5 }]), 'change\r\n-5\r\n')
  })

  it('gives every text back, up to the guarding apostrophe', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }), (texts) => {
        const columns = texts.map((_, index) => `c${index}`)
        const row = Object.fromEntries(texts.map((text, index) => [`c${index}`, text]))
        const [, came] = cells(csvText(columns, [row]))
        assert.deepEqual(
          came!.map((cell, index) => (cell === `'${texts[index]}` ? cell.slice(1) : cell)),
          texts,
        )
      }),
    )
  })
})

/** A plain reader of RFC 4180. */
function cells(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    let cell = ''
    if (text[at] === '"') {
      at++
      while (text[at] !== '"' || text[at + 1] === '"') {
        if (text[at] === '"') at++
        cell += text[at++]
      }
      at++
    } else while (text[at] !== ',' && !text.startsWith('\r\n', at)) cell += text[at++]
    row.push(cell)
    if (text[at] === ',') at++
    else {
      rows.push(row)
      row = []
      at += 2
    }
  }
  return rows
}
