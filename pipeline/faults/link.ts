/**
 * A way between two ends of the network that can be spoiled: what a row needs of a TCP proxy. The proxy itself belongs to
 * the load tests, whose room this one does not know; the command brings it along.
 */

/** `up`: from the client to the server. */
export type Direction = 'up' | 'down'

export type LinkToxic =
  /** Nothing passes; what was held goes on afterwards, as TCP would send it again. */
  | { toxic: 'hold' }
  | { toxic: 'latency'; latency_ms: number; jitter_ms: number }
  | { toxic: 'slicer'; average_size_bytes: number; size_variation_bytes: number; delay_us: number }
  | { toxic: 'bandwidth'; rate_kb_per_s: number }
  | { toxic: 'reset_peer'; timeout_ms: number }

export interface Link {
  /** On 127.0.0.1. */
  readonly port: number
  /** Puts a toxic on a share of connections; the result takes it off. */
  add(toxic: { toxic: LinkToxic; stream: Direction; toxicity: number }): () => void
  close(): Promise<void>
}

export type OpenLink = (target_port: number) => Promise<Link>
