import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodingModule } from './encoding.ts'

const { b64encode, b64decode } = encodingModule() as unknown as typeof import('k6/encoding').default
const textOf = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString()

describe('k6/encoding', () => {
  it('gives the vectors of RFC 4648, and reads them back', () => {
    for (const [text, encoded] of [
      ['', ''],
      ['f', 'Zg=='],
      ['fo', 'Zm8='],
      ['foo', 'Zm9v'],
      ['foob', 'Zm9vYg=='],
      ['fooba', 'Zm9vYmE='],
      ['foobar', 'Zm9vYmFy'],
    ] as const) {
      assert.equal(b64encode(text), encoded)
      assert.equal(b64decode(encoded, 'std', 's'), text)
      assert.equal(b64encode(text, 'rawstd'), encoded.replaceAll('=', ''))
      assert.equal(textOf(b64decode(encoded.replaceAll('=', ''), 'rawstd')), text)
    }
  })

  it('has other letters for addresses', () => {
    const bytes = Uint8Array.of(0xfb, 0xff, 0xfe, 0xff).buffer
    assert.deepEqual(
      (['std', 'rawstd', 'url', 'rawurl'] as const).map((form) => b64encode(bytes, form)),
      ['+//+/w==', '+//+/w', '-__-_w==', '-__-_w'],
    )
    assert.deepEqual(b64decode('-__-_w', 'rawurl'), bytes)
  })

  it('refuses what is not of the form', () => {
    for (const [text, form] of [
      ['Zg', 'std'],
      ['Zg==', 'rawstd'],
      ['-__-_w==', 'std'],
      ['+//+/w==', 'url'],
      ['Z', 'rawstd'],
      ['Z g=', 'std'],
    ] as const) {
      assert.throws(() => b64decode(text, form), { code: 'script.failed' }, `${text} as ${form}`)
    }
    assert.throws(() => b64encode('x', 'base64' as never), /of std, rawstd, url, rawurl/)
  })
})
