import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { HbaseError } from './hbase-error.ts'
import { findMaster } from './zookeeper.ts'

describe('a look at ZooKeeper', () => {
  it('leaves no socket behind when nobody answers', async (t) => {
    const open = new Set<Socket>()
    let taken = 0
    const silent = createServer((socket) => {
      taken++
      open.add(socket)
      // Read, so that the other side's end is seen.
      socket.resume()
      socket.on('error', () => {})
      socket.on('close', () => open.delete(socket))
    }).listen(0, '127.0.0.1')
    t.after(() => {
      for (const socket of open) socket.destroy()
      silent.close()
    })
    await once(silent, 'listening')
    const quorum = [`127.0.0.1:${(silent.address() as AddressInfo).port}`]
    for (let look = 0; look < 3; look++) {
      await assert.rejects(
        findMaster({ quorum, znode: '/hbase', user: 'u' }, 100),
        (error: unknown) => error instanceof HbaseError && /no answer in 100 ms/.test(error.message),
      )
    }
    assert.equal(taken, 3)
    for (let waited = 0; open.size > 0 && waited < 40; waited++) await sleep(25)
    assert.equal(open.size, 0)
  })
})
