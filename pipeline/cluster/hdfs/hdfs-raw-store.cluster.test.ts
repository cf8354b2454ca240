import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MusicboxError } from '../../../datasets/failure.ts'
import { rawStoreSuite } from '../../raw-store.suite.ts'
import type { ClusterConfig } from '../cluster-config.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { type BrokenWay, type Fault, openBrokenWay } from './broken-way.suite.ts'
import { type HdfsRawStore, openHdfsRawStore } from './hdfs-raw-store.ts'
import { type FileStatus, WebHdfsClient } from './webhdfs-client.ts'

const BYTES = randomBytes(300_000)

describeOnCluster('HDFS raw store', (cluster) => {
  rawStoreSuite('HDFS', async () => {
    const config = await cluster()
    const stores = [await openHdfsRawStore(config)]
    return {
      raw: stores[0]!,
      reopen: async () => {
        stores.push(await openHdfsRawStore(config))
        return stores.at(-1)!
      },
      cleanUp: async () => {
        for (const store of stores) await store.close()
        await removeAll(config)
      },
    }
  })

  let config: ClusterConfig
  let hdfs: WebHdfsClient
  let raw: HdfsRawStore
  let flushesBefore: number
  before(async () => {
    config = await cluster()
    hdfs = clientOf(config)
    raw = await openHdfsRawStore(config)
    flushesBefore = await flushes(config)
  })
  after(async () => {
    await raw.close()
    hdfs.close()
    await removeAll(config)
  })
  const place = (path: string): string => `/${config.namespace}/raw/${path}`
  const unfinished = async (): Promise<string[]> =>
    (await hdfs.list(place('.unfinished'))).map(({ pathSuffix }) => pathSuffix)

  describe('on a way that breaks', () => {
    const faults: { op: string; fault: Fault }[] = []
    let way: BrokenWay
    let behind: HdfsRawStore
    let clientBehind: WebHdfsClient
    before(async () => {
      way = await openBrokenWay(config.hdfs.webhdfs, (op) => {
        if (faults[0]?.op !== op) return undefined
        return faults.shift()!.fault
      })
      const routed = { ...config, hdfs: { ...config.hdfs, webhdfs: way.address } }
      behind = await openHdfsRawStore(routed)
      clientBehind = clientOf(routed)
    })
    after(async () => {
      await behind.close()
      clientBehind.close()
      await way.close()
    })

    const cases: { name: string; faults: { op: string; fault: Fault }[] }[] = [
      { name: 'an upload that breaks off', faults: [{ op: 'CREATE', fault: 'cut' }] },
      { name: 'a bit that arrives as another', faults: [{ op: 'CREATE', fault: 'alter' }] },
      { name: 'an upload whose answer is lost', faults: [{ op: 'CREATE', fault: 'forget' }] },
      { name: 'a rename whose answer is lost', faults: [{ op: 'RENAME', fault: 'forget' }] },
      { name: 'a rename that never arrives', faults: [{ op: 'RENAME', fault: 'cut' }] },
      { name: 'a new folder whose answer is lost', faults: [{ op: 'MKDIRS', fault: 'forget' }] },
      {
        name: 'one after the other',
        faults: [
          { op: 'CREATE', fault: 'alter' },
          { op: 'CREATE', fault: 'cut' },
          { op: 'RENAME', fault: 'cut' },
          { op: 'RENAME', fault: 'forget' },
          { op: 'OPEN', fault: 'forget' },
        ],
      },
    ]
    for (const [at, { name, faults: coming }] of cases.entries()) {
      it(`${name}: the file is published once and whole`, async () => {
        faults.push(...coming)
        await behind.publish(`broken/${at}/file`, BYTES)
        assert.deepEqual(faults, [], 'every fault was met')
        assert.deepEqual(await raw.read(`broken/${at}/file`), BYTES)
        assert.deepEqual(await raw.list(`broken/${at}`), ['file'])
      })
    }

    it('a plain write to the final name would show what these tests are about', async () => {
      faults.push({ op: 'CREATE', fault: 'cut' })
      await assert.rejects(clientBehind.create(place('plain-cut'), BYTES))
      const { type, length } = await closedStatus(hdfs, place('plain-cut'))
      assert.equal(type, 'FILE')
      assert.ok(length < BYTES.length, `half a file under its final name, ${length} bytes`)

      faults.push({ op: 'CREATE', fault: 'alter' })
      await clientBehind.create(place('plain-altered'), BYTES)
      const altered = await hdfs.read(place('plain-altered'))
      assert.equal(altered.length, BYTES.length, 'the length says nothing')
      assert.ok(!altered.equals(BYTES))
    })

    it('gives up in time, names the address, and shows nothing', async () => {
      const short = await openHdfsRawStore(
        { ...config, hdfs: { ...config.hdfs, webhdfs: way.address } },
        { retry_ms: 300 },
      )
      faults.push(...Array.from({ length: 100 }, () => ({ op: 'CREATE', fault: 'cut' as const })))
      await assert.rejects(short.publish('never', BYTES), (error) => {
        assert.ok(error instanceof MusicboxError)
        assert.equal(error.code, 'backend.unreachable')
        assert.match(error.message, /could not publish never: CREATE .* at 127\.0\.0\.1:\d+: ECONNRESET/)
        return true
      })
      faults.length = 0
      await short.close()
      assert.ok(!(await raw.list('')).includes('never'))
    })
  })

  it('leaves no unfinished file behind when all went well', async () => {
    const before = await unfinished()
    await Promise.all(Array.from({ length: 20 }, (_, at) => raw.publish(`whole/${at}`, BYTES)))
    await assert.rejects(raw.publish('whole/0', BYTES.subarray(1)), { code: 'writer.fenced' })
    assert.deepEqual(await unfinished(), before)
  })

  it('sweeps what a dead writer left, once it is older than any attempt', async () => {
    const dead = place('.unfinished/dead-0')
    await hdfs.create(dead, BYTES)
    await (await openHdfsRawStore(config)).close()
    assert.ok((await unfinished()).includes('dead-0'))
    await (await openHdfsRawStore(config, { now: () => Date.now() + 3_700_000 })).close()
    assert.deepEqual(await unfinished(), [])
  })

  it('writes again when its unfinished file is swept under its hands', async () => {
    const rename = WebHdfsClient.prototype.rename
    let swept = 0
    WebHdfsClient.prototype.rename = async function (from, to) {
      if (swept++ === 0) await hdfs.delete(from)
      return rename.call(this, from, to)
    }
    try {
      await raw.publish('swept', BYTES)
    } finally {
      WebHdfsClient.prototype.rename = rename
    }
    assert.equal(swept, 2)
    assert.deepEqual(await raw.read('swept'), BYTES)
  })

  it('makes a folder anew that somebody removed', async () => {
    await raw.publish('gone/one', BYTES)
    await hdfs.delete(place('gone/one'))
    await hdfs.delete(place('gone'))
    await raw.publish('gone/two', BYTES)
    assert.deepEqual(await raw.list('gone'), ['two'])
  })

  it('takes names with anything in them', async () => {
    const names = ['a b', 'ö', '100%', 'a+b', 'x?y=z', '#1', 'é/ü', '\u{1F600}', '�', "it's", '$&*()=@;,[]{}|<>"^~`']
    for (const name of names) await raw.publish(`names/${name}`, Buffer.from(name))
    for (const name of names) assert.equal(Buffer.from(await raw.read(`names/${name}`)).toString(), name)
    // By UTF-16 units a face comes before U+FFFD, by bytes of UTF-8 after it.
    const listed = await raw.list('names')
    assert.deepEqual(listed, [...new Set(names.map((name) => name.split('/')[0]!))].sort())
    assert.ok(listed.indexOf('\u{1F600}') < listed.indexOf('�'))
  })

  it('lists a folder of more names than one answer of the namenode holds', async () => {
    const names = Array.from({ length: 1001 }, (_, at) => `hr=${String(at).padStart(4, '0')}`)
    // Sixteen at a time: a folder costs the namenode little.
    await Promise.all(
      Array.from({ length: 16 }, async (_, first) => {
        for (let at = first; at < names.length; at += 16) await hdfs.mkdirs(place(`many/${names[at]}`))
      }),
    )
    assert.deepEqual(await raw.list('many'), names)
  })

  it('answers backend.full when a quota is used up, and shows nothing of the file', async () => {
    await hdfs.mkdirs(place('small'))
    await setQuota(config, `/${config.namespace}`, 1_000_000)
    try {
      for (const size of [1000, 2_000_000]) {
        await assert.rejects(raw.publish('small/file', Buffer.alloc(size)), { code: 'backend.full' })
      }
    } finally {
      await setQuota(config, `/${config.namespace}`, -1)
    }
    assert.deepEqual(await raw.list('small'), [])
  })

  it('refuses to replace a folder by a file', async () => {
    await raw.publish('folder/file', BYTES)
    await assert.rejects(raw.publish('folder', BYTES), { code: 'writer.fenced' })
    assert.deepEqual(await raw.list('folder'), ['file'])
  })

  it('has each datanode flush a file to its disk', async () => {
    // The datanode makes its figures anew every ten seconds.
    for (let wait = 0; (await flushes(config)) <= flushesBefore; wait++) {
      assert.ok(wait < 60, 'no flush was counted')
      await sleep(250)
    }
  })
})

