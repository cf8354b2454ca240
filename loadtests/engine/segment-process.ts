/** Program of a worker process: one segment of a run, told what to do by the conductor over IPC. */
import { MusicboxError } from '../../datasets/failure.ts'
import { everySecond } from './every-second.ts'
import { Segment } from './segment.ts'
import { type FromSegment, plainReport, type ToSegment } from './segment-message.ts'

const say = (message: FromSegment): void => void process.send?.(message)

let segment: Segment | undefined

process.on('message', (message: ToSegment) => {
  void act(message).catch((error: unknown) => say(failure(error)))
})
// The conductor is gone: nobody would ever stop this process.
process.on('disconnect', () => process.exit(0))
// A terminal sends its signals to the whole group; the conductor decides what they mean.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})

async function act(message: ToSegment): Promise<void> {
  switch (message.type) {
    case 'load':
      segment = await Segment.load(message.spec, {
        log: (level, text, from) => say({ type: 'log', level, message: text, from }),
        onAbort: (text) => say({ type: 'abort', message: text }),
        onFail: (text) => say({ type: 'fail', message: text }),
      })
      return say({ type: 'ready', ...(await segment.ready) })
    case 'start':
      return await run(segment!, message.data, message.start_ms)
    case 'control':
      return segment?.control(message.state)
    case 'park':
      await segment?.park()
      return say({ type: 'parked' })
    case 'stop':
      return segment?.stop()
    case 'close':
      return await close(segment)
  }
}

async function run(current: Segment, data: string | undefined, start_ms: number): Promise<void> {
  const startedAt = performance.now() + (start_ms - Date.now())
  const stopReporting = everySecond(startedAt, () => {
    say({ type: 'report', report: plainReport(current.takeReport()) })
  })
  const end = await current.start(data, start_ms).finally(stopReporting)
  say({ type: 'end', end, report: plainReport(current.takeReport()) })
}

/** The last word, good or bad, is out before the line is cut. */
async function close(current: Segment | undefined): Promise<void> {
  const last = await (current?.close() ?? Promise.resolve()).then((): FromSegment => ({ type: 'closed' }), failure)
  process.send?.(last, () => process.disconnect())
}

function failure(error: unknown): FromSegment {
  const { code, hint } = error instanceof MusicboxError ? error : { code: undefined, hint: '' }
  return { type: 'error', code, message: error instanceof Error ? error.message : String(error), hint }
}
