import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { issueToken, readToken } from './token.ts'

const SECRET = Buffer.from('a secret of the test')
const CLAIMS = { uid: 'user_1 é', expires_ms: 1_000 }

describe('a token', () => {
  it('says who it is for, until it expires', () => {
    const token = issueToken(CLAIMS, SECRET)
    assert.match(token, /^[\w-]+\.[\w-]+$/)
    assert.deepEqual(readToken(token, SECRET, 999), CLAIMS)
    assert.equal(readToken(token, SECRET, 1_000), undefined)
  })

  it('of another secret is none', () => {
    assert.equal(readToken(issueToken(CLAIMS, Buffer.from('another')), SECRET, 0), undefined)
  })

  it('with any character changed is none', () => {
    const token = issueToken(CLAIMS, SECRET)
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...'ABCxyz019-_.'), (at, char) => {
        fc.pre(token[at] !== char)
        const changed = token.slice(0, at) + char + token.slice(at + 1)
        const claims = readToken(changed, SECRET, 0)
        // The last character of base64url holds unused bits: such a token is the same bytes, so the same token.
        if (at === token.length - 1 && claims) assert.deepEqual(claims, CLAIMS)
        else assert.equal(claims, undefined)
      }),
    )
  })

  it('that somebody wrote without the secret is none', () => {
    const payload = Buffer.from(JSON.stringify({ uid: 'admin', exp: 9e15 })).toString('base64url')
    const unkeyed = createHmac('sha256', '').update(payload).digest('base64url')
    for (const token of ['', '.', payload, `${payload}.`, `.${payload}`, `${payload}.${unkeyed}`, 'x'.repeat(5000)]) {
      assert.equal(readToken(token, SECRET, 0), undefined)
    }
    // The same claims, signed, are a token: what failed above is the signature.
    assert.equal(readToken(issueToken({ uid: 'admin', expires_ms: 9e15 }, SECRET), SECRET, 0)?.uid, 'admin')
  })
})
