/** Rows 15 to 17: the night job is killed, loses its stores, runs twice, on a wrong day, and meets late events. */
import { addDays } from '../../datasets/day.ts'
import { withBackend } from '../backend.ts'
import { NIGHT_FAIL_POINTS, type NightFailPoint, type NightResult } from '../night-job.ts'
import type { FaultRow } from './fault-row.ts'
import { ReportReader } from './report-reader.ts'
import { someForms } from './some-forms.ts'
import type { Trial } from './trial.ts'

const EVENTS = 120

export const NIGHT_ROWS: readonly FaultRow[] = [
  {
    row: 15,
    fault: 'night job SIGKILL at every step; HiveServer2 SIGKILL under it',
    expected: 'running it again finishes it; nobody reads half a night',
    quick: true,
    async run(trial) {
      await whileReading(trial, async () => {
        for (let point = 0; point < trial.points; point++) {
          await trial.listeners.post(EVENTS)
          await trial.collectAll()
          const hive = trial.options.services ? (['hiveserver2'] as const) : []
          for (const killed of someForms([...NIGHT_FAIL_POINTS, ...hive], trial)) {
            await (killed === 'hiveserver2' ? killHiveServer(trial) : killAt(trial, killed))
          }
          await trial.timeRecovery(() => trial.nightAll())
        }
      })
    },
  },
  {
    row: 16,
    fault: 'regionserver SIGKILL and SIGSTOP during puts and reads',
    expected: 'puts are tried again; readers wait, fail or see the state before, and never half of one',
    clusterOnly: 'the embedded tables are a file: there is no regionserver to lose',
    quick: true,
    async run(trial) {
      await whileReading(trial, async () => {
        for (let point = 0; point < trial.points; point++) {
          for (const how of someForms(['kill', 'pause'] as const, trial)) {
            await trial.listeners.post(EVENTS)
            await trial.collectAll()
            await strikeWhilePublishing(trial, how)
          }
        }
      })
    },
  },
  {
    row: 17,
    fault: 'jobs run twice, for a wrong day, and events that come late',
    expected: 'the same result; late events rebuild the days they touch and no other',
    quick: false,
    async run(trial) {
      const { listeners, day } = trial
      const dayBefore = addDays(day, -1)
      for (let point = 0; point < trial.points; point++) {
        await listeners.post(EVENTS)
        await listeners.post(EVENTS, dayBefore)
        await trial.collectAll()
        await trial.timeRecovery(() => trial.nightAll())

        const again = await trial.collectAll()
        trial.expect(again.events === 0, `a collector that runs again moves nothing (it moved ${again.events} events)`)
        const repeated = await trial.nightAll()
        trial.expect(
          repeated.rows === 0,
          `a night that runs again publishes nothing (it published ${repeated.rows} rows)`,
        )
        trial.struck('collector and night job run twice')

        trial.through = addDays(dayBefore, -1)
        const early = await trial.nightAll()
        trial.expect(
          early.rows === 0,
          `a night of a day before all events publishes nothing (it published ${early.rows} rows)`,
        )
        trial.through = day
        trial.struck('night job run for a day before all events')

        await listeners.post(1 + trial.draws.below(EVENTS), dayBefore)
        await trial.collectAll()
        const late = builtIn(await trial.nightAll())
        trial.expect(
          late === dayBefore,
          `late events rebuild their day, ${dayBefore}, alone (it was ${late || 'none'})`,
        )
        trial.struck('events came late')
      }
    },
  },
]

function builtIn({ days }: NightResult): string {
  return days
    .filter(({ outcome }) => outcome === 'built')
    .map(({ day }) => day)
    .join(', ')
}

async function killAt(trial: Trial, step: NightFailPoint): Promise<void> {
  const night = trial.night({ step, nth: 1 })
  const held = await night.held()
  trial.expect(held, `a night job comes by ${step}`)
  if (!held) return
  await night.kill()
  trial.struck(`night job killed at ${step}`)
}

/** At a random moment of a job that has something to do. */
async function killHiveServer(trial: Trial): Promise<void> {
  const { services, listeners, options } = trial
  await listeners.post(EVENTS)
  await trial.collectAll()
  const night = trial.night({ step: 'manifests-read', nth: 1 })
  trial.expect(await night.held(), 'a night job comes by manifests-read')
  night.goOn()
  await trial.untilRandomMoment()
  for (const server of services.of('hiveserver2')) await services.kill(server)
  trial.struck('HiveServer2 killed under a night job')
  await trial.timeRecovery(async () => {
    await night.outcome
    await trial.nightAll()
  })
  await services.untilReady(options.signal)
}

/** At a random moment after the rows are counted, which is when they are put. */
async function strikeWhilePublishing(trial: Trial, how: 'kill' | 'pause'): Promise<void> {
  const { services, draws, options } = trial
  const night = trial.night({ step: 'day-counted', nth: 1 })
  trial.expect(await night.held(), 'a night job comes by day-counted')
  const servers = services.of('regionserver')
  const server = servers[draws.below(servers.length)]!
  const delay_ms = draws.below(PUT_MS_MAX)
  night.goOn()
  await trial.wait(delay_ms)
  if (how === 'kill') await services.kill(server)
  else {
    const resume = await services.pause(server)
    try {
      await trial.wait(trial.pace.pause_ms)
    } finally {
      await resume()
    }
  }
  trial.struck(`${server} ${how === 'kill' ? 'killed' : 'stopped'} ${delay_ms} ms after the rows were counted`)
  await trial.timeRecovery(async () => {
    await night.outcome
    await trial.nightAll()
  })
  await services.untilReady(options.signal)
}

/** A day of a few hundred rows is put in less. */
const PUT_MS_MAX = 300

async function whileReading(trial: Trial, strike: () => Promise<void>): Promise<void> {
  await withBackend(trial.stores, async (backend) => {
    const reader = new ReportReader(await backend.tables(), trial.day)
    try {
      await strike()
    } finally {
      await reader.stop()
    }
    trial.expect(
      reader.mixed === 0,
      `no reader sees half a night (${reader.mixed} of ${reader.reads} reads were mixed)`,
    )
    trial.expect(reader.reads > 0, 'the report is read while the job is struck')
  })
}