function clientOf({ hdfs: { webhdfs: address, user } }: ClusterConfig): WebHdfsClient {
  return new WebHdfsClient({ address, user, timeout_ms: 10_000 })
}

/** A call that only tests make. */
async function call(
  config: ClusterConfig,
  method: string,
  path: string,
  query: Record<string, string>,
): Promise<unknown> {
  const url = new URL(`/webhdfs/v1${path}`, config.hdfs.webhdfs)
  url.search = new URLSearchParams({ 'user.name': config.hdfs.user, ...query }).toString()
  const answer = await fetch(url, { method })
  const text = await answer.text()
  assert.ok(answer.ok, text)
  return text === '' ? undefined : JSON.parse(text)
}

async function removeAll(config: ClusterConfig): Promise<void> {
  await call(config, 'DELETE', `/${config.namespace}`, { op: 'DELETE', recursive: 'true' })
}

async function setQuota(config: ClusterConfig, path: string, bytes: number): Promise<void> {
  await call(config, 'PUT', path, {
    op: 'SETQUOTA',
    namespacequota: '9223372036854775807',
    storagespacequota: String(bytes),
  })
}

/** How often a datanode has flushed, for writers that asked for it. */
async function flushes(config: ClusterConfig): Promise<number> {
  const probe = { op: 'CREATE', noredirect: 'true' }
  const { Location } = (await call(config, 'PUT', `/${config.namespace}/probe`, probe)) as { Location: string }
  const answer = await fetch(new URL('/jmx?qry=Hadoop:service=DataNode,name=DataNodeActivity*', Location))
  const { beans } = (await answer.json()) as { beans: { FsyncCount: number }[] }
  return beans.reduce((sum, { FsyncCount }) => sum + FsyncCount, 0)
}

/** Of a file whose upload broke off: the datanode closes it a moment later. */
async function closedStatus(hdfs: WebHdfsClient, path: string): Promise<FileStatus> {
  for (;;) {
    const status = await hdfs.status(path)
    if (status.length > 0) return status
    await sleep(20)
  }
}
