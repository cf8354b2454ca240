import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { MusicboxError } from '../../datasets/failure.ts'
import { describeFault, type Fault } from './fault.ts'
import { readFaults } from './read-fault.ts'

describe('a fault on the command line', () => {
  for (const [text, fault] of [
    ['at=20s kill event-api', { at_ms: 20_000, effect: { action: 'kill', target: 'event-api' } }],
    ['stop pipeline at=1m30s', { at_ms: 90_000, effect: { action: 'stop', target: 'pipeline' } }],
    ['at=20s for=5s pause pipeline', { at_ms: 20_000, for_ms: 5000, effect: { action: 'pause', target: 'pipeline' } }],
    ['at=0s cut report-api', { at_ms: 0, effect: { action: 'cut', target: 'report-api' } }],
    ['at=20s for=5s down event-api', { at_ms: 20_000, for_ms: 5000, effect: { action: 'down', target: 'event-api' } }],
    [
      'at=20s for=10s slow event-api latency=200ms jitter=50ms',
      {
        at_ms: 20_000,
        for_ms: 10_000,
        effect: {
          action: 'toxic',
          target: 'event-api',
          toxic: { toxic: 'latency', latency_ms: 200, jitter_ms: 50 },
          stream: 'down',
          toxicity: 1,
        },
      },
    ],
    [
      'at=5s slicer event-api average_size=64 size_variation=32 delay=10 stream=upstream toxicity=0.5',
      {
        at_ms: 5000,
        effect: {
          action: 'toxic',
          target: 'event-api',
          toxic: { toxic: 'slicer', average_size_bytes: 64, size_variation_bytes: 32, delay_us: 10 },
          stream: 'up',
          toxicity: 0.5,
        },
      },
    ],
  ] satisfies [string, Fault][]) {
    it(`reads: ${text}`, () => assert.deepEqual(readFaults([text]), [fault]))
  }

  it('takes plain numbers in toxiproxy’s units', () => {
    const [plain] = readFaults(['at=1s latency event-api latency=200'])
    const [unit] = readFaults(['at=1s latency event-api latency=200ms'])
    assert.deepEqual(plain, unit)
    const [micro] = readFaults(['at=1s slicer event-api average_size=10 delay=1500'])
    assert.deepEqual(micro, readFaults(['at=1s slicer event-api average_size=10 delay=1.5ms'])[0])
  })

  it('reads back what it is described as, whatever the fault', () => {
    fc.assert(
      fc.property(anyFault, (fault) => {
        // Plain objects, without −0: what JSON keeps of them.
        assert.deepEqual(readFaults([describeFault(fault)]), JSON.parse(JSON.stringify([fault])))
      }),
    )
  })

  it('come in the order of their times', () => {
    const read = readFaults(['at=9s kill event-api', 'at=2s stop pipeline'])
    assert.deepEqual(
      read.map(({ at_ms }) => at_ms),
      [2000, 9000],
    )
  })

  for (const [text, problem] of [
    ['kill event-api', /when it is to happen/],
    ['at=soon kill event-api', /at= to be a duration.*"soon"/],
    ['at=1s', /an action of kill, stop, pause, cut, down, slow, latency.*got none/],
    ['at=1s melt event-api', /an action of .*"melt event-api"/],
    ['at=1s kill database', /a target of event-api, report-api, pipeline, got "database"/],
    ['at=1s kill event-api report-api', /one action and one target, got also "report-api"/],
    ['at=1s for=5s kill event-api', /no for= beside kill/],
    ['at=1s for=0s pause event-api', /for= to be longer than 0/],
    ['at=1s cut pipeline', /on event-api or report-api, got pipeline/],
    ['at=1s slow event-api', /latency=, which latency needs/],
    ['at=1s slow event-api latency=fast', /latency= to be a duration.*"fast"/],
    [
      'at=1s slow event-api latency=1s rate=3',
      /only at=, for=, latency=, jitter=, stream=, toxicity= beside slow, got rate=/,
    ],
    ['at=1s bandwidth event-api rate=0', /whole number of KB a second from 1, got "0"/],
    ['at=1s limit_data event-api bytes=1.5', /whole number of bytes/],
    ['at=1s slicer event-api average_size=10 size_variation=10', /smaller than average_size=/],
    ['at=1s timeout event-api toxicity=2', /share of connections from 0 to 1, got "2"/],
    ['at=1s timeout event-api stream=sideways', /up or down, got "sideways"/],
    ['at=1s at=2s kill event-api', /at= once/],
  ] as const) {
    it(`refuses: ${text}`, () => {
      assert.throws(
        () => readFaults([text]),
        (error) => error instanceof MusicboxError && error.code === 'input.invalid' && problem.test(error.message),
      )
    })
  }

  it('names every problem of every fault at once', () => {
    assert.throws(
      () => readFaults(['melt event-api', 'at=1s kill event-api', 'at=1s slow pipeline latency=x bytes=1']),
      ({ message }: Error) => {
        const lines = message.split('\n')
        assert.equal(lines.filter((line) => line.startsWith('--fault "melt event-api"')).length, 2)
        assert.equal(lines.filter((line) => line.startsWith('--fault "at=1s slow pipeline')).length, 3)
        assert.equal(lines.length, 5)
        return true
      },
    )
  })
})

const whole = (max: number): fc.Arbitrary<number> => fc.nat({ max })
const toxics = fc.oneof(
  fc.record({ toxic: fc.constant('latency' as const), latency_ms: whole(1e5), jitter_ms: whole(1e4) }),
  fc.record({ toxic: fc.constant('bandwidth' as const), rate_kb_per_s: fc.integer({ min: 1, max: 1e6 }) }),
  fc.record({ toxic: fc.constant('slow_close' as const), delay_ms: whole(1e5) }),
  fc.record({ toxic: fc.constant('timeout' as const), timeout_ms: whole(1e5) }),
  fc.record({ toxic: fc.constant('reset_peer' as const), timeout_ms: whole(1e5) }),
  fc.record({
    toxic: fc.constant('slicer' as const),
    average_size_bytes: fc.integer({ min: 101, max: 1000 }),
    size_variation_bytes: whole(100),
    delay_us: whole(1e5),
  }),
  fc.record({ toxic: fc.constant('limit_data' as const), limit_bytes: whole(1e6) }),
)
const server = fc.constantFrom('event-api' as const, 'report-api' as const)
const target = fc.constantFrom('event-api' as const, 'report-api' as const, 'pipeline' as const)
const at = { at_ms: whole(4e6) }
const lasting = fc.option(fc.integer({ min: 1, max: 4e6 }), { nil: undefined })
const anyFault: fc.Arbitrary<Fault> = fc
  .oneof(
    fc.record({ ...at, effect: fc.record({ action: fc.constantFrom('kill' as const, 'stop' as const), target }) }),
    fc.record({ ...at, for_ms: lasting, effect: fc.record({ action: fc.constant('pause' as const), target }) }),
    fc.record({
      ...at,
      for_ms: lasting,
      effect: fc.record({ action: fc.constantFrom('cut' as const, 'down' as const), target: server }),
    }),
    fc.record({
      ...at,
      for_ms: lasting,
      effect: fc.record({
        action: fc.constant('toxic' as const),
        target: server,
        toxic: toxics,
        stream: fc.constantFrom('up' as const, 'down' as const),
        toxicity: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    }),
  )
  .map((fault) => {
    const { for_ms, ...rest } = { for_ms: undefined, ...fault }
    return for_ms === undefined ? rest : { ...rest, for_ms }
  })
