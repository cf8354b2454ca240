/**
 * What one client may ask of a server. Both servers share these, so that the document, the checks and the tests read
 * the same numbers. Node's own defaults would let a header take a minute and a request five.
 */
export interface HttpLimits {
  /** Largest body, whether its length is announced or it comes in chunks. */
  readonly body_bytes_max: number
  readonly header_bytes_max: number
  readonly header_count_max: number
  /** From connection to the end of the headers. */
  readonly headers_ms_max: number
  /** From the first byte of a request to its last. */
  readonly request_ms_max: number
  /** How long a connection may be idle between two requests. */
  readonly keep_alive_ms: number
  /** How often Node looks for connections that are over one of the times above. */
  readonly check_ms: number
  readonly connections_max: number
  readonly requests_per_connection_max: number
  /** Requests being answered at once; more are shed. */
  readonly in_flight_max: number
  /** Bytes of bodies being read or answered at once; more are shed. */
  readonly in_flight_bytes_max: number
  /** The event loop's delay from which requests are shed. */
  readonly loop_delay_ms_max: number
}

export const HTTP_LIMITS: HttpLimits = {
  body_bytes_max: 1_000_000,
  header_bytes_max: 16 * 1024,
  header_count_max: 64,
  headers_ms_max: 5_000,
  request_ms_max: 15_000,
  keep_alive_ms: 5_000,
  check_ms: 1_000,
  // A load of 1,000 listeners, each with a few connections.
  connections_max: 4_096,
  requests_per_connection_max: 1_000_000,
  in_flight_max: 2_048,
  in_flight_bytes_max: 64_000_000,
  loop_delay_ms_max: 1_000,
}

/** Events in one request. */
export const BATCH_EVENTS_MAX = 500

/** Bytes of one event as it came. The longest event that the schema allows stays far below. */
export const EVENT_BYTES_MAX = 32 * 1024

/** How far an event's time may lie after the server's clock. The past is open: players send what they kept. */
export const FUTURE_MS_MAX = 5 * 60_000
