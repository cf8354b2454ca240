import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { omission, showsOmission } from '../bench/omission.ts'
import { startTarget, type Target } from '../bench/target-process.ts'

describe('a second of slow answers at a constant rate', () => {
  let target: Target
  before(async () => {
    target = await startTarget()
  })
  after(() => target[Symbol.asyncDispose]())

  it('is in the p99 of the response time, and hidden in that of the service time, of one run', async () => {
    const seen = await omission({ target })
    assert.ok(showsOmission(seen), JSON.stringify(seen))
    assert.equal(seen.service.count, seen.response.count)
    assert.ok(seen.service.max >= 200, 'the slow answers were there to be seen')
  })

  it('would be hidden in both if the response counted from the send', async () => {
    const seen = await omission({ target, countFrom: 'send' })
    assert.ok(!showsOmission(seen), JSON.stringify(seen))
    assert.ok(seen.response.p99 < 200, JSON.stringify(seen))
  })
})
