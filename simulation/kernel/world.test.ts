import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createWorld, liveDayOf, type Profile } from './world.ts'

describe('a world', () => {
  it('fills what is not given', () => {
    const world = createWorld({ userCount: 5 })
    assert.equal(world.userCount, 5)
    assert.equal(world.profile, 'realistic')
    assert.equal(liveDayOf(world), '2026-04-01')
    assert.equal(liveDayOf(createWorld({ liveDay: '2026-02-03' })), '2026-02-03')
  })

  it('says what it expected of a part that cannot be', () => {
    assert.throws(() => createWorld({ userCount: 0 }), /whole number of users from 1/)
    assert.throws(() => createWorld({ songCount: 1.5 }), /whole number of songs/)
    assert.throws(() => createWorld({ firstDay: '2026-02-30' }), /"2026-02-30"/)
    assert.throws(() => createWorld({ firstDay: 'soon' }), /"soon"/)
    assert.throws(() => createWorld({ liveDay: '1969-12-31' }), /from 1970-01-01 on/)
    assert.throws(() => createWorld({ profile: 'loud' as Profile }), /realistic, seed-2014, got "loud"/)
  })
})
