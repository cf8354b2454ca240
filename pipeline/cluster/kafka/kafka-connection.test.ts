import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { isFailure } from '../../event-log.suite.ts'
import { parseClusterConfig } from '../cluster-config.ts'
import { kafkaConnection } from './kafka-connection.ts'
import { openKafkaEventLog } from './kafka-event-log.ts'

function cluster(kafka: object) {
  return parseClusterConfig(
    {
      kafka: { brokers: ['broker-1.example:9092'], ...kafka },
      hdfs: { webhdfs: 'http://127.0.0.1:9870', fs: 'hdfs://127.0.0.1:9000' },
      hive: { hiveserver2: '127.0.0.1:10000' },
      hbase: { quorum: ['127.0.0.1:2181'] },
    },
    'a test',
  )
}

describe('kafka connection', () => {
  let server: Server
  let address: string
  /** The first bytes that each connection brought. */
  const first: Promise<Buffer>[] = []

  before(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {})
      first.push(once(socket, 'data').then(([bytes]) => bytes as Buffer))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    address = `127.0.0.1:${(server.address() as { port: number }).port}`
  })
  after(() => void server.close())

  async function firstBytes(kafka: object): Promise<Buffer> {
    const { sockets } = await kafkaConnection(cluster(kafka).kafka, {})
    const made: { destroy(): void }[] = []
    const factory = sockets((socket) => made.push(socket))
    const socket = factory({ host: 'broker-1.example', port: 9092, ssl: {}, onConnect: () => {} })
    socket.on('error', () => {})
    socket.write('plain')
    while (first.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const bytes = await first.pop()!
    assert.equal(made.length, 1)
    made[0]!.destroy()
    return bytes
  }

  it('goes the way that is given for an advertised address', async () => {
    assert.equal(String(await firstBytes({ routes: { 'broker-1.example:9092': address } })), 'plain')
  })

  it('speaks TLS and asks for the advertised host, wherever the way goes', async () => {
    const hello = await firstBytes({ tls: true, routes: { 'broker-1.example:9092': address } })
    // A TLS record of the handshake, which names the server it wants to reach.
    assert.equal(hello[0], 0x16)
    assert.ok(hello.includes('broker-1.example'))
  })

  it('takes the password from the environment and not from the file', async () => {
    const sasl = { mechanism: 'scram-sha-256', username: 'box', password_env: 'BOX_PASSWORD' }
    const { kafka } = cluster({ sasl })
    const connection = await kafkaConnection(kafka, { BOX_PASSWORD: 'secret' })
    assert.deepEqual(connection.sasl, { mechanism: 'scram-sha-256', username: 'box', password: 'secret' })
    await assert.rejects(openKafkaEventLog(cluster({ sasl }), { env: {} }), (error) => {
      return isFailure(error, 'input.invalid') && /BOX_PASSWORD/.test(String(error))
    })
  })

  it('says which PEM file is missing', async () => {
    const { kafka } = cluster({ tls: { ca: '/nowhere/ca.pem' } })
    await assert.rejects(
      kafkaConnection(kafka, {}),
      (error) => isFailure(error, 'not.found') && /nowhere\/ca\.pem/.test(String(error)),
    )
  })
})
