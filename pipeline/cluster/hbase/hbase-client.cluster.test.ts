import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { ClusterConfig } from '../cluster-config.ts'
import { signalService, untilServiceReady } from '../launcher/cluster-process.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { writeRows } from './batch.ts'
import type { CellRow } from './cell-block.ts'
import { HbaseClient } from './hbase-client.ts'
import { HbaseError } from './hbase-error.ts'
import { dropHbaseTables } from './make-tables.ts'
import { Master } from './master.ts'
import { scanPages } from './scan.ts'

const ALL = { from: Buffer.alloc(0), to: Buffer.alloc(0) }

describeOnCluster('the HBase client', (cluster) => {
  let config: ClusterConfig
  let client: HbaseClient
  let master: Master
  const named = (table: string): string => `${config.namespace}:${table}`

  before(async () => {
    config = await cluster()
    client = new HbaseClient(config.hbase)
    master = new Master(config.hbase)
    await master.createNamespace(config.namespace)
    const splits = ['k000250', 'k000500', 'k050000']
    await Promise.all([
      master.createTable(config.namespace, 'counted', { versions: 1, splits }),
      master.createTable(config.namespace, 'plain', { versions: 1, splits: [] }),
      master.createTable(config.namespace, 'busy', { versions: 1, splits: [] }),
    ])
  })
  after(async () => {
    await client.close()
    await master.close()
    await dropHbaseTables(config)
  })

  it('reads 999, 1,000, 1,001 and 100,000 rows over four regions, up and down, each once and in order', async () => {
    let written = 0
    for (const count of [999, 1000, 1001, 100_000]) {
      await writeRows(client, named('counted'), rows(written, count))
      written = count
      for (const reverse of [false, true]) {
        const keys = await scanKeys(client, named('counted'), reverse)
        if (reverse) keys.reverse()
        assert.equal(keys.length, count)
        assert.ok(keys.every((key, at) => key === keyOf(at)))
      }
    }
  })

  it('finds the one row of a time in a region of 50,000, in calls that each end long before that', async (t) => {
    await writeRows(client, named('counted'), [{ key: Buffer.from('k099999'), cells: [cell('late', 7, 'x')] }])
    const brief = new HbaseClient(config.hbase, { call_ms: 60 })
    t.after(() => brief.close())
    for (const reverse of [false, true]) {
      let [pages, found] = [0, 0]
      for await (const page of scanPages(brief, named('counted'), { ...ALL, reverse, times: { from: 6, to: 9 } })) {
        pages++
        found += page.length
      }
      assert.equal(found, 1)
      // More than one a region, though there is but one row.
      assert.ok(pages > 4, `expected pages that ended at the limit of time, got ${pages} in all`)
    }
  })

  it('is needed: the scanner of hbase-rpc-client ends early and says nothing', async () => {
    await writeRows(client, named('plain'), rows(0, 5000))
    assert.equal((await scanKeys(client, named('plain'), false)).length, 5000)
    // It closes its scanner behind its own back; now and then the server is quick enough to complain of that.
    let found = await stockScan(config, named('plain'))
    for (let tries = 1; found.error !== null && tries < 10; tries++) found = await stockScan(config, named('plain'))
    assert.ok(found.count > 0 && found.count < 5000, `expected a scan cut short, got ${found.count} of 5000 rows`)
    assert.equal(found.error, null)
  })

  it('puts only if a cell is what it should be, and counts', async () => {
    const row = (value: string): CellRow => ({ key: Buffer.from('checked'), cells: [cell('x', 5, value)] })
    assert.equal(await client.checkAndPut(named('busy'), row('a'), 'x', undefined), true)
    assert.equal(await client.checkAndPut(named('busy'), row('b'), 'x', undefined), false)
    assert.equal(await client.checkAndPut(named('busy'), row('b'), 'x', Buffer.from('a')), true)
    assert.equal(`${(await client.get(named('busy'), Buffer.from('checked')))?.[0]?.value}`, 'b')
    const counted = await Promise.all(
      Array.from({ length: 20 }, () => client.increment(named('busy'), Buffer.from('n'), 'x')),
    )
    assert.deepEqual(
      counted.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, at) => at + 1),
    )
  })

  it('keeps the newest timestamp whatever comes last, and gives older versions by time', async () => {
    await master.createTable(config.namespace, 'versions', { versions: 3, splits: [] })
    const put = (timestamp: number): CellRow => ({
      key: Buffer.from('a'),
      cells: [cell('x', timestamp, `at ${timestamp}`)],
    })
    for (const timestamp of [5, 9, 7]) await writeRows(client, named('versions'), [put(timestamp)])
    const get = async (times?: { from: number; to: number }): Promise<string | undefined> =>
      (await client.get(named('versions'), Buffer.from('a'), times && { times }))?.map(({ value }) => `${value}`).join()
    assert.equal(await get(), 'at 9')
    assert.equal(await get({ from: 0, to: 8 }), 'at 7')
    await writeRows(client, named('versions'), [put(9)], 'deleteVersion')
    assert.equal(await get(), 'at 7')
    // The deletion of a version hides what is put at that time again; so no time may ever be used twice.
    await writeRows(client, named('versions'), [put(9)])
    assert.equal(await get(), 'at 7')
  })

  it('says that a table is not there, at once', async () => {
    const missing = (error: unknown): boolean =>
      error instanceof HbaseError && error.exception === 'TableNotFoundException'
    const start_ms = performance.now()
    await assert.rejects(client.get(named('nowhere'), Buffer.from('a')), missing)
    await assert.rejects(writeRows(client, named('nowhere'), rows(0, 3)), missing)
    await assert.rejects(scanKeys(client, named('nowhere'), true), missing)
    assert.ok(performance.now() - start_ms < client.times.operation_ms / 2)
  })

  it('gives up after its time when nobody answers at the address', async () => {
    const lost = new HbaseClient({ ...config.hbase, quorum: ['127.0.0.1:1'] }, { connect_ms: 200, operation_ms: 500 })
    await assert.rejects(
      lost.get(named('busy'), Buffer.from('a')),
      (error: unknown) => error instanceof HbaseError && error.failure === 'unreachable',
    )
    await lost.close()
  })

  it('loses and mistakes nothing while a region is split and its halves are moved', async () => {
    const load = readAndWrite(client, named('busy'), 's')
    await load.done(200)
    const whole = await client.locate(named('busy'), Buffer.from('s'))
    await master.splitRegion(config.namespace, 'busy', whole, Buffer.from('s3'))
    await load.done(200)
    const [left, right] = [
      await client.locate(named('busy'), Buffer.from('s0')),
      await client.locate(named('busy'), Buffer.from('s9')),
    ]
    assert.equal(`${left.end}`, 's3')
    assert.equal(`${right.start}`, 's3')
    // To another server where there is one; else closed, and opened again a while later.
    const other = (await master.servers()).find(({ hostName, port }) => `${hostName}:${port}` !== left.server)
    await master.moveRegion(left, other)
    await master.moveRegion(right)
    await load.done(200)
    assert.deepEqual(await load.end(), { wrong: 0, failed: [] })
    await load.expectAll()
  })

  // A cluster elsewhere has no state file here, and its processes are not ours to stop.
  describe('when the region server', () => {
    const folder = dirname(process.env['MUSICBOX_TEST_CLUSTER'] ?? '.')

    it('is killed, loses and mistakes nothing, and every call under way settles', async () => {
      const load = readAndWrite(client, named('busy'), 'w')
      await load.done(200)
      const killed = await signalService(folder, 'regionserver-1', 'SIGKILL')
      await untilServiceReady(folder, 'regionserver-1', { timeout_ms: 90_000, not_pid: killed })
      await load.done(200)
      assert.deepEqual(await load.end(), { wrong: 0, failed: [] })
      await load.expectAll()
    })
  })
})

