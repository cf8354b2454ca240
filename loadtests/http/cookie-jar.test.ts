import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CookieJar, cookieField } from './cookie-jar.ts'

const at = (url: string): URL => new URL(url)
const stored = (...fields: string[]): CookieJar => {
  const jar = new CookieJar()
  jar.store(at('http://www.music.test/shop/cart'), fields)
  return jar
}
const field = (jar: CookieJar, url: string): string | undefined => cookieField(jar, at(url), [])

describe('the cookie jar', () => {
  it('gives a cookie back to its host and below its path only', () => {
    const jar = stored('a=1', 'b=2; Path=/shop/x')
    assert.equal(field(jar, 'http://www.music.test/shop'), 'a=1')
    assert.equal(field(jar, 'http://www.music.test/shop/x'), 'b=2; a=1', 'the longer path first')
    assert.equal(field(jar, 'http://www.music.test/shopping'), undefined)
    assert.equal(field(jar, 'http://music.test/shop/x'), undefined)
  })

  it('gives a cookie with a domain to names below it, and takes none for another’s domain', () => {
    const jar = stored('a=1; Domain=.music.test; Path=/', 'b=2; Domain=other.test; Path=/', 'c=3; Domain=usic.test')
    assert.equal(field(jar, 'http://music.test/'), 'a=1')
    assert.equal(field(jar, 'http://deep.www.music.test/'), 'a=1')
    assert.equal(field(jar, 'http://notmusic.test/'), undefined)
    assert.equal(field(jar, 'http://other.test/'), undefined)
  })

  it('sends Secure ones over TLS only', () => {
    const jar = stored('a=1; Path=/; Secure')
    assert.equal(field(jar, 'http://www.music.test/'), undefined)
    assert.equal(field(jar, 'https://www.music.test/'), 'a=1')
  })

  it('replaces by name, domain and path, and forgets what has ended; an age goes before a date', () => {
    const jar = stored('a=1; Path=/', 'b=1; Path=/', 'c=1; Path=/')
    const past = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'
    jar.store(at('http://www.music.test/'), ['a=2; Path=/', `b=; Path=/; ${past}`, `c=3; Path=/; ${past}; Max-Age=60`])
    assert.equal(field(jar, 'http://www.music.test/'), 'a=2; c=3')
    jar.store(at('http://www.music.test/'), ['c=; Path=/; Max-Age=0'])
    assert.equal(field(jar, 'http://www.music.test/'), 'a=2')
  })

  it('passes over what is no cookie, and keeps "=" in a value', () => {
    assert.equal(field(stored('nonsense', '=x', '', 'a=b=c; Path=/'), 'http://www.music.test/'), 'a=b=c')
  })

  it('sends a request’s own cookies beside the jar’s, or in their place when told to', () => {
    const jar = stored('a=jar; Path=/', 'b=jar; Path=/')
    const url = at('http://www.music.test/')
    const own = (replace: boolean) => cookieField(jar, url, [{ name: 'a', value: 'own', replace }])
    assert.equal(own(false), 'a=own; a=jar; b=jar')
    assert.equal(own(true), 'a=own; b=jar')
  })

  it('removes one cookie, or all of a host', () => {
    const jar = stored('a=1; Path=/', 'b=2; Path=/')
    jar.store(at('http://other.test/'), ['c=3; Path=/'])
    jar.remove(at('http://www.music.test/'), 'a')
    assert.equal(field(jar, 'http://www.music.test/'), 'b=2')
    jar.remove(at('http://www.music.test/'))
    assert.equal(field(jar, 'http://www.music.test/'), undefined)
    assert.equal(field(jar, 'http://other.test/'), 'c=3')
  })
})
