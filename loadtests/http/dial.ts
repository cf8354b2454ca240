/** Opens connections: where a name leads, in plain text or over TLS. */
import { connect, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { MusicboxError } from '../../datasets/failure.ts'
import type { Origin } from './address.ts'
import { rememberingLookup } from './name-lookup.ts'

/** How connections are opened in one run. */
export interface Dialing {
  /** Addresses that take the place of names: `10.0.0.7`, `10.0.0.7:8080`, by `name` or `name:port`. */
  readonly hosts: Readonly<Record<string, string>>
  readonly insecureSkipTLSVerify: boolean
}

const lookup = rememberingLookup()

export const PLAIN_DIALING: Dialing = { hosts: {}, insecureSkipTLSVerify: false }

export function dialPlain(origin: Origin, dialing: Dialing, onread: OnReadOpts): Socket {
  const { host, port } = endpoint(origin, dialing.hosts)
  return connect({ host, port, noDelay: true, lookup, onread })
}

/**
 * The certificate is held against the name in the address, whatever `hosts` says of it. No session is resumed: each
 * virtual user is a client of its own. Only HTTP/1.1 is offered, where k6 would take HTTP/2 from a server that has it.
 */
export function dialSecure(origin: Origin, dialing: Dialing): TLSSocket {
  const { host, port } = endpoint(origin, dialing.hosts)
  const isName = !/^[\d.]+$|:/.test(origin.host)
  secureContext ??= createSecureContext()
  return connectTls({
    host,
    port,
    lookup,
    ...(isName && { servername: origin.host }),
    rejectUnauthorized: !dialing.insecureSkipTLSVerify,
    ALPNProtocols: ['http/1.1'],
    secureContext,
  })
}

/** One for all: it holds the certificates of the system's authorities, which take memory and time to load. */
let secureContext: SecureContext | undefined

/** @throws MusicboxError `input.invalid` for an entry of `hosts` that is no address */
export function endpoint(origin: Origin, hosts: Dialing['hosts']): { host: string; port: number } {
  const given = hosts[`${origin.host}:${origin.port}`] ?? hosts[origin.host] ?? wildcard(origin.host, hosts)
  if (given === undefined) return origin
  const parts = /^(?:\[([\da-f:.]+)\](?::(\d+))?|([\da-f]*:[\da-f:.]*:[\da-f:.]*)|([\d.]+)(?::(\d+))?)$/i.exec(given)
  if (!parts) {
    throw new MusicboxError(
      'input.invalid',
      `expected hosts["${origin.host}"] to be an address such as 10.0.0.7 or 10.0.0.7:8080, got "${given}"`,
    )
  }
  const port = parts[2] ?? parts[5]
  return { host: (parts[1] ?? parts[3] ?? parts[4])!, port: port === undefined ? origin.port : Number(port) }
}

/** `*.example.com` stands for every name below example.com. */
function wildcard(host: string, hosts: Dialing['hosts']): string | undefined {
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const given = hosts[`*${host.slice(dot)}`]
    if (given !== undefined) return given
  }
  return undefined
}
