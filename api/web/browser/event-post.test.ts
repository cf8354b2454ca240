import assert from 'node:assert/strict'
import { afterEach, describe, it, mock } from 'node:test'
import { postEvents, readOutcomes } from './event-post.ts'

const event = { eid: '0'.repeat(32), ts: 0, uid: 'u', session: 's', event: 'login' } as const

/** Answers the next request; what it was asked is in the mock's calls. */
function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return mock.method(globalThis, 'fetch', async () => new Response(text, { status, headers }))
}

const post = () => postEvents([event], 'token', async () => {})

describe('posting events', () => {
  afterEach(() => mock.restoreAll())

  it('reads one outcome an event, also from a problem that lists them', async () => {
    const results = [{ index: 0, state: 'refused', problem: { detail: 'Expected stars from 1 to 10, got 11.' } }]
    const expected = {
      state: 'answered',
      outcomes: [{ state: 'refused', problem: 'Expected stars from 1 to 10, got 11.' }],
    }
    answer(202, { results })
    assert.deepEqual(await post(), expected)
    mock.restoreAll()
    answer(400, { detail: 'No event was accepted.', results })
    assert.deepEqual(await post(), expected)
  })

  it('tells “not this” from “not now”', async () => {
    answer(413, { detail: 'Too large.' })
    assert.deepEqual(await post(), { state: 'rejected', problem: 'Too large.' })
    mock.restoreAll()
    answer(503, { detail: 'Overloaded.' }, { 'retry-after': '2' })
    assert.deepEqual(await post(), { state: 'failed', problem: 'Overloaded.', retryAfter_ms: 2000 })
    mock.restoreAll()
    answer(200, '<html>a proxy’s page</html>')
    assert.equal((await post()).state, 'failed')
    mock.restoreAll()
    answer(202, {})
    assert.equal((await post()).state, 'failed')
    mock.restoreAll()
    mock.method(globalThis, 'fetch', async () => Promise.reject(new TypeError('fetch failed')))
    assert.deepEqual(await post(), {
      state: 'failed',
      problem: 'The server cannot be reached.',
      retryAfter_ms: undefined,
    })
  })

  it('renews a token that is no longer taken before it tries again', async () => {
    answer(401, { detail: 'The token is not valid.' })
    let renewals = 0
    const result = await postEvents([event], 'old', async () => void renewals++)
    assert.equal(result.state, 'failed')
    assert.equal(renewals, 1)
  })

  it('puts outcomes in order and stops at what it does not know', () => {
    const accepted = { state: 'accepted' }
    assert.deepEqual(
      readOutcomes([
        { index: 1, state: 'duplicate' },
        { index: 0, state: 'accepted' },
      ]),
      [accepted, { state: 'duplicate' }],
    )
    assert.deepEqual(
      readOutcomes([
        { index: 0, state: 'accepted' },
        { index: 1, state: 'perhaps' },
      ]),
      [accepted],
    )
  })
})
