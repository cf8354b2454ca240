import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { MusicboxError } from '../../datasets/failure.ts'
import { parseClusterConfig, readClusterConfig } from './cluster-config.ts'

const clusterOf = (kafka: object) => ({
  kafka: { brokers: ['127.0.0.1:9092'], ...kafka },
  hdfs: { webhdfs: 'http://127.0.0.1:9870', fs: 'hdfs://127.0.0.1:9000' },
  hive: { hiveserver2: '127.0.0.1:10000' },
  hbase: { quorum: ['127.0.0.1:2181'] },
})
const parse = (kafka: object) => parseClusterConfig(clusterOf(kafka), 'cluster.json').kafka

describe('cluster.json', () => {
  it('takes ports from 1 to 65535 only', () => {
    assert.deepEqual(parse({ brokers: ['a:1', 'a:65535'] }).brokers, ['a:1', 'a:65535'])
    for (const port of ['0', '00000', '65536', '99999']) {
      assert.throws(
        () => parse({ brokers: [`a:${port}`] }),
        refusal(/a port from 1 to 65535\s+→ at kafka\.brokers\[0\]/),
      )
    }
    for (const place of ['a', 'a:', 'a:123456', 'http://a:1']) {
      assert.throws(() => parse({ brokers: [place] }), refusal(/expected host:port/))
    }
  })

  it('sends no password in the open beyond this machine', () => {
    const sasl = { mechanism: 'plain', username: 'box', password_env: 'BOX_PASSWORD' }
    const open = refusal(/expected kafka\.tls in cluster\.json .* to broker\.example:9092/, /scram-sha-512/)
    const brokers = ['127.0.0.1:9092', 'broker.example:9092']
    assert.throws(() => parse({ brokers, sasl }), open)
    assert.throws(() => parse({ brokers, sasl, tls: false }), open)
    assert.throws(() => parse({ sasl, routes: { 'inside:9092': 'broker.example:9092' } }), open)
    assert.throws(() => parse({ brokers: ['127.0.0.1.example:9092'], sasl }), refusal(/to 127\.0\.0\.1\.example:9092/))

    assert.ok(parse({ brokers, sasl, tls: true }).sasl)
    assert.ok(parse({ brokers, sasl: { ...sasl, mechanism: 'scram-sha-256' } }).sasl)
    assert.ok(parse({ brokers: ['127.0.0.1:9092', 'localhost:9093'], sasl }).sasl)
    assert.ok(parse({ brokers, sasl, routes: { 'broker.example:9092': '127.0.0.1:19092' } }).sasl, 'through a tunnel')
  })

  it('finds the files of TLS from where it is itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'musicbox-config-'))
    try {
      const path = join(folder, 'there', 'cluster.json')
      await mkdir(join(folder, 'there'))
      const tls = { ca: 'ca.pem', cert: '../box.pem', key: '/keys/box.pem' }
      await writeFile(path, JSON.stringify(clusterOf({ tls })))
      const found = { ca: join(folder, 'there', 'ca.pem'), cert: join(folder, 'box.pem'), key: '/keys/box.pem' }
      assert.deepEqual((await readClusterConfig(path)).kafka.tls, found)
      assert.deepEqual((await readClusterConfig(relative(process.cwd(), path))).kafka.tls, found)

      for (const asItIs of [{ tls: true }, {}]) {
        await writeFile(path, JSON.stringify(clusterOf(asItIs)))
        assert.deepEqual((await readClusterConfig(path)).kafka, parse(asItIs))
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

function refusal(message: RegExp, hint = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof MusicboxError)
    assert.equal(error.code, 'input.invalid')
    assert.match(error.message, message)
    assert.match(error.hint, hint)
    return true
  }
}
