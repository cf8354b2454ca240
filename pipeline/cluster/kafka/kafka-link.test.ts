import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { kafkaConnection } from './kafka-connection.ts'
import { KafkaLink } from './kafka-link.ts'

describe('kafka link', () => {
  it('ends a call in its time when nobody answers, and opens nothing after it has given up', async () => {
    const open = new Set<Socket>()
    let refusing = true
    const server = createServer((socket) => {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => open.delete(socket))
      if (refusing) socket.resetAndDestroy()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const broker = `127.0.0.1:${(server.address() as AddressInfo).port}`
    // So many that kafkajs is still trying when the call's time, 400 ms, is over.
    const brokers = new Array<string>(20).fill(broker)
    const connection = await kafkaConnection({ brokers, partitions: 1, replication: 1 }, {})
    const link = new KafkaLink({ connection, topic: 't', connectTimeout_ms: 100, requestTimeout_ms: 100 })
    await assert.rejects(link.leaders(), /no answer from .* in 400 ms/)
    // From now on who comes may stay.
    refusing = false
    await sleep(500)
    assert.equal(open.size, 0)
    link.close()
    server.close()
  })

  it('fails what is under way when it is closed, and everything after', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const brokers = [`127.0.0.1:${(silent.address() as AddressInfo).port}`]
    const connection = await kafkaConnection({ brokers, partitions: 1, replication: 1 }, {})
    const link = new KafkaLink({ connection, topic: 't', connectTimeout_ms: 500, requestTimeout_ms: 500 })
    const underWay = link.offsets('next')
    await once(silent, 'connection')
    link.close()
    await assert.rejects(underWay)
    await assert.rejects(link.offsets('next'), /closed/)
    silent.close()
  })
})
