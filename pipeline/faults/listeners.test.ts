/** What listeners do when answers fail, and what their ledger says of it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { LedgerEntry } from '../../datasets/ledger.ts'
import { sfc32 } from '../../datasets/random.ts'
import { Listeners } from './listeners.ts'

type Answer = (response: ServerResponse, eids: readonly string[]) => void

const accept: Answer = (response, eids) => {
  response.writeHead(202).end(JSON.stringify({ results: eids.map(() => ({ state: 'accepted' })) }))
}
const fail: Answer = (response) => void response.writeHead(503).end('{}')
const cut: Answer = (response) => void response.socket!.destroy()

describe('listeners', () => {
  let answers: Answer[]
  let posted: string[][]
  let url: string
  let close: () => void

  beforeEach(async () => {
    answers = []
    posted = []
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const eids = (JSON.parse(Buffer.concat(chunks).toString()) as { eid: string }[]).map(({ eid }) => eid)
      posted.push(eids)
      const answer = answers.shift() ?? accept
      answer(response, eids)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    close = () => {
      server.closeAllConnections()
      server.close()
    }
  })
  afterEach(() => close())

  it('send the same events again under the same ids until they are acknowledged', async () => {
    answers = [fail, cut]
    const listeners = made()
    await listeners.post(3)
    assert.equal(posted.length, 3)
    assert.deepEqual(posted[1], posted[0])
    assert.deepEqual(posted[2], posted[0])
    assert.deepEqual([listeners.unanswered, listeners.storedAgain], [2, 3])
    const fates = (await ledgerOf(listeners)).map(({ fate }) => fate)
    assert.deepEqual(fates, [...Array(6).fill('unknown'), ...Array(3).fill('accepted')])
  })

  it('take a refusal for an answer, and one event’s acknowledgement for its own alone', async () => {
    answers = [
      (response) => void response.writeHead(400).end('{}'),
      (response) => {
        const results = [{ state: 'accepted' }, { state: 'refused' }, { state: 'duplicate' }, { state: 'accepted' }]
        response.writeHead(202).end(JSON.stringify({ results }))
      },
    ]
    const listeners = made()
    await listeners.post(4)
    await listeners.post(4)
    const fates = (await ledgerOf(listeners)).map(({ fate }) => fate)
    assert.deepEqual(fates, [...Array(4).fill('refused'), 'accepted', 'refused', 'duplicate', 'accepted'])
  })

  it('forget some events whose fate is unknown, which then stays unknown', async () => {
    const listeners = made()
    answers = Array<Answer>(60).fill(fail)
    listeners.start()
    await listeners.acknowledgedAfter(0)
    while (answers.length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await listeners.stop()
    const best = new Map<string, string>()
    for (const { eid, fate } of await ledgerOf(listeners)) {
      if (best.get(eid) !== 'accepted') best.set(eid, fate)
    }
    const open = [...best.values()].filter((fate) => fate === 'unknown').length
    assert.ok(open > 0 && open < best.size, `${open} of ${best.size}`)
  })

  it('tell of the first acknowledgement of what was sent after a moment, not of what was under way', async () => {
    const late = Promise.withResolvers<void>()
    answers = [(response, eids) => void late.promise.then(() => accept(response, eids))]
    const listeners = made()
    const first = listeners.post(1)
    while (posted.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    let told = false
    const acknowledged = listeners.acknowledgedAfter(performance.now()).then(() => (told = true))
    late.resolve()
    await first
    assert.equal(told, false)
    await listeners.post(1)
    assert.equal(await acknowledged, true)
  })

  it('stop trying when the work is stopped', async () => {
    answers = Array<Answer>(1000).fill(fail)
    const abort = new AbortController()
    const listeners = made(abort.signal)
    const posting = listeners.post(1)
    abort.abort(new Error('enough'))
    await assert.rejects(posting, /enough/)
    await assert.rejects(listeners.acknowledgedAfter(0), /enough/)
  })

  function made(signal = new AbortController().signal): Listeners {
    return new Listeners({ url, day: '2026-03-04', draws: sfc32([1, 2, 3, 4]), signal })
  }
})

async function ledgerOf(listeners: Listeners): Promise<LedgerEntry[]> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-listeners-'))
  try {
    const path = join(folder, 'ledger.ndjson')
    await listeners.write(path)
    const lines = (await readFile(path, 'utf8')).trim().split('\n')
    return lines.map((line) => JSON.parse(line) as LedgerEntry)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
