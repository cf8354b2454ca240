import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DEFAULT_SEED_KEY, keyText, keyUnder, parseKey } from './kernel/key-text.ts'
import { seedKey } from './seed.ts'

describe('a seed', () => {
  it('is written out for the default text as it is computed', () => {
    assert.deepEqual(seedKey('musicbox'), DEFAULT_SEED_KEY)
  })

  it('gives one key for one text, and other keys for other texts', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        assert.equal(keyText(seedKey(a)) === keyText(seedKey(b)), a === b)
      }),
    )
  })

  it('is refused when it is empty, which would mean another key each time', () => {
    assert.throws(() => seedKey(''), /at least one character/)
  })

  it('has a key that survives being written and read', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff })
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        assert.match(keyText([a, b, c, d]), /^[0-9a-f]{32}$/)
        assert.deepEqual(parseKey(keyText([a, b, c, d])), [a, b, c, d])
      }),
    )
    for (const text of ['', 'abc', 'G'.repeat(32), `${keyText(DEFAULT_SEED_KEY)}0`]) {
      assert.throws(() => parseKey(text), /32 lower-case hex digits/)
    }
  })

  it('gives each run its own key, by any change of its name', () => {
    const keys = ['', 'a', 'b', 'ab', 'ba', 'a\u0000', 'é'].map((run) => keyText(keyUnder(DEFAULT_SEED_KEY, run)))
    assert.equal(new Set(keys).size, keys.length)
  })
})
