import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseHead } from './http-message.ts'

const head = (text: string) => parseHead(Buffer.from(text, 'latin1'))

describe('the head of an answer', () => {
  it('gives status, reason, fields and framing as a plain reader does, wherever it stands in the buffer', () => {
    const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,18}$/)
    const name = fc.oneof(
      token,
      fc.constantFrom(
        'Content-Type',
        'CONTENT-LENGTHS',
        'transfer-encodinG',
        'Connection',
        'Set-Cookie',
        'Content-Encoding',
      ),
    )
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)
    const fields = fc.array(fc.tuple(name, value), { maxLength: 8 })
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), value, fields, fc.nat(9), (status, reason, given, before) => {
        const length = given.length * 7
        const all = [...given, ['content-Length', String(length)] as const]
        const lines = [`HTTP/1.1 ${status} ${reason}`, ...all.map(([one, text]) => `${one}: ${text}`), '', '']
        const text = lines.join('\r\n')
        const bytes = Buffer.from(`${'x'.repeat(before)}${text}body\r\n\r\n`)
        const read = parseHead(bytes, before)!
        assert.equal(read.size, text.length)
        assert.equal(read.status, status)
        assert.equal(read.statusText, reason)
        assert.deepEqual(read.fields, all)
        assert.equal(read.contentLength, length)
        const last = (wanted: string) => all.filter(([one]) => one.toLowerCase() === wanted).at(-1)?.[1]
        assert.equal(read.chunked, last('transfer-encoding')?.toLowerCase().endsWith('chunked') ?? false)
        assert.equal(read.setsCookie, last('set-cookie') !== undefined)
        assert.equal(read.isEncoded, last('content-encoding') !== undefined)
        for (let cut = before; cut < before + text.length; cut++) assert.equal(parseHead(bytes, before, cut), undefined)
      }),
      { numRuns: 200 },
    )
  })

  it('keeps a connection as the version and the field Connection say', () => {
    assert.equal(head('HTTP/1.1 200 OK\r\n\r\n')?.keepAlive, true)
    assert.equal(head('HTTP/1.0 200 OK\r\n\r\n')?.keepAlive, false)
    assert.equal(head('HTTP/1.1 200 OK\r\nconnection: Close\r\n\r\n')?.keepAlive, false)
    assert.equal(head('HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n')?.keepAlive, true)
  })

  it('takes a reason that is missing, and lines that end in a bare line feed', () => {
    assert.equal(head('HTTP/1.1 200\r\n\r\n')?.statusText, '')
    const bare = head('HTTP/1.1 200 Fine\nA: b\nContent-Length: 3\n\n')
    assert.deepEqual([bare?.statusText, bare?.contentLength, bare?.fields[0]], ['Fine', 3, ['A', 'b']])
  })

  it('refuses what is no answer of HTTP/1, and a length that is none or not the same twice', () => {
    const wrong = [
      'SSH-2.0-x\r\n\r\n',
      'HTTP/2.0 200 OK\r\n\r\n',
      'HTTP/1.1 2x0 OK\r\n\r\n',
      'HTTP/1.1 2000\r\n\r\n',
      'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
      'HTTP/1.1 200 OK\r\n: no name\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}`,
    ]
    for (const text of wrong) assert.throws(() => head(text), { code: 1000 }, text.slice(0, 60))
  })
})
