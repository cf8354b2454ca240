/** The event server on its sockets: metrics, an end under load, and two servers on one log. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { MusicboxError } from '../../datasets/failure.ts'
import { openLmdbEventLog } from '../../pipeline/embedded/lmdb-event-log.ts'
import { openLmdbTableStore } from '../../pipeline/embedded/lmdb-table-store.ts'
import type { EventLog } from '../../pipeline/event-log.ts'
import type { TableStore } from '../../pipeline/table-store.ts'
import { get, openConnection, postJson } from '../http/connection.ts'
import { startEventServer } from './server.ts'

const NOW_MS = Date.parse('2026-03-04T12:00:00.000Z')

let ids = 0
function event(): { eid: string; body: string } {
  const eid = (++ids).toString(16).padStart(32, '0')
  const fields = { eid, ts: NOW_MS, uid: `u${ids % 7}`, session: 's', event: 'play', songid: 'TR1' }
  return { eid, body: JSON.stringify(fields) }
}

describe('the event server', () => {
  let folder: string
  let log: EventLog
  let tables: TableStore
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-event-server-'))
    log = await openLmdbEventLog(join(folder, 'log'))
    tables = await openLmdbTableStore(join(folder, 'tables'))
  })
  after(async () => {
    await log.close()
    await tables.close()
    await rm(folder, { recursive: true })
  })
  const start = (options: { port?: number; notice_ms?: number; log?: EventLog } = {}) =>
    startEventServer({ log, tables, port: 0, notice_ms: 0, clock: () => NOW_MS, ...options })

  async function storedIds(): Promise<string[]> {
    const eids: string[] = []
    for (let partition = 0; partition < log.partitionCount; partition++) {
      for (const { line } of await log.read(partition, 0, 1_000_000)) eids.push(JSON.parse(line).eid)
    }
    return eids
  }

  it('listens on loopback, and shows on its metrics’ port how far the log goes', async () => {
    const { url, metricsUrl, close } = await start()
    try {
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
      const connection = await openConnection(url)
      assert.equal((await connection.request(postJson('/v1/events', event().body))).status, 202)
      assert.equal((await connection.request(get('/health/ready'))).status, 200)
      connection.close()
      const text = await (await fetch(metricsUrl)).text()
      const ends = [...text.matchAll(/musicbox_log_end_offset\{[^}]*\} (\d+)/g)].map(([, end]) => Number(end))
      assert.equal(ends.length, log.partitionCount)
      assert.equal(
        ends.reduce((sum, end) => sum + end, 0),
        (await storedIds()).length,
      )
      assert.match(text, /musicbox_http_request_duration_seconds_count\{[^}]*route="\/v1\/events"[^}]*\} 1\n/)
      assert.match(text, /nodejs_eventloop_lag_seconds/)
    } finally {
      await close()
    }
  })

  /** Closes a server while eight clients send. @returns the statuses seen, and acked events that are not in the log once */
  async function closeUnderLoad(through: EventLog): Promise<{ statuses: Set<number>; wrong: string[] }> {
    const { url, close } = await start({ notice_ms: 50, log: through })
    const acked: string[] = []
    const statuses = new Set<number>()
    const sender = async (): Promise<void> => {
      // Until nobody listens any more; a connection that is asked to close is opened anew.
      for (;;) {
        const connection = await openConnection(url).catch(() => undefined)
        if (!connection) return
        for (let open = true; open; ) {
          const { eid, body } = event()
          const answer = await connection.request(postJson('/v1/events', body)).catch(() => undefined)
          if (answer) statuses.add(answer.status)
          if (answer?.status === 202) acked.push(eid)
          open = answer !== undefined && answer.headers.get('connection') !== 'close'
        }
        connection.close()
      }
    }
    const senders = Array.from({ length: 8 }, sender)
    while (acked.length < 200) await new Promise(setImmediate)
    await close()
    await Promise.all(senders)
    const counts = new Map<string, number>()
    for (const eid of await storedIds()) counts.set(eid, (counts.get(eid) ?? 0) + 1)
    return { statuses, wrong: acked.filter((eid) => counts.get(eid) !== 1) }
  }

  it('closed under load: every event it said 202 to is in the log once, and it never says anything else', async () => {
    const { statuses, wrong } = await closeUnderLoad(log)
    assert.deepEqual([...statuses], [202])
    assert.deepEqual(wrong, [])
  })

  it('over a log that acknowledges what it does not keep is found out', async () => {
    let appends = 0
    const lying: EventLog = {
      partitionCount: log.partitionCount,
      append: async (entries) =>
        ++appends % 20 === 0
          ? entries.map(() => ({ state: 'stored', position: { partition: 0, offset: 0 } }))
          : log.append(entries),
      read: (partition, from, max) => log.read(partition, from, max),
      ends: () => log.ends(),
      close: () => log.close(),
    }
    assert.ok((await closeUnderLoad(lying)).wrong.length >= 10)
  })

  it('beside another on the same log: an event sent to both is accepted by one and a duplicate at the other', async () => {
    const servers = [await start(), await start()]
    const connections = await Promise.all(servers.map(({ url }) => openConnection(url)))
    const states = { accepted: 0, duplicates: 0 }
    try {
      for (let round = 0; round < 20; round++) {
        const { body } = event()
        for (const answer of await Promise.all(connections.map((each) => each.request(postJson('/v1/events', body))))) {
          const { accepted, duplicates } = JSON.parse(answer.body)
          states.accepted += accepted
          states.duplicates += duplicates
        }
      }
    } finally {
      for (const connection of connections) connection.close()
      await Promise.all(servers.map(({ close }) => close()))
    }
    assert.deepEqual(states, { accepted: 20, duplicates: 20 })
  })

  it('says which port it could not have', async () => {
    const first = await start()
    try {
      const port = Number(new URL(first.url).port)
      await assert.rejects(start({ port }), (error) => {
        assert.ok(error instanceof MusicboxError)
        assert.equal(error.code, 'backend.unreachable')
        assert.equal(error.message, `expected to listen on 127.0.0.1 port ${port}, but another program has it`)
        return true
      })
    } finally {
      await first.close()
    }
  })
})
