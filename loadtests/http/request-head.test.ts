import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readAddress } from './address.ts'
import { type HeadParts, requestHead } from './request-head.ts'

const address = readAddress('http://music.test:8080/a/b?c=d#e')!

describe('the head of a request', () => {
  it('is the request line, Host, what the script gives and what the engine adds', () => {
    const { head, sent_bytes } = requestHead({
      method: 'POST',
      address,
      headers: { 'X-One': '1' },
      userAgent: 'box/1',
      contentType: 'text/plain',
      cookie: 'a=b',
      body: 'größe',
    })
    assert.equal(
      head,
      'POST /a/b?c=d HTTP/1.1\r\nHost: music.test:8080\r\nUser-Agent: box/1\r\nX-One: 1\r\nContent-Type: text/plain\r\nCookie: a=b\r\nContent-Length: 7\r\n\r\n',
    )
    assert.equal(sent_bytes, head.length + 7)
  })

  it('lets the script’s fields stand for the engine’s, whatever their case', () => {
    const headers = {
      'user-agent': 'mine',
      'CONTENT-TYPE': 'a/b',
      HOST: 'other',
      connection: 'upgrade',
      Authorization: 'x',
    }
    const given = { userAgent: 'box/1', contentType: 'text/plain', authorization: 'Basic y', close: true }
    const { head } = requestHead({ method: 'GET', address, headers, ...given })
    for (const name of ['user-agent', 'content-type', 'host', 'connection', 'authorization']) {
      assert.equal(head.toLowerCase().split(`\r\n${name}:`).length, 2, name)
    }
    assert.match(head, /Host: other\r\n/)
    assert.doesNotMatch(head, /box|text\/plain|Basic/)
  })

  it('joins the script’s own cookies and the jar’s, and of one name in two spellings sends the last', () => {
    const { head } = requestHead({
      method: 'GET',
      address,
      headers: { Cookie: 'c=1', 'x-a': '1', 'X-A': '2' },
      cookie: 'd=2',
    })
    assert.match(head, /\r\nCookie: c=1; d=2\r\n/)
    assert.match(head, /\r\nX-A: 2\r\n/)
    assert.doesNotMatch(head, /x-a/)
  })

  it('says nothing of a length for GET, and 0 for a POST without a body', () => {
    assert.doesNotMatch(requestHead({ method: 'GET', address }).head, /Content-Length/)
    assert.match(requestHead({ method: 'POST', address }).head, /Content-Length: 0\r\n/)
  })

  it('lets no line break through', () => {
    const wrong: Partial<HeadParts>[] = [
      { headers: { 'a\r\nb': 'c' } },
      { headers: { a: 'b\r\nc: d' } },
      { headers: { host: 'b\nc' } },
      { headers: { '': 'b' } },
      { method: 'GET /\r\n' },
    ]
    for (const parts of wrong) {
      assert.throws(() => requestHead({ method: 'GET', address, ...parts }), { code: 'script.failed' })
    }
  })
})

describe('an address', () => {
  it('is read once, without what is secret in it', () => {
    const read = readAddress('https://me:p%40ss@[::1]/x')!
    assert.equal(readAddress('https://me:p%40ss@[::1]/x'), read)
    assert.equal(read.href, 'https://****:****@[::1]/x')
    assert.equal(read.credentials, 'me:p@ss')
    assert.deepEqual(read.origin, { secure: true, host: '::1', port: 443 })
    assert.equal(readAddress('https://[::1]/y')!.origin, read.origin)
  })

  it('is nothing for what is not HTTP', () => {
    for (const text of ['nonsense', '', '/path', 'ftp://a/', 'http://']) assert.equal(readAddress(text), undefined)
  })
})
