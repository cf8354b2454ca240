/** The judging of a row, held to systems with a known fault: what loses, doubles or alters an event must be found. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import type { StoreChoice } from '../../datasets/command.ts'
import type { WireEvent } from '../../datasets/event.ts'
import { openBackend, withBackend } from '../backend.ts'
import { ingest } from '../ingest.ts'
import type { ServeEvents } from './event-server.ts'
import { type FaultRow, QUICK_PACE } from './fault-row.ts'
import { runRow } from './run-row.ts'
import type { Trial } from './trial.ts'
import type { RowResult } from './verdict.ts'

describe('a row of the fault matrix', () => {
  it('holds when every acknowledged event is in the report once', async () => {
    const result = await judged({})
    assert.deepEqual(result.notes, [])
    assert.equal(result.verdict, 'HELD')
    assert.deepEqual([result.acked, result.reported, result.lost, result.doubled], [40, 40, 0, 0])
  })

  it('is broken by an API that acknowledges an event before it is durable and then dies', async () => {
    const result = await judged({ store: (event, number) => (number === 13 ? undefined : event) })
    assert.equal(result.verdict, 'BROKEN')
    assert.deepEqual([result.acked, result.reported, result.lost, result.doubled], [40, 39, 1, 0])
  })

  it('is broken by an event that comes out other than it was sent', async () => {
    const result = await judged({ store: (event, number) => (number === 5 ? { ...event, session: 'other' } : event) })
    assert.equal(result.verdict, 'BROKEN')
    assert.ok(result.notes.includes('1 altered'), result.notes.join('; '))
  })

  it('is broken by a report that counts an event twice', async () => {
    const result = await judged({
      strike: async (trial) => {
        await trial.collectAll()
        await trial.nightAll()
        await withBackend(trial.stores, async (backend) => countTwice(trial, await backend.tables()))
      },
    })
    assert.equal(result.verdict, 'BROKEN')
    assert.deepEqual([result.lost, result.doubled], [0, 1])
    assert.match(result.notes.join('; '), /different: .*hour_event_log/)
  })

  it('is broken by a fault that did not happen and by a promise that did not hold, with nothing lost', async () => {
    const strike = async (trial: Trial): Promise<void> => trial.expect(false, 'the second collector is fenced')
    const result = await judged({ strike, strikes: 0 })
    assert.equal(result.verdict, 'BROKEN')
    assert.deepEqual(result.notes, ['the fault did not happen', 'not so: the second collector is fenced'])
    assert.equal(result.lost, 0)
  })

  it('ends by itself when it hangs, and says so', async () => {
    const result = await judged({ strike: () => new Promise(() => {}), limit_ms: 1500 })
    assert.deepEqual([result.verdict, result.notes], ['BROKEN', ['it was not over after 1.5 s']])
  })

  it('says why it is skipped where its fault has no meaning', async () => {
    const result = await judged({ clusterOnly: 'there is no broker' })
    assert.deepEqual([result.verdict, result.notes, result.acked], ['SKIPPED', ['there is no broker'], undefined])
  })
})

interface Fault {
  /** What a server with a fault stores for an event; nothing, although it says that it has. */
  store?: (event: WireEvent, number: number) => WireEvent | undefined
  strike?: (trial: Trial) => Promise<void>
  strikes?: number
  limit_ms?: number
  clusterOnly?: string
}

async function judged({
  store = (event) => event,
  strike,
  strikes = 1,
  limit_ms,
  clusterOnly,
}: Fault): Promise<RowResult> {
  const row: FaultRow = {
    row: 99,
    fault: 'a fault that the test knows',
    expected: '',
    quick: false,
    ...(clusterOnly !== undefined && { clusterOnly }),
    async run(trial) {
      await trial.listeners.post(40)
      await strike?.(trial)
      trial.strikes = strikes
    },
  }
  return await runRow(row, {
    seed: [1, 2, 3, 4],
    pace: QUICK_PACE,
    points: 1,
    limit_ms: limit_ms ?? 60_000,
    serveEvents: standIn(store),
    say: () => {},
    openLink: () => assert.fail('the row has no link'),
    signal: new AbortController().signal,
  })
}

/** An event API that says that it has stored everything. */
function standIn(store: NonNullable<Fault['store']>): ServeEvents {
  return async (stores: StoreChoice) => {
    const backend = openBackend(stores)
    let number = 0
    const server = createServer(async (request, response) => {
      const events = JSON.parse(await textOf(request)) as WireEvent[]
      const kept = events.flatMap((event) => store(event, number++) ?? [])
      const log = await backend.log()
      await ingest(kept, { log, artistOf: () => undefined, receivedMs: ({ ts }) => ts })
      response.writeHead(202, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ results: events.map(() => ({ state: 'accepted' })) }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async stop() {
        server.closeAllConnections()
        server.close()
        await backend.close()
      },
    }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

type Tables = Awaited<ReturnType<ReturnType<typeof openBackend>['tables']>>

/** Publishes the day again with one event more in one of its hours. */
async function countTwice({ day }: Trial, tables: Tables): Promise<void> {
  const rows = await tables.snapshot((view) => view.scan('hour_event_log', { from: '', to: '\u{10ffff}' }))
  const published = await tables.snapshot((view) => view.published(day))
  const busy = rows.find(({ cells }) => Number(cells['events']) > 0)!
  await tables.publish(
    published!,
    rows.map(({ key, cells }) => ({
      table: 'hour_event_log',
      key,
      cells: key === busy.key ? { ...cells, events: Number(cells['events']) + 1 } : cells,
    })),
  )
}
