/**
 * Keeps other sites from a server on this machine. A page from anywhere can send requests to 127.0.0.1; what it cannot do
 * is to take our origin, or to send JSON without asking first. And a name that somebody points at 127.0.0.1 (DNS
 * rebinding) is not our name.
 */
import type { MiddlewareHandler } from 'hono'
import { refuse } from './refusal.ts'

/** @param port where the server listens, once it is known */
export function sameOrigin(port: () => number): MiddlewareHandler {
  return async (c, next) => {
    const hosts = [`127.0.0.1:${port()}`, `localhost:${port()}`]
    const host = c.req.header('host') ?? ''
    if (!hosts.includes(host)) return refuse(c, 403, `Expected the host ${hosts.join(' or ')}, got "${host}".`)
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return await next()
    // No browser leaves Origin out of a POST; a program that has none is run by the user.
    const origin = c.req.header('origin')
    if (origin !== undefined && origin !== `http://${host}`) {
      return refuse(c, 403, `Expected a request of this page itself, got one of "${origin}".`)
    }
    const type = c.req.header('content-type') ?? ''
    if (!/^application\/json\s*(;|$)/i.test(type)) {
      return refuse(c, 415, `Expected content of the type application/json, got "${type}".`)
    }
    return await next()
  }
}
