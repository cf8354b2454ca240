import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { wireEventSchema } from '../../datasets/event.ts'
import { pointerTo, problemErrors } from './schema-problem.ts'

const GOOD = { eid: '0'.repeat(32), ts: 1, uid: 'u', session: 's', event: 'rate', songid: 'TR1', stars: 5 }

function errorsOf(changes: object) {
  const input = { ...GOOD, ...changes }
  return problemErrors(wireEventSchema.safeParse(input).error?.issues ?? [], input, ['events', 3])
}

describe('what is wrong with an event', () => {
  it('is said with what was expected, what came, and where', () => {
    assert.deepEqual(errorsOf({ stars: 11 }), [
      { detail: 'Expected stars to be at most 10; got 11.', pointer: '#/events/3/stars' },
    ])
    assert.deepEqual(errorsOf({ stars: 1.5 }), [
      { detail: 'Expected stars to be a whole number; got 1.5.', pointer: '#/events/3/stars' },
    ])
    assert.deepEqual(errorsOf({ uid: undefined })[0], {
      detail: 'Expected uid to be a text; it is missing.',
      pointer: '#/events/3/uid',
    })
    assert.deepEqual(errorsOf({ eid: 'XYZ' })[0], {
      detail: 'Expected eid to be 32 lower-case hex digits; got "XYZ".',
      pointer: '#/events/3/eid',
    })
    assert.equal(errorsOf({ ip4: '1.2.3' })[0]!.detail, 'Expected ip4 to be an IPv4 address; got "1.2.3".')
    assert.match(errorsOf({ event: 'hum' })[0]!.detail, /^Expected event to be one of login, .*, exit; got "hum"\.$/)
    assert.match(errorsOf({ more: 1 })[0]!.detail, /got "more"\.$/)
  })

  it('never repeats a long text', () => {
    const [error] = errorsOf({ session: 'x'.repeat(5000) })
    assert.equal(error!.detail, 'Expected session to have at most 64 characters; got a text of 5000 characters.')
  })

  it('counts to twenty and no further', () => {
    const input = Array.from({ length: 100 }, () => 'one')
    assert.equal(problemErrors(z.array(z.int()).safeParse(input).error!.issues, input).length, 20)
  })

  it('is pointed to by a JSON Pointer as a fragment', () => {
    assert.equal(pointerTo([]), '#')
    assert.equal(pointerTo(['a/b', 'c~d', 0, 'é %']), '#/a~1b/c~0d/0/%C3%A9%20%25')
    assert.equal(pointerTo(['\ud800']), '#/%EF%BF%BD')
  })
})
