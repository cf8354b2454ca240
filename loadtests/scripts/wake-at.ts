/** Waiting for a moment, by the clock and not by adding up waits, so that delays do not pile up. */
import { Trend } from 'k6/metrics'

/** How late a listener woke up for what it was waiting for: the generator's own delay, not the server's. */
const startLateness = new Trend('start_lateness', true)

/** @param due Unix ms; what is past already is not waited for, and is not the generator's lateness */
export async function wakeAt(due: number): Promise<void> {
  const wait = due - Date.now()
  if (wait <= 0) return
  await new Promise<void>((wake) => setTimeout(wake, wait))
  startLateness.add(Math.max(0, Date.now() - due))
}
