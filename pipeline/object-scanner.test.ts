import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { OBJECT_BYTES_MAX, ObjectScanner, type Scanned } from './object-scanner.ts'

describe('an object scanner', () => {
  it('finds objects however they stand together', () => {
    const one = '{"a":1}'
    const two = '{"b":"x } { \\" \\\\","c":[1,[2,{}],"]"],"d":{"e":null},"f":-1.5e+3,"g":true,"h":{},"i":[]}'
    for (const text of [
      `${one}${two}`,
      `${one}\n${two}\n`,
      `\ufeff${one}\r\n\r\n${two}\r\n`,
      `  ${one} \t ${two}`,
      `${one}\n\ufeff${two}`,
      `${one}\n\n\n${two.replaceAll(',"', ',\n  "')}`,
    ]) {
      const scanned = scan(Buffer.from(text))
      assert.deepEqual(
        scanned.map((each) => each.state === 'object' && each.value),
        [JSON.parse(one), JSON.parse(two)],
        text,
      )
    }
  })

  it('reports what is broken with its place and reason, and finds the next object behind it', () => {
    const good = '{"a":1}'
    const cases: [text: string, good: number, broken: [offset: number, text: string, reason: RegExp][]][] = [
      ['', 0, []],
      [' \r\n\ufeff \n', 0, []],
      ['{"a":"cut', 0, [[0, '{"a":"cut', /cut short/]]],
      [`${good}{"a":`, 1, [[7, '{"a":', /cut short/]]],
      // The lost quote makes the next object's quotes open where they should close.
      [`{"a":"lost${good}`, 1, [[0, '{"a":"lost', /expected "," .* at byte 12, got "a"/]]],
      [`{"a":"lost\n${good}`, 1, [[0, '{"a":"lost', /end on its line at byte 10/]]],
      [`{"a":1${good}${good}`, 2, [[0, '{"a":1', /at byte 6, got "{"/]]],
      [
        `rubbish ${good} more${good}`,
        2,
        [
          [0, 'rubbish', /expected "{", got "r"/],
          [16, 'more', /got "m"/],
        ],
      ],
      [
        `one\ntwo\n${good}`,
        1,
        [
          [0, 'one', /got "o"/],
          [4, 'two', /got "t"/],
        ],
      ],
      [
        `[${good},${good}]`,
        2,
        [
          [0, '[', /./],
          [8, ',', /./],
          [16, ']', /./],
        ],
      ],
      [`}}${good}`, 1, [[0, '}}', /./]]],
      [`{"a":tru}${good}`, 1, [[0, '{"a":tru}', /not JSON/]]],
      [`{"a":01}\n${good}`, 1, [[0, '{"a":01}', /not JSON/]]],
      [`{'a':1}${good}`, 1, [[0, "{'a':1}", /field name/]]],
      [`{"a":1,}${good}`, 1, [[0, '{"a":1,}', /field name/]]],
      [`{"a":[1}${good}`, 1, [[0, '{"a":[1}', /"," or the end/]]],
      [`{{${good}`, 1, [[0, '{{', /field name/]]],
      [`{"a":"\\\n${good}`, 1, [[0, '{"a":"\\', /end on its line/]]],
      // Deeper than events ever are: the inner ones are tried by themselves.
      [
        `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`,
        1,
        [
          [0, '{"a":'.repeat(12), /8 levels/],
          [109, '}'.repeat(12), /./],
        ],
      ],
    ]
    for (const [text, objects, broken] of cases) {
      const scanned = scan(Buffer.from(text))
      assert.equal(scanned.filter(({ state }) => state === 'object').length, objects, text)
      const found = scanned.flatMap((each) => (each.state === 'broken' ? [each] : []))
      assert.deepEqual(
        found.map((each) => [each.offset_bytes, each.text]),
        broken.map(([offset, piece]) => [offset, piece]),
        text,
      )
      for (const [at, { reason }] of found.entries()) assert.match(reason, broken[at]![2], text)
    }
  })

  it('reports bytes that are not UTF-8, and reads on behind that object', () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}{"a":2}')])
    const [broken, good] = scan(bytes)
    assert.deepEqual([broken!.state, broken!.offset_bytes, broken!.size_bytes], ['broken', 0, 10])
    assert.equal(broken!.state === 'broken' && broken!.reason, 'not UTF-8')
    assert.deepEqual([good!.state, good!.offset_bytes], ['object', 10])
  })

  it('bounds what it holds: a large object is broken, a long piece is reported in parts', () => {
    const fits = `{"a":"${'x'.repeat(OBJECT_BYTES_MAX - 8)}"}`
    const large = `{"a":"${'x'.repeat(OBJECT_BYTES_MAX - 7)}"}`
    const [first, second, third, fourth] = scan(Buffer.from(`${fits}${large}{"b":1}`))
    assert.equal(first!.state, 'object')
    assert.equal(first!.size_bytes, OBJECT_BYTES_MAX)
    assert.deepEqual([second!.state, second!.size_bytes], ['broken', OBJECT_BYTES_MAX])
    assert.deepEqual([third!.state, third!.size_bytes], ['broken', 1])
    assert.equal(fourth!.state, 'object')
    const rubbish = scan(Buffer.alloc(OBJECT_BYTES_MAX * 2 + 10, 'r'))
    assert.deepEqual(
      rubbish.map(({ size_bytes }) => size_bytes),
      [OBJECT_BYTES_MAX, OBJECT_BYTES_MAX, 10],
    )
  })

  it('gives the same for every way to cut the stream, and accounts for every byte', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 1, max: 30 })), (bytes, sizes) => {
        const whole = scan(bytes)
        assert.deepEqual(scan(bytes, sizes.length > 0 ? sizes : [1]), whole)
        let at = 0
        for (const { offset_bytes, size_bytes } of whole) {
          assert.ok(offset_bytes >= at, 'pieces do not overlap')
          assertBlank(bytes.subarray(at, offset_bytes))
          at = offset_bytes + size_bytes
        }
        assertBlank(bytes.subarray(at))
        for (const each of whole) {
          if (each.state !== 'object') continue
          const own = bytes.subarray(each.offset_bytes, each.offset_bytes + each.size_bytes)
          assert.deepEqual(JSON.parse(own.toString()), each.value)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('finds every whole object among whole objects and white space', () => {
    const value = fc.dictionary(
      fc.string({ unit: 'grapheme' }),
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(fc.string()),
      ),
    )
    const gap = fc.constantFrom('', '\n', '\r\n', ' ', '\n\n')
    fc.assert(
      fc.property(fc.array(fc.tuple(value, gap, fc.boolean())), (parts) => {
        const text = parts.map(([each, space, pretty]) => JSON.stringify(each, null, pretty ? 2 : 0) + space).join('')
        assert.deepEqual(
          scan(Buffer.from(text)).map((each) => each.state === 'object' && each.value),
          parts.map(([each]) => JSON.parse(JSON.stringify(each))),
        )
      }),
    )
  })
})

