/** Tries again for as long as it may: reading survives a broker that starts anew or hands over its partitions. */
import { setTimeout as pause } from 'node:timers/promises'
import { isIncurable, kafkaFailure } from './kafka-failure.ts'

export interface Persistence {
  deadline_ms: number
  /** What is tried and where, for the message. */
  doing: string
  /** Gives up at once when it answers false, as when the log has been closed. */
  goOn?: () => boolean
}

const PAUSE_MS_FIRST = 20
const PAUSE_MS_MAX = 500

/** @throws MusicboxError `backend.unreachable` after the deadline; at once what no other try can cure */
export async function retryUntil<T>(work: () => Promise<T>, { deadline_ms, doing, goOn }: Persistence): Promise<T> {
  const end_ms = performance.now() + deadline_ms
  for (let pause_ms = PAUSE_MS_FIRST; ; pause_ms = Math.min(2 * pause_ms, PAUSE_MS_MAX)) {
    try {
      return await work()
    } catch (error) {
      if (isIncurable(error) || performance.now() + pause_ms > end_ms || goOn?.() === false) {
        throw kafkaFailure(error, doing)
      }
      await pause(pause_ms)
    }
  }
}
