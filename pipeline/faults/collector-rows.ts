/** Rows 8 to 10: the collector is killed, doubled, and loses the store that it writes to. */
import { FAIL_POINTS, type FailPoint } from '../collector.ts'
import type { FaultRow } from './fault-row.ts'
import type { ServiceKind } from './services.ts'
import { someForms } from './some-forms.ts'
import type { Trial } from './trial.ts'

/** Steps of a recovery: there is one only after a collector that died at its work. */
const RECOVERY: readonly FailPoint[] = ['fence-published', 'leftover-removed', 'leftover-intent-removed']
/** Steps of the work on a batch before its commit: a collector that is held there and overtaken must lose. */
const BEFORE_COMMIT: readonly FailPoint[] = ['batch-read', 'intent-published', 'file-published']
/** Steps that come by once a file, of which a batch of {@link EVENTS} has at least so many. */
const FILES_MIN = 2
const EVENTS = 60

const NODE_FAULTS = (['namenode', 'datanode'] as const).flatMap((kind) => [
  { kind, how: 'kill' as const },
  { kind, how: 'pause' as const },
])

export const COLLECTOR_ROWS: readonly FaultRow[] = [
  {
    row: 8,
    fault: 'collector SIGKILL at every step',
    expected: 'each event once; leftovers are cleared away',
    quick: true,
    async run(trial) {
      for (let point = 0; point < trial.points; point++) {
        for (const step of someForms(FAIL_POINTS, trial)) {
          await trial.listeners.post(EVENTS)
          if (step === 'rejects-published') await trial.appendGarbage()
          if (RECOVERY.includes(step)) await killAt(trial, 'file-published')
          await killAt(trial, step)
        }
        await trial.timeRecovery(() => trial.collectAll())
      }
    },
  },
  {
    row: 9,
    fault: 'two collectors at once, the first one stopped and overtaken',
    expected: 'the one that comes late is fenced',
    quick: false,
    async run(trial) {
      for (let point = 0; point < trial.points; point++) {
        await trial.listeners.post(EVENTS)
        const step = BEFORE_COMMIT[trial.draws.below(BEFORE_COMMIT.length)]!
        const slow = trial.collector({ step, nth: 1 })
        if (!(await slow.held())) {
          trial.expect(false, `a collector comes by ${step}`)
          continue
        }
        slow.pause()
        await trial.collectAll()
        trial.struck(`a collector stopped at ${step} is overtaken`)
        const resumed_ms = performance.now()
        slow.resume()
        slow.goOn()
        const outcome = await slow.outcome
        const said = outcome.state === 'failed' ? outcome.code : outcome.state
        trial.expect(
          said === 'writer.fenced',
          `a collector stopped at ${step} and overtaken is fenced (it said ${said})`,
        )
        trial.recovered(performance.now() - resumed_ms)
      }
    },
  },
  {
    row: 10,
    fault: 'namenode and datanode SIGKILL and SIGSTOP while collecting',
    expected: 'the batch comes late, and never in part',
    clusterOnly: 'the embedded raw store is a folder: there is no node to lose',
    quick: true,
    async run(trial) {
      for (let point = 0; point < trial.points; point++) {
        for (const { kind, how } of someForms(NODE_FAULTS, trial)) await strikeWhileCollecting(trial, kind, how)
      }
    },
  },
]

async function killAt(trial: Trial, step: FailPoint): Promise<void> {
  const nth = step === 'file-published' ? 1 + trial.draws.below(FILES_MIN) : 1
  const collector = trial.collector({ step, nth })
  const held = await collector.held()
  trial.expect(held, `a collector comes by ${step}`)
  if (!held) return
  await collector.kill()
  trial.struck(`collector killed at ${step}`)
}

async function strikeWhileCollecting(trial: Trial, kind: ServiceKind, how: 'kill' | 'pause'): Promise<void> {
  await trial.listeners.post(EVENTS)
  const step = BEFORE_COMMIT[trial.draws.below(BEFORE_COMMIT.length)]!
  const collector = trial.collector({ step, nth: 1 })
  trial.expect(await collector.held(), `a collector comes by ${step}`)
  const { services, draws } = trial
  const nodes = services.of(kind)
  const node = nodes[draws.below(nodes.length)]!
  if (how === 'kill') {
    await services.kill(node)
    collector.goOn()
  } else {
    const resume = await services.pause(node)
    try {
      collector.goOn()
      await trial.wait(trial.pace.pause_ms)
    } finally {
      await resume()
    }
  }
  trial.struck(`${node} ${how === 'kill' ? 'killed' : 'stopped'} under a collector at ${step}`)
  // The collector may get over it, or give up and leave it to the next run.
  await trial.timeRecovery(async () => {
    await collector.outcome
    await trial.collectAll()
  })
  await services.untilReady(trial.options.signal)
}
