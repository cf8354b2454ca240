/**
 * The ledger: what became of each event, as its sender saw it. One JSON object a line, written as it happens; an event
 * that is sent again has a line for each answer, and the best of them counts.
 */
export const FATES = ['refused', 'unknown', 'duplicate', 'accepted'] as const

/**
 * `accepted` and `duplicate`: the server answered that the event is durable. `refused`: it answered that it will not
 * take it. `unknown`: no answer came, so it may or may not be there (Jepsen calls this class "info").
 */
export type Fate = (typeof FATES)[number]

export interface LedgerEntry {
  eid: string
  /** Event time, ms UTC. */
  ts: number
  fate: Fate
  /**
   * What the event said: the sum of its canonical text (see `content-sum.ts` and `canonical-event.ts`), 16 hex digits.
   * Without it, an altered event cannot be told from a whole one.
   */
  sum?: string
  /** When the answer came, or was given up, Unix ms. */
  answered_ms?: number
}
