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
  /** The handshake failed, or the certificate is of no use for another reason than the next two. */
  tls: { code: 1300, text: 'tls' },
  unknownAuthority: { code: 1310, text: 'x509: certificate signed by unknown authority' },
  wrongHost: { code: 1311, text: 'x509: certificate is not valid for this host' },
  encoding: { code: 1701, text: 'the body cannot be decompressed' },
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

/** How far a connection had come. */
export type ConnectionPhase = 'dialing' | 'handshaking' | 'open'

/** What a socket's error means. */
export function fromSocketError(error: NodeJS.ErrnoException, phase: ConnectionPhase): NetworkError {
  return new NetworkError(nameOf(error.code ?? '', phase), error.message, { cause: error })
}

/** OpenSSL's words for a chain that ends in nobody who is trusted. */
const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

function nameOf(code: string, phase: ConnectionPhase): NetworkErrorName {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns'
  if (UNKNOWN_AUTHORITY.has(code)) return 'unknownAuthority'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'wrongHost'
  if (phase === 'handshaking' || code.startsWith('ERR_SSL_')) return code === 'ECONNRESET' ? 'reset' : 'tls'
  if (phase === 'open') return code === 'EPIPE' ? 'brokenPipe' : 'reset'
  if (code === 'ECONNREFUSED') return 'refused'
  return code === 'ETIMEDOUT' ? 'dialTimeout' : 'dial'
}
