/**
 * Ports that the system gives to nobody of itself. A proxy that refuses connections for a while stops listening and comes
 * back on the same port; were it one that the system hands out for outgoing connections, somebody could take it in the
 * meantime, or a client that asks for it could be given the same port for its own end, and be connected to itself.
 */
import { readFile } from 'node:fs/promises'

/** Lowest port that a user's process may listen on and that common servers seldom use. */
const FIRST = 20_000
/** Linux's own setting where it cannot be read; other systems begin higher. */
const DEFAULT_EPHEMERAL = 32_768

/** Ports to try, in an order that differs from process to process. */
export async function quietPorts(
  seed = process.pid,
  rangeFile = '/proc/sys/net/ipv4/ip_local_port_range',
): Promise<number[]> {
  const range = await readFile(rangeFile, 'utf8').catch(() => '')
  const ephemeral = Number(/^\d+/.exec(range.trim())?.[0] ?? DEFAULT_EPHEMERAL)
  // Where the system hands out nearly all ports there is no quiet one; then any will do.
  const count = ephemeral - FIRST
  if (count < TRIES) return [0]
  // A step that shares no divisor with most ranges spreads neighbouring pids far apart.
  return Array.from({ length: TRIES }, (_, index) => FIRST + ((seed * 7919 + index * 101) % count))
}

const TRIES = 64
