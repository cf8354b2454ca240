/** A server that takes what players send, for tests of scripts: it logs them in, stores by id and knows every song. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedEvent {
  eid: string
  ts: number
  uid: string
}

export interface EventTarget {
  url: string
  /** Each event as often as it came, in its order. */
  received: ReceivedEvent[]
  /** Requests for events. */
  posts: number
  close(): void
}

/** @param answer decides on one event; by default it is accepted, or a duplicate when its id is known */
export async function openEventTarget(answer?: (event: ReceivedEvent) => string): Promise<EventTarget> {
  const stored = new Set<string>()
  const decide =
    answer ??
    (({ eid }: ReceivedEvent): string => {
      const state = stored.has(eid) ? 'duplicate' : 'accepted'
      stored.add(eid)
      return state
    })
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.url !== '/v1/events') return reply(response, 200, request.url === '/v1/login' ? { token: 't' } : {})
    target.posts++
    const events = [JSON.parse(body) as ReceivedEvent | ReceivedEvent[]].flat()
    target.received.push(...events)
    const results = events.map((event, index) => ({ index, state: decide(event) }))
    reply(response, results.every(({ state }) => state === 'refused') ? 400 : 202, { results })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target: EventTarget = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    posts: 0,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return target
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}
