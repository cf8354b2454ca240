import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseClusterConfig } from './cluster-config.ts'
import { deleteTopic } from './remove-namespace.ts'

/** Kafka's numbers of requests. */
const METADATA = 3
const SASL_HANDSHAKE = 17
const API_VERSIONS = 18
const SASL_AUTHENTICATE = 36

/** What a broker says that knows no way to log in, as words of 16 bits: an error, and a list after its length in 32. */
const ANSWERS = new Map([
  [
    API_VERSIONS,
    [0, 0, 4, ...[METADATA, SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE].flatMap((api) => [api, 0, 1])],
  ],
  [SASL_HANDSHAKE, [0, 0, 0]],
])

describe('removing a namespace', () => {
  it('logs in to Kafka as the configuration says, and leaves no connection when it is refused', {
    timeout: 10_000,
  }, async () => {
    const open = new Set<Socket>()
    const broker = createServer((socket) => {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
      socket.on('error', () => {})
      let request = Buffer.alloc(0)
      socket.on('data', (bytes: Buffer) => {
        request = Buffer.concat([request, bytes])
        // A request begins with its length, its number, its version, and the number that its answer is to bear.
        if (request.length < 12 || request.length < 4 + request.readInt32BE(0)) return
        const answer = ANSWERS.get(request.readInt16BE(4))
        if (answer) socket.write(frameOf(request.readInt32BE(8), answer))
        else socket.destroy()
        request = Buffer.alloc(0)
      })
    }).listen(0, '127.0.0.1')
    await once(broker, 'listening')
    const config = parseClusterConfig(
      {
        kafka: {
          brokers: [`127.0.0.1:${(broker.address() as AddressInfo).port}`],
          sasl: { mechanism: 'scram-sha-256', username: 'box', password_env: 'BOX_PASSWORD' },
        },
        hdfs: { webhdfs: 'http://127.0.0.1:9870', fs: 'hdfs://127.0.0.1:9000' },
        hive: { hiveserver2: '127.0.0.1:10000' },
        hbase: { quorum: ['127.0.0.1:2181'] },
      },
      'this test',
    )
    try {
      const removal = deleteTopic(config, { BOX_PASSWORD: 'secret' })
      await assert.rejects(removal, /SCRAM-SHA-256 mechanism is not supported by the server/)
      await sleep(100)
      assert.equal(open.size, 0)
    } finally {
      for (const socket of open) socket.destroy()
      broker.close()
    }
  })
})

function frameOf(correlation: number, words: readonly number[]): Buffer {
  const frame = Buffer.alloc(8 + 2 * words.length)
  frame.writeInt32BE(frame.length - 4, 0)
  frame.writeInt32BE(correlation, 4)
  for (const [at, word] of words.entries()) frame.writeInt16BE(word, 8 + 2 * at)
  return frame
}
