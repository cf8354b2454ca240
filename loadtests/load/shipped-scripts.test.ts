/** Every script that sends events, run small against a server that takes them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DAY_MS } from '../../datasets/day.ts'
import { wireEventSchema } from '../../datasets/event.ts'
import { runScript } from '../engine/runner.ts'
import { openEventTarget, type ReceivedEvent } from '../event-target.suite.ts'
import type { RunResult } from '../run-result.ts'
import { type Shipped, shippedPath } from './shipped-scripts.ts'

const START_MS = Date.parse('2026-03-09T00:00:00Z')

interface Played {
  result: RunResult
  received: ReceivedEvent[]
  posts: number
}

async function play(name: Shipped, env: Record<string, string>, answer?: () => string): Promise<Played> {
  const target = await openEventTarget(answer)
  try {
    const result = await runScript({
      script: shippedPath(name),
      // So fast that sessions of hours are over in a moment.
      env: { EVENT_API: target.url, START_MS: String(START_MS), SPEED: '100000', RUN: 'test', ...env },
    })
    return { result, received: target.received, posts: target.posts }
  } finally {
    target.close()
  }
}

/** What must hold of every run, whatever the machine's speed. */
function expectSound({ result, received }: Played): void {
  assert.ok(received.length > 5, `${received.length} events`)
  for (const event of received) {
    wireEventSchema.parse(event)
    assert.ok(event.ts >= START_MS && event.ts < START_MS + DAY_MS, 'within the day')
  }
  assert.equal(new Set(received.map(({ eid }) => eid)).size, received.length, 'each event once')
  const { accepted, duplicate, refused, unknown } = result.fates
  assert.deepEqual([accepted, duplicate, refused, unknown], [received.length, 0, 0, 0])
  assert.equal(result.traffic.malformed, 0)
  assert.equal(result.checks.fails, 0)
}

const byEid = (received: readonly ReceivedEvent[]): Map<string, string> =>
  new Map(received.map((event) => [event.eid, JSON.stringify(event)]))

describe('the scripts whose listeners come and go', { concurrency: 4 }, () => {
  for (const [name, env] of [
    ['ramp', { LISTENERS: '4', DURATION: '1s' }],
    ['spike', { LISTENERS: '10', DURATION: '1s' }],
    ['stress', { LISTENERS: '4', DURATION: '1s' }],
    ['soak', { LISTENERS: '2', DURATION: '1s' }],
  ] as const) {
    it(`${name} sends valid events of one day, each once`, async () => expectSound(await play(name, env)))
  }

  it('begin listeners in the same order with the same events, however many are at once', async () => {
    const [few, many] = await Promise.all(
      ['1', '5'].map(async (listeners) => (await play('soak', { LISTENERS: listeners, DURATION: '1s' })).received),
    )
    const [ours, theirs] = [byEid(few!), byEid(many!)]
    const common = [...ours.keys()].filter((eid) => theirs.has(eid))
    assert.ok(common.length > 5, `${common.length} events in common`)
    for (const eid of common) assert.equal(theirs.get(eid), ours.get(eid))
  })
})

describe('the scripts that send batches', { concurrency: 4 }, () => {
  it('ingest sends full batches, steady and then twice as many, and none of them twice', async () => {
    const played = await play('ingest', { RATE: '200', BATCH: '10', DURATION: '2s', VUS: '20' })
    expectSound(played)
    assert.equal(played.received.length, played.posts * 10)
    // 20 batches a second for one second, then from 20 to 40 in the next: 20 and 30.
    assert.equal(played.posts + played.result.iterations.dropped, 50)
  })

  it('ingest sends a batch again under the same ids when its fate is unknown, and then each event counts once', async () => {
    let answers = 0
    const { result, received, posts } = await play(
      'ingest',
      { RATE: '50', BATCH: '5', DURATION: '2s', VUS: '10' },
      // Of every batch's five events, one has no clear answer at first.
      () => (++answers % 7 === 0 ? 'unclear' : 'accepted'),
    )
    assert.ok(received.length > byEid(received).size, 'some came twice')
    assert.equal(result.fates.unknown, 0)
    assert.equal(result.traffic.events, byEid(received).size)
    assert.ok(posts > result.iterations.completed)
  })

  it('breakpoint climbs to its end while nothing breaks, and stops before it when most events are refused', async () => {
    const env = { RATE: '200', BATCH: '10', DURATION: '8s', VUS: '20' }
    const [held, broken] = await Promise.all([
      play('breakpoint', { ...env, DURATION: '2s' }),
      play('breakpoint', env, () => 'refused'),
    ])
    expectSound(held)
    assert.equal(held.result.exitCode, 0)
    // From 0 to 20 batches a second in two seconds.
    assert.equal(held.posts + held.result.iterations.dropped, 20)
    assert.equal(broken.result.exitCode, 99)
    assert.match(broken.result.problem!, /checks rate>0\.95/)
    assert.ok(broken.result.seconds < 8)
  })
})
