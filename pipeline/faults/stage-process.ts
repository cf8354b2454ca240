/**
 * One run of the collector or of the night job in a process of its own, so that it can be killed or stopped as a real one
 * is. It follows one order, and waits at the step that the order names until it is told to go on. When whoever gave the
 * order is gone, so is it.
 */
import { MusicboxError } from '../../datasets/failure.ts'
import { withBackend } from '../backend.ts'
import { collect } from '../collector.ts'
import { runNight } from '../night-job.ts'
import type { Hold, StageNews, StageOrder } from './stage-order.ts'

process.once('message', async (order: StageOrder) => {
  // Only once it is sent: a channel that is closed takes along what waits in it.
  process.send!(await follow(order), () => process.disconnect())
})
process.on('disconnect', () => process.exit())

async function follow(order: StageOrder): Promise<StageNews> {
  try {
    return await withBackend(order.stores, async (backend) => {
      const raw = await backend.raw()
      if (order.job === 'collect') {
        const { hold, maxBatchEvents } = order
        const options = { log: await backend.log(), raw, clock: Date.now, failPoint: waitingAt(hold) }
        return {
          state: 'done',
          collected: await collect({ ...options, ...(maxBatchEvents !== undefined && { maxBatchEvents }) }),
        }
      }
      const stores = { raw, warehouse: await backend.warehouse(), tables: await backend.tables() }
      return {
        state: 'done',
        night: await runNight(stores, { through: order.through, failPoint: waitingAt(order.hold) }),
      }
    })
  } catch (error) {
    if (!(error instanceof MusicboxError)) throw error
    return { state: 'failed', code: error.code, message: error.message }
  }
}

function waitingAt<Step>(hold: Hold<Step> | undefined): (step: Step) => Promise<void> {
  let left = hold?.nth ?? 0
  return async (step) => {
    if (step !== hold?.step || --left !== 0) return
    const goOn = new Promise((resolve) => process.once('message', resolve))
    process.send!({ state: 'held' } satisfies StageNews)
    await goOn
  }
}
