/**
 * Where names lead, asked once in a while for all users: a thousand that start together must not ask a thousand times, as
 * the system answers only four of them at once and the rest would wait in line.
 */
import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** As long as k6 does by default. */
const REMEMBERED_MS = 300_000

/**
 * A look-up for sockets that remembers.
 * @param ask every address of a name, the best first
 * @param now ms
 */
export function rememberingLookup(
  ask: (name: string) => Promise<readonly LookupAddress[]> = askSystem,
  now: () => number = () => performance.now(),
): LookupFunction {
  const known = new Map<string, { addresses: Promise<readonly LookupAddress[]>; until: number }>()
  const addressesOf = (name: string): Promise<readonly LookupAddress[]> => {
    const before = known.get(name)
    if (before && before.until > now()) return before.addresses
    const entry = { addresses: ask(name), until: now() + REMEMBERED_MS }
    known.set(name, entry)
    // What was not found may be found the next time.
    entry.addresses.catch(() => known.get(name) === entry && known.delete(name))
    return entry.addresses
  }
  return (name, { all, family }, callback) => {
    addressesOf(name).then(
      (addresses) => {
        const fitting = family === 4 || family === 6 ? addresses.filter((one) => one.family === family) : [...addresses]
        const [first] = fitting
        if (!first) callback(Object.assign(new Error(`no address of ${name} fits`), { code: 'ENOTFOUND' }), '')
        else if (all) callback(null, fitting)
        else callback(null, first.address, first.family)
      },
      (error) => callback(error, ''),
    )
  }
}

function askSystem(name: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) =>
    lookup(name, { all: true, order: 'ipv4first' }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  )
}
