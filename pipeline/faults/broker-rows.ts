/** Rows 3 to 7: the broker and the links, while listeners post. */
import type { FaultRow } from './fault-row.ts'
import type { Direction, Link, LinkToxic } from './link.ts'
import { someForms } from './some-forms.ts'
import type { Trial } from './trial.ts'

const NO_BROKER = 'the embedded log is a file: there is no broker to lose'
const NO_LINK = 'the event server reaches the embedded log over no network'

export const BROKER_ROWS: readonly FaultRow[] = [
  {
    row: 3,
    fault: 'broker SIGKILL, started again',
    expected: 'no acknowledgement without durability; 503 until it is back',
    clusterOnly: NO_BROKER,
    quick: true,
    async run(trial) {
      const brokers = trial.services.of('broker')
      await whileListening(trial, async () => {
        for (let point = 0; point < trial.points; point++) {
          await trial.untilRandomMoment()
          // One broker; at the last point all of them.
          const last = point === trial.points - 1
          const struck = last ? brokers : [brokers[trial.draws.below(brokers.length)]!]
          for (const broker of struck) await trial.services.kill(broker)
          await untilGoingOn(trial, `${struck.join(' and ')} killed`)
          await trial.services.untilReady(trial.options.signal)
        }
      })
    },
  },
  {
    row: 4,
    fault: 'broker SIGSTOP',
    expected: 'time-outs; no event twice although it was sent twice',
    clusterOnly: NO_BROKER,
    quick: false,
    async run(trial) {
      await whileListening(trial, async () => {
        for (let point = 0; point < trial.points; point++) {
          await trial.untilRandomMoment()
          const brokers = trial.services.of('broker')
          const heard = await during(trial, trial.pace.pause_ms, `${brokers.join(' and ')} stopped`, async () => {
            const endings = await Promise.all(brokers.map((broker) => trial.services.pause(broker)))
            return async () => {
              for (const end of endings) await end()
            }
          })
          trial.expect(!heard, 'nothing is acknowledged while every broker is stopped')
        }
      })
    },
  },
  {
    row: 5,
    fault: 'event server cut off from the broker: one way, the other, both',
    expected: 'as for a killed broker; goes on after the cut',
    clusterOnly: NO_LINK,
    quick: true,
    link: 'server-to-broker',
    async run(trial) {
      await whileListening(trial, async () => {
        for (let point = 0; point < trial.points; point++) {
          for (const ways of someForms(CUTS, trial)) {
            await trial.untilRandomMoment()
            const heard = await during(trial, trial.pace.cut_ms, `cut off (${ways.join(' and ')})`, async () =>
              spoil(trial.links, ways, { toxic: 'hold' }),
            )
            trial.expect(!heard, `nothing is acknowledged while the broker is cut off (${ways.join(' and ')})`)
          }
        }
      })
    },
  },
  {
    row: 6,
    fault: 'slow, jittery, sliced link to the broker',
    expected: 'slower, and still acknowledged',
    clusterOnly: NO_LINK,
    quick: false,
    link: 'server-to-broker',
    async run(trial) {
      await whileListening(trial, async () => {
        for (let point = 0; point < trial.points; point++) {
          await trial.untilRandomMoment()
          const heard = await during(trial, trial.pace.slow_ms, 'the link is slow', async () => {
            const endings = SLOW.map((toxic) => spoil(trial.links, ['up', 'down'], toxic))
            return () => {
              for (const end of endings) end()
            }
          })
          trial.expect(heard, 'events are acknowledged over a slow link')
        }
      })
    },
  },
  {
    row: 7,
    fault: 'connection reset after the request was sent',
    expected: 'the retry makes one event',
    quick: true,
    link: 'listeners-to-server',
    async run(trial) {
      await whileListening(trial, async () => {
        const before = trial.listeners.storedAgain
        for (let point = 0; point < trial.points; point++) {
          await trial.untilRandomMoment()
          await during(trial, 1000, 'answers are cut off', async () =>
            spoil(trial.links, ['down'], { toxic: 'reset_peer', timeout_ms: 50 }),
          )
        }
        trial.expect(trial.listeners.storedAgain > before, 'some events whose answer was cut off were sent again')
      })
    },
  },
]

const CUTS: readonly (readonly Direction[])[] = [['up'], ['down'], ['up', 'down']]

/** 200 ± 100 ms, in pieces of some hundred bytes, at a tenth of a megabyte a second. */
const SLOW: readonly LinkToxic[] = [
  { toxic: 'latency', latency_ms: 200, jitter_ms: 100 },
  { toxic: 'slicer', average_size_bytes: 512, size_variation_bytes: 256, delay_us: 500 },
  { toxic: 'bandwidth', rate_kb_per_s: 100 },
]

async function whileListening(trial: Trial, strike: () => Promise<void>): Promise<void> {
  trial.listeners.start()
  try {
    // Nothing is proven by a fault that came before the first event was through.
    await trial.listeners.acknowledgedAfter(0)
    await strike()
  } finally {
    await trial.listeners.stop()
  }
}

/** What was under way when a fault began may still be answered. */
const UNDER_WAY_MS = 500

/**
 * A fault that lasts, and is over however the time until then ends.
 * @returns whether anything was acknowledged that was sent while it lasted
 */
async function during(
  trial: Trial,
  duration_ms: number,
  what: string,
  begin: () => Promise<() => unknown>,
): Promise<boolean> {
  let heard = false
  const end = await begin()
  let acknowledged: Promise<unknown>
  let heardWhileItLasted: boolean
  try {
    acknowledged = trial.listeners.acknowledgedAfter(performance.now() + UNDER_WAY_MS).then(() => (heard = true))
    await trial.wait(duration_ms)
  } finally {
    heardWhileItLasted = heard
    await end()
  }
  await untilGoingOn(trial, `no longer: ${what}`)
  await acknowledged
  return heardWhileItLasted
}

/** Counts a fault that has just ended, and waits for the first event that is acknowledged after it. */
async function untilGoingOn(trial: Trial, what: string): Promise<void> {
  const ended_ms = performance.now()
  trial.struck(what)
  trial.recovered((await trial.listeners.acknowledgedAfter(ended_ms)) - ended_ms)
}

function spoil(links: readonly Link[], ways: readonly Direction[], toxic: LinkToxic): () => void {
  const endings = links.flatMap((link) => ways.map((stream) => link.add({ toxic, stream, toxicity: 1 })))
  return () => {
    for (const end of endings) end()
  }
}
