import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { canonicalEvent } from '../datasets/canonical-event.ts'
import { contentSum } from '../datasets/content-sum.ts'
import { wireEventSchema } from '../datasets/event.ts'
import type { LedgerEntry } from '../datasets/ledger.ts'
import { runScript } from './engine/runner.ts'
import type { RunResult } from './run-result.ts'

const SCRIPT = fileURLToPath(new URL('./scripts/listeners.ts', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'musicbox-listeners-'))
after(() => rm(folder, { recursive: true }))

describe('the listeners', { concurrency: 4 }, () => {
  it('send valid events, each once, and end by themselves', async () => {
    const { result, ledger, received } = await listen((_, answer) => answer('accepted'))
    // How fast the answers were depends on the machine; all else must hold.
    assert.deepEqual(
      result.thresholds.filter(({ metric, ok }) => !ok && metric !== 'response_time'),
      [],
    )
    assert.deepEqual(result.iterations, { completed: 4, interrupted: 0, failed: 0, dropped: 0 })
    assert.ok(received.length > 30, `${received.length} events`)
    for (const event of received) wireEventSchema.parse(event)
    assert.deepEqual(eidsOf(ledger).toSorted(), eidsOf(received).toSorted())
    assert.equal(new Set(eidsOf(received)).size, received.length)
    assert.deepEqual(result.fates, { accepted: received.length, duplicate: 0, refused: 0, unknown: 0 })
    assert.deepEqual(new Map(ledger.map(({ eid, ts }) => [eid, ts])), new Map(received.map(({ eid, ts }) => [eid, ts])))
    assert.equal(new Set(received.map(({ uid }) => uid)).size, 4)
  })

  it('send the same events for the same run, whatever the answers, and others for another', async () => {
    const digestOf = async (run: string, onEvent: OnEvent): Promise<string> =>
      (await listen(onEvent, { RUN: run })).result.traffic.digest
    let count = 0
    const [digest, same, other] = await Promise.all([
      digestOf('one', (_, answer) => answer('accepted')),
      digestOf('one', (_, answer, response) => (++count % 7 === 0 ? response.destroy() : answer('accepted'))),
      digestOf('two', (_, answer) => answer('accepted')),
    ])
    assert.equal(same, digest)
    assert.notEqual(other, digest)
  })

  it('send the same events at the same times on few virtual users as on many, however slow the answers', async () => {
    const eventsOn = async (vus: string, onEvent: OnEvent): Promise<string[]> => {
      const { received, result } = await listen(onEvent, { LISTENERS: '6', VUS: vus, DURATION: '600ms' })
      assert.equal(result.listeners, Number(vus))
      return received.map((event) => JSON.stringify(event)).toSorted()
    }
    const [all, few, slow] = await Promise.all([
      eventsOn('6', (_, answer) => answer('accepted')),
      eventsOn('2', (_, answer) => answer('accepted')),
      eventsOn('6', (_, answer) => setTimeout(answer, 30, 'accepted')),
    ])
    assert.ok(all.length > 30, `${all.length} events`)
    assert.deepEqual(few, all)
    assert.deepEqual(slow, all)
  })

  it('are told apart from one another alone: more listeners leave the events of the first ones as they are', async () => {
    const ofUsers = async (listeners: string): Promise<Map<string, string[]>> => {
      const { received } = await listen((_, answer) => answer('accepted'), { LISTENERS: listeners })
      return Map.groupBy(
        received.map((event) => JSON.stringify(event)).toSorted(),
        (text) => (JSON.parse(text) as Received).uid,
      ) as Map<string, string[]>
    }
    const [few, many] = await Promise.all([ofUsers('2'), ofUsers('5')])
    assert.deepEqual([few.size, many.size], [2, 5])
    for (const [uid, events] of few) assert.deepEqual(many.get(uid), events)
  })

  it('write the sum of each event’s content beside its fate', async () => {
    const sums = new Map<string, string>()
    const { ledger } = await listen((event, answer) => {
      sums.set(event.eid, contentSum(canonicalEvent(event)))
      answer('accepted')
    })
    assert.ok(ledger.length > 0)
    for (const { eid, sum } of ledger) assert.equal(sum, sums.get(eid))
  })

  it('write an unknown fate for each lost answer and settle it under the same eid', async () => {
    const stored = new Set<string>()
    let count = 0
    const { result, ledger, received } = await listen(({ eid }, answer, response) => {
      const state = stored.has(eid) ? 'duplicate' : 'accepted'
      stored.add(eid)
      // Every fifth answer is lost, after the event was stored.
      if (++count % 5 === 0) response.destroy()
      else answer(state)
    })
    const lost = ledger.filter(({ fate }) => fate === 'unknown')
    assert.ok(lost.length > 3)
    for (const { eid } of lost) {
      assert.ok(received.filter((event) => event.eid === eid).length > 1, `${eid} was sent once`)
      assert.equal(ledger.findLast((entry) => entry.eid === eid)!.fate, 'duplicate')
    }
    const { accepted, duplicate, unknown } = result.fates
    assert.deepEqual([accepted + duplicate, unknown], [stored.size, 0])
    assert.equal(duplicate, new Set(eidsOf(lost)).size)
    assert.equal(result.traffic.events, stored.size)
  })

  it('leave the fate unknown, and miss the thresholds, when no answer ever comes', async () => {
    const { result, ledger } = await listen((_, __, response) => response.destroy(), { LATE: '1ms', DURATION: '500ms' })
    assert.equal(result.exitCode, 99)
    assert.match(result.problem!, /checks rate>0.99/)
    assert.ok(result.fates.unknown > 0)
    assert.equal(result.fates.accepted, 0)
    assert.ok(ledger.every(({ fate }) => fate === 'unknown'))
  })

  it('try again after 503 and write down that its fate was unknown', async () => {
    const refusedOnce = new Set<string>()
    const { result, ledger } = await listen(({ eid }, answer, response) => {
      if (refusedOnce.size < 3 && !refusedOnce.has(eid)) {
        refusedOnce.add(eid)
        response.writeHead(503, { 'Retry-After': '0' }).end()
      } else {
        answer('accepted')
      }
    })
    assert.equal(result.fates.unknown, 0)
    for (const eid of refusedOnce) {
      const fates = ledger.filter((entry) => entry.eid === eid).map(({ fate }) => fate)
      assert.deepEqual(fates, ['unknown', 'accepted'])
    }
  })

  it('take a refusal for an answer and do not ask again', async () => {
    const { result, received } = await listen((_, answer) => answer('refused'))
    assert.equal(result.fates.refused, received.length)
    assert.equal(new Set(eidsOf(received)).size, received.length)
    assert.equal(result.exitCode, 99)
    assert.match(result.problem!, /checks rate>0.99/)
  })

  it('log in again when the server knows their token no more', async () => {
    let restarted = false
    const { result, tokens } = await listen((_, answer, response, token) => {
      if (!restarted && token === 'Bearer 1') {
        restarted = true
        response.writeHead(401).end()
      } else {
        answer('accepted')
      }
    })
    assert.equal(restarted, true)
    assert.equal(result.fates.refused, 0)
    assert.ok(tokens > 4)
  })

  it('say what is wrong with a setting', async () => {
    const refused: [Record<string, string>, RegExp][] = [
      [{ LISTENERS: '0' }, /expected LISTENERS to be a whole number from 1 to 100000, got "0"/],
      [{ DURATION: 'long' }, /expected DURATION to be a duration/],
      [{ DURATION: '1h', SPEED: '100' }, /expected DURATION times SPEED to be a day at most, .* is 864s, got 3600s/],
      [{ WORLD: '{"profile":"odd"}' }, /expected the profile/],
    ]
    for (const [env, words] of refused) await assert.rejects(runScript({ script: SCRIPT, env }), words)
  })
})