/** Whole objects, broken ones, rubbish, marks and bytes that are no UTF-8, in any order. */
const stream = fc
  .array(
    fc
      .oneof(
        fc.constantFrom(
          '{"a":1}',
          '{"a":"é{}"}',
          '{"a":{"b":[1,2]}}',
          '{"a":"x',
          '{"a":',
          '{',
          '}',
          '"',
          '\\',
          '\n',
          ' ',
          ',',
        ),
        fc.constantFrom('\ufeff', '{"a":tru}', 'rubbish', '{"a":"\\"', '[', ']', ':', '"a"', '1'),
        fc.string({ maxLength: 5 }),
      )
      .map((text) => Buffer.from(text)),
    { maxLength: 25 },
  )
  .chain((pieces) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(pieces) },
      {
        weight: 1,
        arbitrary: fc.uint8Array({ minLength: 1, maxLength: 4 }).map((raw) => [...pieces, Buffer.from(raw), ...pieces]),
      },
    ),
  )
  .map((pieces) => Buffer.concat(pieces))

/** @param sizes of the chunks, in turn; none: all at once */
function scan(bytes: Buffer, sizes: readonly number[] = []): Scanned[] {
  const scanner = new ObjectScanner()
  const found: Scanned[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes.length > 0 ? sizes[turn % sizes.length]! : bytes.length
    found.push(...scanner.push(bytes.subarray(at, at + size)))
    at += size
  }
  found.push(...scanner.end())
  return found
}

function assertBlank(bytes: Buffer): void {
  assert.match(bytes.toString().replaceAll('\ufeff', ''), /^[ \t\r\n]*$/)
}
