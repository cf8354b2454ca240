import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { commentDetail, commentSentiment, commentText, tagsOf } from './comment.ts'

describe('what listeners write', () => {
  it('feels as it was told to, and says so in words', () => {
    const friendly = /love|perfect|wow|best|adore|good|like|lovely|enjoyed|great/i
    const hostile = /boring|not fond|weak|dull|dislike|awful|hate|worst|disaster|cannot stand/i
    fc.assert(
      fc.property(fc.boolean(), fc.nat(0xffffffff), (likes, word) => {
        const detail = commentDetail(likes, word)
        const feeling = commentSentiment(detail)
        const text = commentText(detail)
        assert.ok(text.length >= 5 && text.length <= 1000 && !text.includes('@'))
        assert.ok(likes ? feeling >= 0 : feeling <= 0)
        if (feeling > 0) assert.match(text, friendly)
        if (feeling < 0) assert.match(text, hostile)
      }),
    )
  })

  it('is varied', () => {
    const texts = new Set(Array.from({ length: 2_000 }, (_, i) => commentText(Math.imul(i, 0x9e3779b1) >>> 0)))
    assert.ok(texts.size > 500, `${texts.size} texts`)
  })

  it('has one to three tags, each once', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (detail) => {
        const tags = tagsOf(detail)
        assert.ok(tags.length >= 1 && tags.length <= 3)
        assert.equal(new Set(tags).size, tags.length)
      }),
    )
  })
})