interface Received {
  eid: string
  ts: number
  uid: string
}

type OnEvent = (
  event: Received,
  answer: (state: string) => void,
  response: ServerResponse,
  token: string | undefined,
) => unknown

/** Four listeners for a moment, against a server that deals with events as told. */
async function listen(
  onEvent: OnEvent,
  env: Record<string, string> = {},
): Promise<{ result: RunResult; ledger: LedgerEntry[]; received: Received[]; tokens: number }> {
  const received: Received[] = []
  let tokens = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.url === '/v1/events') {
      const event = JSON.parse(body) as Received
      received.push(event)
      const answer = (state: string): void => {
        response.writeHead(state === 'refused' ? 400 : 202).end(JSON.stringify({ results: [{ index: 0, state }] }))
      }
      onEvent(event, answer, response, request.headers.authorization)
    } else {
      response.end(JSON.stringify(request.url === '/v1/login' ? { token: String(++tokens) } : {}))
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const ledger = join(folder, `${Math.random()}.ndjson`)
  try {
    const { port } = server.address() as AddressInfo
    const result = await runScript({
      script: SCRIPT,
      env: {
        EVENT_API: `http://127.0.0.1:${port}`,
        LISTENERS: '4',
        DURATION: '800ms',
        SPEED: '5000',
        ...env,
      },
      out: { ledger },
    })
    const lines = (await readFile(ledger, 'utf8')).trim().split('\n')
    return { result, ledger: lines.map((line) => JSON.parse(line)), received, tokens }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

function eidsOf(entries: readonly { eid: string }[]): string[] {
  return entries.map(({ eid }) => eid)
}
