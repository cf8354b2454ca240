import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { AnswerReader } from './answer-reader.ts'

/** A body on the wire in one of its forms, and whether its end needs the end of the connection. */
const FORMS: Readonly<Record<string, (body: string) => string>> = {
  length: (body) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  'after 100': (body) =>
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  chunked(body) {
    const chunks = body.match(/.{1,7}/gs) ?? []
    const coded = chunks.map((chunk) => `${chunk.length.toString(16)};a=b\r\n${chunk}\r\n`).join('')
    return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${coded}0\r\nTrailer: x\r\n\r\n`
  },
}

describe('the reader of answers', () => {
  it('gives the same body however the bytes are cut, one answer after the other, from one buffer that is written over', () => {
    const body = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '0', ' '), maxLength: 40 })
    const answer = fc.tuple(fc.constantFrom(...Object.keys(FORMS)), body)
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 4 }), cuts, (answers, sizes) => {
        const reader = new AnswerReader()
        const buffer = Buffer.alloc(64)
        for (const [form, expected] of answers) {
          const wire = Buffer.from(FORMS[form]!(expected))
          reader.begin('GET', true)
          let isWhole = false
          for (let at = 0, i = 0; at < wire.length; i++) {
            assert.equal(isWhole, false, 'whole before its end')
            const size = wire.copy(buffer, 0, at, at + sizes[i % sizes.length]!)
            isWhole = reader.push(buffer, size)
            buffer.fill('#')
            at += size
          }
          assert.equal(isWhole, true)
          assert.equal(reader.isReusable, true)
          assert.equal(reader.take().toString(), expected)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('does not use a connection again on which something follows the answer', () => {
    for (const form of Object.keys(FORMS)) {
      const reader = new AnswerReader()
      reader.begin('GET', true)
      const bytes = Buffer.from(`${FORMS[form]!('body')}HTTP/1.1 200 OK`)
      assert.equal(reader.push(bytes, bytes.length), true)
      assert.equal(reader.take().toString(), 'body')
      assert.equal(reader.isReusable, false, form)
    }
  })

  it('is whole with the end of the connection only where the head gives no length', () => {
    const endOf = (text: string): boolean => {
      const reader = new AnswerReader()
      reader.begin('GET', true)
      const bytes = Buffer.from(text)
      assert.equal(reader.push(bytes, bytes.length), false)
      return reader.end()
    }
    assert.equal(endOf('HTTP/1.0 200 OK\r\n\r\nuntil the end'), true)
    assert.equal(endOf('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort'), false)
    assert.equal(endOf('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort'), false)
    assert.equal(endOf('HTTP/1.1 200 OK\r\n'), false)
  })

  it('counts a body that is not wanted to its end, and keeps nothing of it', () => {
    for (const form of Object.keys(FORMS)) {
      const reader = new AnswerReader()
      reader.begin('GET', false)
      const bytes = Buffer.from(FORMS[form]!('body'))
      assert.equal(reader.push(bytes, bytes.length), true)
      assert.equal(reader.take().length, 0)
      assert.equal(reader.isReusable, true)
    }
  })
})
