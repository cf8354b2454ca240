/** Opens connections: where a name leads, in plain text or over TLS. */
import { type LookupAddress, lookup } from 'node:dns'
import { connect, type LookupFunction, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { MusicboxError } from '../datasets/failure.ts'
import type { Origin } from './address.ts'

/** How connections are opened in one run. */
export interface Dialing {
  /** Addresses that take the place of names: `10.0.0.7`, `10.0.0.7:8080`, by `name` or `name:port`. */
  readonly hosts: Readonly<Record<string, string>>
  readonly insecureSkipTLSVerify: boolean
}

export const PLAIN_DIALING: Dialing = { hosts: {}, insecureSkipTLSVerify: false }

export function dialPlain(origin: Origin, dialing: Dialing, onread: OnReadOpts): Socket {
  const { host, port } = endpoint(origin, dialing.hosts)
  return connect({ host, port, noDelay: true, lookup: rememberedLookup, onread })
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
    lookup: rememberedLookup,
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

/** A name is looked up once in this time (k6's own): a thousand users that start together must not ask a thousand times. */
const REMEMBERED_MS = 300_000
const looked = new Map<string, { addresses: Promise<LookupAddress[]>; until: number }>()

const rememberedLookup: LookupFunction = (name, { all, family }, callback) => {
  const now = performance.now()
  let known = looked.get(name)
  if (!known || known.until < now) {
    const addresses = lookUp(name)
    known = { addresses, until: now + REMEMBERED_MS }
    looked.set(name, known)
    // What was not found may be found the next time.
    addresses.catch(() => looked.delete(name))
  }
  known.addresses.then(
    (addresses) => {
      const fitting = family === 4 || family === 6 ? addresses.filter((one) => one.family === family) : addresses
      const [first = addresses[0]!] = fitting
      if (all) callback(null, fitting)
      else callback(null, first.address, first.family)
    },
    (error) => callback(error, ''),
  )
}

function lookUp(name: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) =>
    lookup(name, { all: true, order: 'ipv4first' }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  )
}
