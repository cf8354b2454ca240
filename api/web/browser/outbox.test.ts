import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { WireEvent } from '../../../datasets/event.ts'
import { BATCH_MAX, createOutbox, type Kept, type Outcome, type PostResult, retryDelay, type Sent } from './outbox.ts'

const made = (at: number): WireEvent => ({
  eid: at.toString(16).padStart(32, '0'),
  ts: at,
  uid: 'u',
  session: 's',
  event: 'login',
})

/** An outbox whose server is a function, whose clock stands still and whose pauses take no time unless held. */
function rig(post: (events: readonly WireEvent[]) => Promise<PostResult>, kept: readonly Kept[] = []) {
  const waits: number[] = []
  const posted: string[][] = []
  let entries: readonly Sent[] = []
  let stored: readonly Kept[] = []
  const outbox = createOutbox(
    {
      post: (events) => {
        posted.push(events.map(({ eid }) => eid))
        return post(events)
      },
      now_ms: () => 0,
      wait: async (delay_ms) => void waits.push(delay_ms),
      changed: (now) => {
        entries = now
      },
      keep: (now) => {
        stored = now
      },
    },
    kept,
  )
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 10_000 && entries.some(({ stage }) => stage !== 'settled'); turn++)
      await Promise.resolve()
    assert.ok(
      entries.every(({ stage }) => stage === 'settled'),
      'the outbox did not come to rest',
    )
  }
  return { outbox, waits, posted, settled, entries: () => entries, stored: () => stored }
}

const answered = (outcomes: Outcome[]): PostResult => ({ state: 'answered', outcomes })

describe('the outbox', () => {
  it('delivers every event once, in order, whatever answers get lost on the way', () => deliversAll((result) => result))

  it('and that check fails when a lost answer is taken for a refusal', () =>
    assert.rejects(
      deliversAll((result) => (result.state === 'failed' ? { ...result, state: 'rejected' } : result)),
      /Property failed/,
    ))

  it('sends again under the same eid, and shows both answers', async () => {
    const seen = new Set<string>()
    const { outbox, settled, entries } = rig(async (events) =>
      answered(
        events.map(({ eid }) => {
          const state = seen.has(eid) ? 'duplicate' : 'accepted'
          seen.add(eid)
          return { state }
        }),
      ),
    )
    outbox.send(made(7), 'label')
    await settled()
    outbox.resend(made(7).eid)
    await settled()
    assert.deepEqual(
      entries().map(({ answers }) => answers.map(({ state }) => state)),
      [['accepted', 'duplicate']],
    )
    assert.equal(seen.size, 1)
  })

  it('gives each event of a rejected request its own answer', async () => {
    const { outbox, posted, settled, entries } = rig(async (events) => {
      await Promise.resolve()
      if (events.some(({ ts }) => ts === 2)) return { state: 'rejected', problem: 'bad' }
      return answered(events.map(() => ({ state: 'accepted' })))
    })
    for (const at of [0, 1, 2, 3]) outbox.send(made(at), '')
    await settled()
    assert.deepEqual(
      entries().map(({ event, answers }) => [event.ts, answers.map(({ state }) => state)]),
      [
        [3, ['accepted']],
        [2, ['refused']],
        [1, ['accepted']],
        [0, ['accepted']],
      ],
    )
    // The first event left alone; then three together, rejected; then one by one.
    assert.deepEqual(
      posted.map(({ length }) => length),
      [1, 3, 1, 1, 1],
    )
  })

  it('keeps what is unsettled for the next page, which sends it first', async () => {
    const { outbox, stored } = rig(() => new Promise(() => {}))
    outbox.send(made(1), 'one')
    outbox.send(made(2), 'two')
    assert.deepEqual(
      stored().map(({ label }) => label),
      ['one', 'two'],
    )
    const next = rig(async (events) => answered(events.map(() => ({ state: 'accepted' }))), stored())
    await next.settled()
    assert.deepEqual(next.posted.flat(), [made(1).eid, made(2).eid])
    assert.deepEqual(next.stored(), [])
  })

  it('counts attempts without an answer and waits longer after each', async () => {
    let failures = 4
    const { outbox, waits, settled, entries } = rig(async (events) =>
      failures-- > 0 ? { state: 'failed', problem: 'away' } : answered(events.map(() => ({ state: 'accepted' }))),
    )
    outbox.send(made(1), '')
    await settled()
    assert.deepEqual(entries()[0]!.answers, [
      { state: 'unknown', tries: 4, problem: 'away' },
      { state: 'accepted', latency_ms: 0 },
    ])
    assert.deepEqual(waits, [500, 1000, 2000, 4000])
  })

  it('holds requests to their limit', async () => {
    const { outbox, posted, settled } = rig(async (events) => answered(events.map(() => ({ state: 'accepted' }))))
    for (let at = 0; at < 130; at++) outbox.send(made(at), '')
    await settled()
    assert.ok(posted.every(({ length }) => length <= BATCH_MAX))
  })

  it('never mixes two listeners in a request', async () => {
    const { outbox, posted, settled } = rig(async (events) => {
      assert.equal(new Set(events.map(({ uid }) => uid)).size, 1)
      return answered(events.map(() => ({ state: 'accepted' })))
    })
    for (let at = 0; at < 6; at++) outbox.send({ ...made(at), uid: at < 3 ? 'a' : 'b' }, '')
    await settled()
    assert.deepEqual(
      posted.map(({ length }) => length),
      [1, 2, 3],
    )
  })

  it('waits as the server asks, within reason', () => {
    assert.equal(retryDelay(1, 5_000), 5_000)
    assert.equal(retryDelay(1, 1e9), 120_000)
    assert.equal(retryDelay(100), 30_000)
  })
})

/** @param heard what the outbox is told in place of what happened: the identity, or a planted fault */
function deliversAll(heard: (result: PostResult) => PostResult): Promise<void> {
  const fates = fc.array(fc.constantFrom('fine', 'lost request', 'lost answer', 'short answer'), { maxLength: 12 })
  return fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 120 }), fates, async (count, faults) => {
      const log: string[] = []
      const pending = [...faults]
      const { outbox, settled, entries, stored } = rig(async (events) => {
        const fault = pending.shift() ?? 'fine'
        await Promise.resolve()
        if (fault === 'lost request') return heard({ state: 'failed', problem: 'lost' })
        const outcomes = events.map(({ eid }): Outcome => {
          if (log.includes(eid)) return { state: 'duplicate' }
          log.push(eid)
          return { state: 'accepted' }
        })
        if (fault === 'lost answer') return heard({ state: 'failed', problem: 'lost' })
        return answered(fault === 'short answer' ? outcomes.slice(1) : outcomes)
      })
      const sent = Array.from({ length: count }, (_, at) => made(at))
      for (const event of sent) outbox.send(event, '')
      await settled()
      assert.deepEqual(
        log,
        sent.map(({ eid }) => eid),
      )
      assert.deepEqual(stored(), [])
      for (const { answers } of entries()) assert.match(answers.at(-1)!.state, /^(accepted|duplicate)$/)
    }),
  )
}
