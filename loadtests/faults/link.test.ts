import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { drawsAt, type Key } from '../../datasets/random.ts'
import type { Toxic } from './fault.ts'
import { HandClock } from './hand-clock.suite.ts'
import { Link } from './link.ts'
import { Hold, type Item, stageOf, type ToxicStage } from './toxic-stage.ts'

const SEED: Key = [1, 2, 3, 4]

/** A link on a clock that stands still, and what has come out of it, each with its time. */
function bench(...toxics: Toxic[]) {
  const clock = new HandClock()
  const out: { at_ms: number; item: Item }[] = []
  const link = new Link(clock, (item) => out.push({ at_ms: clock.now(), item }))
  const cures = toxics.map((toxic, number) => link.add(stageOf(toxic, drawsAt(SEED, number, 0))))
  return {
    ...{ clock, out, link, cures },
    send: (text: string) => link.push({ kind: 'data', bytes: Buffer.from(text) }),
    text: () => out.map(({ item }) => (item.kind === 'data' ? item.bytes.toString() : '')).join(''),
    kinds: () => out.map(({ item }) => item.kind),
    times: () => out.map(({ at_ms }) => at_ms),
  }
}

describe('a link without toxics', () => {
  it('passes everything on at once', () => {
    const { link, send, text, kinds } = bench()
    send('abc')
    link.push({ kind: 'end' })
    assert.equal(text(), 'abc')
    assert.deepEqual(kinds(), ['data', 'end'])
    assert.equal(link.held_bytes, 0)
  })
})

describe('latency', () => {
  it('delays data and their end by its time, and counts what it holds', () => {
    const { clock, link, send, times } = bench({ toxic: 'latency', latency_ms: 200, jitter_ms: 0 })
    send('abc')
    clock.moveTo(50)
    link.push({ kind: 'end' })
    clock.moveTo(199)
    assert.deepEqual(times(), [])
    assert.equal(link.held_bytes, 3)
    clock.moveTo(1000)
    assert.deepEqual(times(), [200, 250])
    assert.equal(link.held_bytes, 0)
  })

  it('varies by its jitter to both sides, evenly, and the same again for the same seed', () => {
    const delays = (number: number): number[] => {
      const stage = stageOf({ toxic: 'latency', latency_ms: 200, jitter_ms: 50 }, drawsAt(SEED, number, 0))
      // So far apart that order asks for nothing.
      return Array.from({ length: 4000 }, (_, i) => stage.take({ kind: 'end' }, i * 1000)[0]!.at_ms - i * 1000)
    }
    const drawn = delays(0)
    assert.ok(drawn.every((delay) => delay >= 150 && delay <= 250))
    // Standard error of the mean of 4,000: 100 / √12 / √4000 = 0.46 ms.
    const mean = drawn.reduce((sum, delay) => sum + delay, 0) / drawn.length
    assert.ok(Math.abs(mean - 200) < 2.5, `mean ${mean}`)
    assert.ok(Math.min(...drawn) < 152 && Math.max(...drawn) > 248)
    assert.deepEqual(delays(0), drawn)
    assert.notDeepEqual(delays(1), drawn)
  })

  it('lets nothing overtake what was sent before it', () => {
    const stage = stageOf({ toxic: 'latency', latency_ms: 200, jitter_ms: 200 }, drawsAt(SEED, 0, 0))
    const times = Array.from({ length: 100 }, (_, i) => stage.take({ kind: 'end' }, i)[0]!.at_ms)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
  })

  it('lets what it holds go on at once when it leaves', () => {
    const { clock, cures, send, text, times } = bench({ toxic: 'latency', latency_ms: 200, jitter_ms: 0 })
    send('a')
    clock.moveTo(10)
    send('b')
    cures[0]!()
    assert.equal(text(), 'ab')
    assert.deepEqual(times(), [10, 10])
    send('c')
    assert.equal(text(), 'abc')
  })
})

