import assert from 'node:assert/strict'
import { getHashes } from 'node:crypto'
import { describe, it } from 'node:test'
import { cryptoModule } from './crypto.ts'

const crypto = cryptoModule() as unknown as typeof import('k6/crypto').default

/** Digests of "abc" as published: RFC 1320, RFC 1321, FIPS 180-4 (examples of NIST), and the paper on RIPEMD-160. */
const ABC: Readonly<Record<string, string>> = {
  md4: 'a448017aaf21d8525fc10ae87aa6729d',
  md5: '900150983cd24fb0d6963f7d28e17f72',
  sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha384: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  sha512:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  sha512_224: '4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa',
  sha512_256: '53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23',
  ripemd160: '8eb208f7e05d987a9b044a8e98c6b087f15a0bfc',
}
const hasMd4 = getHashes().some((name) => /^(rsa-)?md4$/i.test(name))

describe('k6/crypto', () => {
  for (const [name, digest] of Object.entries(ABC)) {
    if (name === 'md4' && !hasMd4) continue
    it(`${name} gives the published digest, at once and in parts`, () => {
      const algorithm = name as 'sha256'
      assert.equal(crypto[algorithm]('abc', 'hex'), digest)
      assert.equal(crypto[algorithm](new Uint8Array([97, 98, 99]).buffer, 'hex'), digest)
      const hasher = crypto.createHash(algorithm)
      hasher.update('ab')
      assert.notEqual(hasher.digest('hex'), digest)
      hasher.update('c')
      assert.equal(hasher.digest('hex'), digest)
      assert.equal(hasher.digest('hex'), digest, 'asked again')
    })
  }

  it('refuses md4 with a remedy where OpenSSL has it no more', { skip: hasMd4 }, () => {
    assert.throws(() => crypto.md4('abc', 'hex'), { code: 'script.failed', hint: /sha256/ })
  })

  it('gives the HMACs of RFC 2202 and RFC 4231', () => {
    const jefe = ['Jefe', 'what do ya want for nothing?', 'hex'] as const
    assert.equal(crypto.hmac('md5', ...jefe), '750c783e6ab0b503eaa86e310a5db738')
    assert.equal(crypto.hmac('sha1', ...jefe), 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79')
    const sha256 = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    assert.equal(crypto.hmac('sha256', ...jefe), sha256)
    const hasher = crypto.createHMAC('sha256', new TextEncoder().encode('Jefe').buffer)
    hasher.update('what do ya want ')
    hasher.update('for nothing?')
    assert.equal(hasher.digest('hex'), sha256)
  })

  it('writes a digest in each encoding', () => {
    // Chosen for its "+", "/" and "=".
    const input = 'musicbox 31'
    const bytes = Buffer.from(crypto.md5(input, 'hex'), 'hex')
    const base64 = crypto.md5(input, 'base64')
    assert.deepEqual(Buffer.from(base64, 'base64'), bytes)
    assert.match(base64, /^(?=.*[+])(?=.*[/]).*==$/)
    const url = base64.replaceAll('+', '-').replaceAll('/', '_')
    assert.equal(crypto.md5(input, 'base64url'), url)
    assert.equal(crypto.md5(input, 'base64rawurl'), url.slice(0, -2))
    assert.deepEqual(Buffer.from(crypto.md5(input, 'binary')), bytes)
  })

  it('gives random bytes of the size that is asked for', () => {
    const [one, other] = [crypto.randomBytes(32), crypto.randomBytes(32)]
    assert.equal(one.byteLength, 32)
    assert.ok(one instanceof ArrayBuffer)
    assert.notDeepEqual(new Uint8Array(one), new Uint8Array(other))
    for (const size of [0, -1, 1.5, Number.NaN])
      assert.throws(() => crypto.randomBytes(size), { code: 'script.failed' })
  })

  it('says what it expected of an algorithm, an encoding and an input', () => {
    assert.throws(() => crypto.createHash('sha3' as never), /expected an algorithm of md4, .*got "sha3"/)
    assert.throws(() => crypto.sha256('abc', 'utf8' as never), /expected an output encoding of hex, .*got "utf8"/)
    assert.throws(() => crypto.sha256(null as never, 'hex'), /expected text or an ArrayBuffer, got null/)
  })
})
