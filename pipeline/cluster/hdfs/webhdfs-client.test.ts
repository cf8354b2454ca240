/** Against a server that answers as the test says: what a real one does rarely, or not on this machine. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { MusicboxError } from '../../../datasets/failure.ts'
import { parseClusterConfig } from '../cluster-config.ts'
import { HdfsError, mayPass } from './hdfs-error.ts'
import { openHdfsRawStore } from './hdfs-raw-store.ts'
import { WebHdfsClient } from './webhdfs-client.ts'

type Reply = (request: IncomingMessage, response: ServerResponse) => void

describe('WebHDFS client', () => {
  let reply: Reply
  let asked: URL[]
  const server = createServer((request, response) => {
    asked.push(new URL(request.url!, 'http://host'))
    request.resume().on('end', () => reply(request, response))
  })
  let address: string
  let hdfs: WebHdfsClient
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    hdfs = new WebHdfsClient({ address, user: 'somebody', timeout_ms: 200 })
  })
  beforeEach(() => {
    asked = []
  })
  after(() => {
    hdfs.close()
    server.closeAllConnections()
    server.close()
  })
  const refuse =
    (status: number, exception: string, message: string): Reply =>
    (_, response) =>
      response.writeHead(status).end(JSON.stringify({ RemoteException: { exception, message } }))
  const json =
    (value: unknown): Reply =>
    (_, response) =>
      response.end(JSON.stringify(value))
  const failing = async (call: Promise<unknown>): Promise<HdfsError> => {
    const error = await call.then(
      () => assert.fail('expected a failure'),
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof HdfsError, String(error))
    return error
  }

  it('sends the bytes to the datanode that the namenode names, asking for a flush and for no replacing', async () => {
    const bodies: string[] = []
    reply = async (request, response) => {
      if (request.url!.startsWith('/webhdfs')) json({ Location: `${address}/datanode?op=CREATE` })(request, response)
      else response.writeHead(201).end()
      bodies.push(request.headers['content-length']!)
    }
    await hdfs.create('/a b/ö%#?+', Buffer.from('four'))
    assert.equal(asked[0]!.pathname, '/webhdfs/v1/a%20b/%C3%B6%25%23%3F%2B')
    assert.deepEqual(Object.fromEntries(asked[0]!.searchParams), {
      op: 'CREATE',
      'user.name': 'somebody',
      overwrite: 'false',
      createflag: 'CREATE,SYNC_BLOCK',
      noredirect: 'true',
    })
    assert.equal(asked[1]!.pathname, '/datanode')
    assert.deepEqual(bodies, ['0', '4'])
  })

  it('keeps the exception, the status and the address, and leaves the Java stack out', async () => {
    reply = refuse(403, 'SafeModeException', 'Cannot create. Name node is in safe mode.\n\tat org.apache.Stack')
    const error = await failing(hdfs.mkdirs('/x'))
    assert.deepEqual([error.exception, error.status], ['SafeModeException', 403])
    const at = address.slice('http://'.length)
    assert.equal(error.message, `MKDIRS /x at ${at}: SafeModeException: Cannot create. Name node is in safe mode.`)
  })

  it('takes "200 false" for the failure that it is', async () => {
    reply = json({ boolean: false })
    assert.equal((await failing(hdfs.mkdirs('/x'))).exception, 'NotMade')
    assert.equal(await hdfs.delete('/x'), false)
  })

  it('gives up on a server that says nothing, or stops in the middle of an answer', async () => {
    reply = () => {}
    assert.equal((await failing(hdfs.status('/x'))).exception, 'ETIMEDOUT')
    reply = (_, response) => void response.writeHead(200, { 'content-length': 100 }).write('half')
    assert.equal((await failing(hdfs.status('/x'))).exception, 'ETIMEDOUT')
  })

  it('does not take half an answer for a whole one', async () => {
    reply = (_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half', () => response.destroy())
    }
    const error = await failing(hdfs.status('/x'))
    assert.equal(error.status, undefined)
    assert.ok(mayPass(error))
  })

  it('knows what may pass and what will not', async () => {
    const cases: [Reply, boolean][] = [
      [refuse(403, 'SafeModeException', 'in safe mode'), true],
      [refuse(403, 'StandbyException', 'not supported in state standby'), true],
      [refuse(403, 'RetriableException', 'NameNode still not started'), true],
      [refuse(403, 'IOException', 'Failed to find datanode, suggest to check cluster health.'), true],
      [(_, response) => response.writeHead(502).end('<html>bad gateway'), true],
      [refuse(404, 'FileNotFoundException', 'File does not exist: /x'), false],
      [refuse(403, 'AccessControlException', 'Permission denied'), false],
      [(_, response) => response.writeHead(401).end('<html>Authentication required'), false],
      [(_, response) => response.writeHead(404).end('<html>no WebHDFS here'), false],
    ]
    for (const [each, passes] of cases) {
      reply = each
      const error = await failing(hdfs.status('/x'))
      assert.equal(mayPass(error), passes, error.message)
    }
  })

  it('refuses an answer that is not of WebHDFS, naming who gave it', async () => {
    const page = '<html>Welcome</html>'
    const others: Reply[] = [(_, response) => response.end(page), json({}), json(null), (_, response) => response.end()]
    const calls: [string, () => Promise<unknown>][] = [
      ['GETFILESTATUS', () => hdfs.status('/x')],
      ['LISTSTATUS', () => hdfs.list('/x')],
      ['MKDIRS', () => hdfs.mkdirs('/x')],
      ['CREATE', () => hdfs.create('/x', Buffer.from('bytes'))],
      ['OPEN', () => hdfs.read('/x')],
      ['DELETE', () => hdfs.delete('/x')],
    ]
    for (const other of others) {
      reply = other
      for (const [op, call] of calls) {
        const error = await failing(call())
        assert.equal(error.exception, 'NotWebHDFS')
        assert.ok(
          error.message.startsWith(`${op} /x at ${address.slice('http://'.length)}: NotWebHDFS: `),
          error.message,
        )
        assert.equal(mayPass(error), false)
      }
    }
    // The one call that is answered with nothing.
    await hdfs.rename('/x', '/y')
    reply = others[0]!
    assert.match((await failing(hdfs.rename('/x', '/y'))).message, /got <html>Welcome/)
    reply = json({ Location: 'datanode-1' })
    assert.equal((await failing(hdfs.read('/x'))).exception, 'NotWebHDFS')
  })

  describe('as a raw store uses it', () => {
    const open = (options: { open_ms: number }) =>
      openHdfsRawStore(
        parseClusterConfig(
          {
            kafka: { brokers: ['a:1'] },
            hdfs: { webhdfs: address, fs: 'hdfs://a:1' },
            hive: { hiveserver2: 'a:1' },
            hbase: { quorum: ['a:1'] },
          },
          'this test',
        ),
        options,
      )

    it('waits while the namenode starts', async () => {
      const starting = [
        refuse(403, 'RetriableException', 'NameNode still not started'),
        refuse(403, 'SafeModeException', 'Name node is in safe mode'),
        json({ boolean: true }),
        json({ FileStatuses: { FileStatus: [] } }),
      ]
      reply = (request, response) => starting.shift()!(request, response)
      await (await open({ open_ms: 5000 })).close()
      assert.deepEqual(starting, [])
    })

    it('does not wait where waiting is of no use, and says why', async () => {
      reply = refuse(401, 'SecurityException', 'Failed to obtain user group information: no Kerberos')
      await assert.rejects(open({ open_ms: 60_000 }), (error) => {
        assert.ok(error instanceof MusicboxError)
        assert.equal(error.code, 'backend.unreachable')
        assert.match(error.message, /could not open the raw store \/musicbox\/raw: .*SecurityException/)
        assert.match(error.hint, /hdfs\.user .* not Kerberos/)
        return true
      })
      assert.equal(asked.length, 1)
    })

    it('says at once that the address is that of something else', async () => {
      reply = (_, response) => response.end('<html>Welcome</html>')
      await assert.rejects(open({ open_ms: 60_000 }), (error) => {
        assert.ok(error instanceof MusicboxError)
        assert.equal(error.code, 'backend.unreachable')
        assert.ok(error.message.includes(` at ${address.slice('http://'.length)}: NotWebHDFS`), error.message)
        assert.match(error.hint, /hdfs\.webhdfs/)
        return true
      })
    })

    it('does nothing after it is closed, and ends what is under way', { timeout: 10_000 }, async () => {
      reply = (request, response) =>
        json(request.method === 'PUT' ? { boolean: true } : { FileStatuses: { FileStatus: [] } })(request, response)
      const raw = await open({ open_ms: 5000 })
      const isClosed = (error: unknown): boolean =>
        error instanceof MusicboxError && error.code === 'backend.unreachable' && /closed/.test(error.message)

      const arrived = new Promise<void>((resolve) => {
        reply = () => resolve()
      })
      const underWay = assert.rejects(raw.list('dt=2026-01-01'), isClosed)
      await arrived
      await raw.close()
      await underWay
      asked = []
      await assert.rejects(raw.list('dt=2026-01-01'), isClosed)
      await assert.rejects(raw.read('a/b'), isClosed)
      await assert.rejects(raw.publish('a/b', Buffer.from('bytes')), isClosed)
      await assert.rejects(raw.remove('a/b'), isClosed)
      assert.deepEqual(asked, [])
      await raw.close()
    })

    it('names the address that nobody answers at', async () => {
      const closed = createServer().listen(0, '127.0.0.1')
      await once(closed, 'listening')
      const { port } = closed.address() as AddressInfo
      await new Promise((resolve) => closed.close(resolve))
      const working = address
      address = `http://127.0.0.1:${port}`
      try {
        await assert.rejects(open({ open_ms: 300 }), (error) => {
          assert.ok(error instanceof MusicboxError)
          assert.equal(error.code, 'backend.unreachable')
          assert.match(error.message, new RegExp(`at 127\\.0\\.0\\.1:${port}: ECONNREFUSED`))
          assert.match(error.hint, /hdfs\.webhdfs/)
          return true
        })
      } finally {
        address = working
      }
    })
  })
})