describe('bandwidth', () => {
  it('carries its rate and no more, from the first byte on, and no faster after a rest', () => {
    const { clock, link, send, out } = bench({ toxic: 'bandwidth', rate_kb_per_s: 1 })
    send('x'.repeat(1000))
    clock.moveTo(500)
    assert.equal(link.held_bytes, 500)
    clock.moveTo(999)
    assert.ok(link.held_bytes > 0)
    clock.moveTo(1000)
    assert.equal(link.held_bytes, 0)
    clock.moveTo(60_000)
    send('y'.repeat(100))
    assert.equal(link.held_bytes, 100)
    clock.moveTo(60_100)
    assert.equal(link.held_bytes, 0)
    assert.ok(out.length > 5, 'trickles rather than stutters')
  })

  it('ends the connection behind its last byte', () => {
    const { clock, link, send, kinds, times } = bench({ toxic: 'bandwidth', rate_kb_per_s: 10 })
    send('x'.repeat(1000))
    link.push({ kind: 'end' })
    clock.moveTo(1000)
    assert.deepEqual(kinds(), ['data', 'end'])
    assert.deepEqual(times(), [100, 100])
  })
})

describe('slow_close', () => {
  it('delays the end and nothing else', () => {
    const { clock, link, send, times, kinds } = bench({ toxic: 'slow_close', delay_ms: 300 })
    send('a')
    link.push({ kind: 'end' })
    clock.moveTo(1000)
    assert.deepEqual(kinds(), ['data', 'end'])
    assert.deepEqual(times(), [0, 300])
  })
})

describe('timeout', () => {
  it('lets nothing through and closes the connection when its time is over', () => {
    const { clock, link, send, kinds, times } = bench({ toxic: 'timeout', timeout_ms: 400 })
    clock.moveTo(100)
    send('a')
    link.push({ kind: 'end' })
    clock.moveTo(399)
    assert.deepEqual(kinds(), [])
    clock.moveTo(1000)
    assert.deepEqual(kinds(), ['close'])
    assert.deepEqual(times(), [400])
  })

  it('of 0 drops data until it leaves, and then closes what has lost some', () => {
    const { clock, cures, send, kinds } = bench({ toxic: 'timeout', timeout_ms: 0 })
    send('a')
    clock.moveTo(1e9)
    assert.deepEqual(kinds(), [])
    cures[0]!()
    assert.deepEqual(kinds(), ['close'])
  })

  it('does no harm to a connection that said nothing until it left', () => {
    const { clock, cures, send, text, kinds } = bench({ toxic: 'timeout', timeout_ms: 400 })
    cures[0]!()
    send('a')
    clock.moveTo(1000)
    assert.equal(text(), 'a')
    assert.deepEqual(kinds(), ['data'])
  })
})

describe('reset_peer', () => {
  it('resets at once without a timeout, and after it with one', () => {
    assert.deepEqual(bench({ toxic: 'reset_peer', timeout_ms: 0 }).kinds(), ['reset'])
    const { clock, send, kinds, times } = bench({ toxic: 'reset_peer', timeout_ms: 70 })
    send('a')
    clock.moveTo(1000)
    assert.deepEqual(kinds(), ['reset'])
    assert.deepEqual(times(), [70])
  })
})

describe('slicer', () => {
  it('cuts data into sizes around its average, each later than the one before, and loses nothing', () => {
    const text = Array.from({ length: 20_000 }, (_, i) => String(i % 10)).join('')
    const made = bench({ toxic: 'slicer', average_size_bytes: 50, size_variation_bytes: 20, delay_us: 500 })
    made.send(text)
    made.clock.moveTo(60_000)
    assert.equal(made.text(), text)
    const sizes = made.out.map(({ item }) => (item.kind === 'data' ? item.bytes.length : 0)).slice(0, -1)
    assert.ok(sizes.every((size) => size >= 30 && size <= 70))
    // Standard error of the mean of about 400: 11.8 / 20 = 0.6 bytes.
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
    assert.ok(Math.abs(mean - 50) < 4, `mean ${mean}`)
    assert.ok(new Set(sizes).size > 20)
    assert.ok(made.times().every((at_ms, i) => Math.abs(at_ms - (i + 1) * 0.5) < 1e-6))
  })
})

describe('limit_data', () => {
  it('carries its bytes, to the byte, and closes the connection at the one too many', () => {
    const { send, text, kinds } = bench({ toxic: 'limit_data', limit_bytes: 5 })
    send('abc')
    send('de')
    assert.deepEqual(kinds(), ['data', 'data'])
    send('fgh')
    send('never')
    assert.equal(text(), 'abcde')
    assert.deepEqual(kinds(), ['data', 'data', 'close'])
  })
})