function cell(column: string, timestamp: number, value: string): CellRow['cells'][number] {
  return { qualifier: Buffer.from(column), timestamp, value: Buffer.from(value) }
}

function keyOf(at: number): string {
  return `k${String(at).padStart(6, '0')}`
}

function* rows(from: number, to: number): Generator<CellRow> {
  for (let at = from; at < to; at++)
    yield { key: Buffer.from(keyOf(at)), cells: [cell('a', 1, `${at}`), cell('b', 1, 'x')] }
}

async function scanKeys(client: HbaseClient, table: string, reverse: boolean): Promise<string[]> {
  const keys: string[] = []
  for await (const page of scanPages(client, table, { ...ALL, reverse }))
    for (const { key } of page) keys.push(`${key}`)
  return keys
}

/** What hbase-rpc-client's own scanner finds, in a process of its own: it holds on to its connections. */
async function stockScan(config: ClusterConfig, table: string): Promise<{ count: number; error: unknown }> {
  const source = `
    const hbase = require('hbase-rpc-client')
    const options = ${JSON.stringify({ zookeeperHosts: config.hbase.quorum, zookeeperRoot: config.hbase.znode })}
    const scanner = hbase(options).getScanner(${JSON.stringify(table)})
    scanner.toArray((error, rows) => {
      console.log(JSON.stringify({ count: rows?.length ?? 0, error: error ?? null }))
      process.exit()
    })`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source], { timeout: 60_000 })
  return JSON.parse(stdout) as { count: number; error: unknown }
}

/** Workers that write a row and read it back, over and over, until told to end. Nobody else has their prefix. */
function readAndWrite(client: HbaseClient, table: string, prefix: string) {
  const acked = new Map<string, string>()
  const failed: string[] = []
  let wrong = 0
  let rounds = 0
  let ended = false
  const work = async (worker: number): Promise<void> => {
    for (let round = 0; !ended; round++) {
      // Ten rows a worker: each is written again and again, with a later timestamp each time.
      const key = `${prefix}${worker}.${round % 10}`
      const value = `${round}`
      try {
        await writeRows(client, table, [{ key: Buffer.from(key), cells: [cell('v', round + 1, value)] }])
        acked.set(key, value)
        const found = await client.get(table, Buffer.from(key))
        if (`${found?.[0]?.value}` !== value) wrong++
        rounds++
      } catch (error) {
        failed.push(String(error))
      }
    }
  }
  const workers = Array.from({ length: 8 }, (_, worker) => work(worker))
  return {
    /** Waits until so many more rounds are done. */
    async done(more: number): Promise<void> {
      for (const aim = rounds + more; rounds < aim && failed.length === 0; ) await sleep(10)
    },
    async end(): Promise<{ wrong: number; failed: string[] }> {
      ended = true
      await Promise.all(workers)
      return { wrong, failed }
    },
    async expectAll(): Promise<void> {
      const range = { from: Buffer.from(prefix), to: Buffer.from(`${prefix}~`) }
      const found = new Map<string, string>()
      for await (const page of scanPages(client, table, range)) {
        for (const { key, cells } of page) found.set(`${key}`, `${cells[0]!.value}`)
      }
      assert.deepEqual(new Map([...found].sort()), new Map([...acked].sort()))
    },
  }
}
