import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../http/problem.ts'
import { candidatesOf } from './event-body.ts'

const valuesOf = (text: string): unknown[] =>
  candidatesOf(text).map((candidate) => (candidate.state === 'parsed' ? candidate.value : candidate))

function refuses(text: string, kind: string): void {
  assert.throws(
    () => candidatesOf(text),
    (error) => error instanceof Problem && error.kind === kind,
  )
}

describe('a body of events', () => {
  it('is one object, a list, or a list under events', () => {
    assert.deepEqual(valuesOf('{"a":1}'), [{ a: 1 }])
    assert.deepEqual(valuesOf('[{"a":1},{"a":2}]'), [{ a: 1 }, { a: 2 }])
    assert.deepEqual(valuesOf('{"events":[{"a":1}]}'), [{ a: 1 }])
  })

  it('may be objects run together, as the first generator wrote them', () => {
    assert.deepEqual(valuesOf('{"a":1}{"b":"}{"} \r\n\r\n{"c":{"d":"\\"}"}}'), [
      { a: 1 },
      { b: '}{' },
      { c: { d: '"}' } },
    ])
  })

  it('gives a broken piece a place of its own, so that the others are not lost with it', () => {
    assert.deepEqual(valuesOf('{"a":1}\nbroken\n{"b":2}'), [{ a: 1 }, { state: 'not-json', text: 'broken' }, { b: 2 }])
    assert.deepEqual(valuesOf('{"a":1}{"b":2}{"c":'), [{ a: 1 }, { b: 2 }, { state: 'not-json', text: '{"c":' }])
    assert.deepEqual(valuesOf('{"a":1}{"b":x}'), [{ a: 1 }, { state: 'not-json', text: '{"b":x}' }])
  })

  it('is refused when there is no event in it', () => {
    for (const text of ['', '   ', '{"a":', 'hello', '[{"a":1}', '{{{{', '}}}}', 'x y z', 'a\nb\nc'])
      refuses(text, 'invalid-json')
    for (const text of ['1', 'null', '"a"', '[]', '{"events":[]}', '{"events":1}', '{"events":[{}],"x":1}']) {
      refuses(text, 'invalid-request')
    }
  })

  it('holds at most 500 events', () => {
    assert.equal(candidatesOf(`[${Array(500).fill('{}').join()}]`).length, 500)
    refuses(`[${Array(501).fill('{}').join()}]`, 'too-large')
    assert.equal(candidatesOf('{}'.repeat(500)).length, 500)
    refuses('{}'.repeat(501), 'too-large')
  })

  it('gives back what JSON texts of objects were joined, with any white space between', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom('', ' ', '\n', '\r\n\n')), {
          minLength: 2,
          maxLength: 6,
        }),
        (parts) => {
          const texts = parts.map(([value]) => JSON.stringify(value))
          const joined = parts.map(([, white], at) => texts[at] + white).join('')
          assert.deepEqual(
            valuesOf(joined).map((value) => JSON.stringify(value)),
            texts.map((text) => JSON.stringify(JSON.parse(text))),
          )
        },
      ),
    )
  })

  it('never fails but with a problem, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '"', '\\', '\n', ' ', 'a', ':', ',', '[', ']') }),
        (text) => {
          try {
            candidatesOf(text)
          } catch (error) {
            assert.ok(error instanceof Problem, String(error))
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('is read in one pass: a megabyte of nothing is no work', () => {
    // Looking back at each cut would take minutes here.
    for (const unit of ['\n', '{', '}', ' \n', '"', 'a\n']) {
      assert.throws(() => candidatesOf(unit.repeat(1_000_000 / unit.length)), Problem)
    }
  })
})
