/** Tries again for as long as it may: reading survives a broker that starts anew or hands over its partitions. */
import { persist } from '../persist.ts'
import { isIncurable, kafkaFailure } from './kafka-failure.ts'

export interface Persistence {
  deadline_ms: number
  /** What is tried and where, for the message. */
  doing: string
  /** Gives up at once when it answers false, as when the log has been closed. */
  goOn?: () => boolean
}

/** @throws MusicboxError `backend.unreachable` after the deadline; at once what no other try can cure */
export async function retryUntil<T>(work: () => Promise<T>, { deadline_ms, doing, goOn }: Persistence): Promise<T> {
  try {
    return await persist(work, {
      retry_ms: deadline_ms,
      mayPass: (error) => !isIncurable(error) && goOn?.() !== false,
    })
  } catch (error) {
    throw kafkaFailure(error, doing)
  }
}
