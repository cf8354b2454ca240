/**
 * Failures of the network as k6 numbers them (its documented `error_code` list): a script reads the same code from
 * either engine. Answers of 400 and more have code 1000 + status.
 */
export const NETWORK_ERRORS = {
  invalidUrl: { code: 1020, text: 'invalid URL' },
  timeout: { code: 1050, text: 'request timeout' },
  dns: { code: 1101, text: 'lookup: no such host' },
  brokenPipe: { code: 1201, text: 'write: broken pipe' },
  dial: { code: 1210, text: 'dial: failed' },
  dialTimeout: { code: 1211, text: 'dial: i/o timeout' },
  refused: { code: 1212, text: 'dial: connection refused' },
  reset: { code: 1220, text: 'read: connection reset by peer' },
  /** The peer closed, or sent what is not HTTP, before a whole answer came. */
  incomplete: { code: 1000, text: 'the answer ended early' },
} as const

export type NetworkErrorName = keyof typeof NETWORK_ERRORS

export class NetworkError extends Error {
  readonly code: number
  constructor(name: NetworkErrorName, detail = '', options?: ErrorOptions) {
    super(detail ? `${NETWORK_ERRORS[name].text}: ${detail}` : NETWORK_ERRORS[name].text, options)
    this.name = 'NetworkError'
    this.code = NETWORK_ERRORS[name].code
  }
}

/** What a socket's error means; `dialing` while there is no connection yet. */
export function fromSocketError(error: NodeJS.ErrnoException, dialing: boolean): NetworkError {
  return new NetworkError(nameOf(error.code, dialing), error.message, { cause: error })
}

function nameOf(code: string | undefined, dialing: boolean): NetworkErrorName {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns'
  if (!dialing) return code === 'EPIPE' ? 'brokenPipe' : 'reset'
  if (code === 'ECONNREFUSED') return 'refused'
  return code === 'ETIMEDOUT' ? 'dialTimeout' : 'dial'
}