describe('a cut', () => {
  it('holds everything for as long as it lasts, and then goes on without a gap', () => {
    const { clock, link, send, text, kinds } = bench()
    const heal = link.add(new Hold())
    send('a')
    send('b')
    link.push({ kind: 'end' })
    clock.moveTo(1e9)
    assert.deepEqual(kinds(), [])
    assert.equal(link.held_bytes, 2)
    heal()
    assert.equal(text(), 'ab')
    assert.deepEqual(kinds(), ['data', 'data', 'end'])
  })
})

describe('several toxics on a link', () => {
  it('act one after the other: a slow line behind a long one', () => {
    const { clock, send, times } = bench(
      { toxic: 'latency', latency_ms: 200, jitter_ms: 0 },
      { toxic: 'bandwidth', rate_kb_per_s: 1 },
    )
    send('x'.repeat(100))
    clock.moveTo(1000)
    assert.deepEqual(times(), [300])
  })

  it('keep working when one before them leaves', () => {
    const { clock, cures, send, times } = bench(
      { toxic: 'latency', latency_ms: 200, jitter_ms: 0 },
      { toxic: 'latency', latency_ms: 50, jitter_ms: 0 },
    )
    send('a')
    clock.moveTo(10)
    cures[0]!()
    clock.moveTo(1000)
    assert.deepEqual(times(), [60])
  })
})

const anyToxic: fc.Arbitrary<Toxic> = fc.oneof(
  fc.record({ toxic: fc.constant('latency' as const), latency_ms: fc.nat(300), jitter_ms: fc.nat(300) }),
  fc.record({ toxic: fc.constant('bandwidth' as const), rate_kb_per_s: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ toxic: fc.constant('slow_close' as const), delay_ms: fc.nat(300) }),
  fc.record({
    toxic: fc.constant('slicer' as const),
    average_size_bytes: fc.integer({ min: 4, max: 40 }),
    size_variation_bytes: fc.nat(3),
    delay_us: fc.nat(5000),
  }),
)
/** What happens to a link, in this order: something is sent, time passes, a toxic comes or goes. */
const history = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('send' as const), size: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(400) }),
    fc.record({ do: fc.constant('add' as const), toxic: anyToxic }),
    fc.record({ do: fc.constant('cure' as const) }),
  ),
  { maxLength: 25 },
)

/** @returns what was sent and what came out in the end */
function live(steps: typeof history extends fc.Arbitrary<infer T> ? T : never, alter = (stage: ToxicStage) => stage) {
  const { clock, link, text, kinds } = bench()
  const cures: (() => void)[] = []
  let sent = ''
  for (const step of steps) {
    if (step.do === 'send') {
      const part = Array.from({ length: step.size }, (_, i) => String.fromCharCode(97 + ((sent.length + i) % 26))).join(
        '',
      )
      sent += part
      link.push({ kind: 'data', bytes: Buffer.from(part) })
    } else if (step.do === 'wait') clock.moveTo(clock.now() + step.ms)
    else if (step.do === 'add') cures.push(link.add(alter(stageOf(step.toxic, drawsAt(SEED, cures.length, 1)))))
    else cures.shift()?.()
  }
  link.push({ kind: 'end' })
  clock.moveTo(1e9)
  return { sent, came: text(), last: kinds().at(-1), held: link.held_bytes }
}

describe('a link under toxics that come and go', () => {
  it('loses no byte, doubles none, keeps their order and ends last', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { sent, came, last, held } = live(steps)
        assert.equal(came, sent)
        assert.equal(last, 'end')
        assert.equal(held, 0)
      }),
    )
  })

  it('would be found out if a toxic forgot what it holds', () => {
    const forgetful = (stage: ToxicStage): ToxicStage => ({
      take: (item, now_ms) =>
        stage.take(item, now_ms).filter((timed) => timed.at_ms < now_ms + 250 || timed.kind !== 'data'),
    })
    assert.throws(() =>
      fc.assert(
        fc.property(history, (steps) => {
          const { sent, came } = live(steps, forgetful)
          assert.equal(came, sent)
        }),
      ),
    )
  })
})
