import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
  zstdCompressSync,
} from 'node:zlib'
import { decoded } from './content-encoding.ts'
import { encodeBody, FileData } from './request-body.ts'

describe('the body of a request', () => {
  it('is text, bytes or a view of bytes as they are, and says nothing of their type', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4)
    assert.deepEqual(encodeBody('text', undefined), {
      body: 'text',
      contentType: undefined,
      contentEncoding: undefined,
    })
    assert.deepEqual(encodeBody(bytes.buffer, undefined).body, bytes)
    assert.deepEqual(encodeBody(bytes.subarray(1, 3), undefined).body, Uint8Array.of(2, 3))
    for (const none of [undefined, null]) assert.equal(encodeBody(none, undefined).body, undefined)
  })

  it('is a form for an object, null an empty field, a list one field each', () => {
    const { body, contentType } = encodeBody({ 'a b': 'c&d', n: 1, none: null, list: [1, 'ü'] }, undefined)
    assert.equal(contentType, 'application/x-www-form-urlencoded')
    assert.deepEqual(
      [...new URLSearchParams(String(body))],
      [
        ['a b', 'c&d'],
        ['n', '1'],
        ['none', ''],
        ['list', '1'],
        ['list', 'ü'],
      ],
    )
    assert.throws(() => encodeBody({ a: { b: 1 } }, undefined), { code: 'script.failed', hint: /JSON/ })
  })

  it('is multipart once it has a file, and another reader of multipart reads the same', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const fields = {
      title: 'größe\r\n--x',
      file: new FileData(bytes.buffer, 'a "b"\r\n.bin', 'audio/x-test'),
      more: [new FileData('one', '1.txt', 'text/plain'), 'plain'],
    }
    const { body, contentType } = encodeBody(fields, undefined)
    const form = await new Response(body as Uint8Array<ArrayBuffer>, {
      headers: { 'Content-Type': contentType! },
    }).formData()
    assert.equal(form.get('title'), 'größe\r\n--x')
    const file = form.get('file') as File
    assert.deepEqual(new Uint8Array(await file.arrayBuffer()), bytes)
    assert.equal(file.type, 'audio/x-test')
    assert.deepEqual([(form.getAll('more')[0] as File).name, form.getAll('more')[1]], ['1.txt', 'plain'])
    assert.equal([...form.keys()].length, 4)
  })

  it('is compressed as asked, one after the other', () => {
    const undo = (compression: string) => encodeBody('text', compression).body as Uint8Array
    assert.equal(gunzipSync(undo('gzip')).toString(), 'text')
    assert.equal(inflateSync(undo('deflate')).toString(), 'text')
    assert.equal(brotliDecompressSync(undo('br')).toString(), 'text')
    assert.equal(inflateSync(gunzipSync(undo('deflate, gzip'))).toString(), 'text')
    assert.equal(encodeBody('text', 'deflate,gzip').contentEncoding, 'deflate, gzip')
    assert.equal(encodeBody(undefined, 'gzip').contentEncoding, undefined)
    assert.throws(() => encodeBody('text', 'lzma'), {
      code: 'script.failed',
      message: /gzip, deflate, br, zstd, got "lzma"/,
    })
  })
})

describe('the body of an answer', () => {
  it('is what it was before the server compressed it', () => {
    const text = Buffer.from('text '.repeat(1000))
    assert.deepEqual(decoded(gzipSync(text), 'gzip'), text)
    assert.deepEqual(decoded(deflateSync(text), 'Deflate'), text)
    assert.deepEqual(inflateRawSync(deflateRawSync(text)), text)
    assert.deepEqual(decoded(deflateRawSync(text), 'deflate'), text)
    assert.deepEqual(decoded(brotliCompressSync(text), 'br'), text)
    assert.deepEqual(decoded(zstdCompressSync(text), 'zstd'), text)
    assert.deepEqual(decoded(gzipSync(deflateSync(text)), 'deflate, gzip'), text)
    assert.deepEqual(decoded(text, 'identity'), text)
    assert.deepEqual(decoded(Buffer.alloc(0), 'gzip'), Buffer.alloc(0))
  })

  it('is an error where the bytes are not what the server says', () => {
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd']) {
      assert.throws(() => decoded(Buffer.from('xplain'), encoding), { code: 1701 }, encoding)
    }
  })
})
