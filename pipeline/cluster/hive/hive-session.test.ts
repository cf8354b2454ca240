import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import hive from 'hive-driver'
import { MusicboxError } from '../../../datasets/failure.ts'
import { HiveSession } from './hive-session.ts'

/** A server that takes connections and does with each what a test says. */
async function listen(take: (socket: Socket) => void): Promise<{ server: Server; address: string }> {
  const server = createServer(take)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, address: `127.0.0.1:${(server.address() as { port: number }).port}` }
}

describe('a session with a server that does not answer', () => {
  const servers: Server[] = []
  const sockets: Socket[] = []
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })

  const refusalOf = async (
    take: ((socket: Socket) => void) | undefined,
  ): Promise<{ error: MusicboxError; address: string }> => {
    const { server, address } = await listen((socket) => {
      sockets.push(socket.on('error', () => {}))
      take?.(socket)
    })
    if (take) servers.push(server)
    else await new Promise((resolve) => server.close(resolve))
    const error = await HiveSession.open({ address, user: 'test', connect_ms: 2000, call_ms: 300 }).then(
      () => assert.fail('it opened'),
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof MusicboxError && error.code === 'backend.unreachable', String(error))
    return { error, address }
  }

  it('is refused at once where nobody listens, and names the address', async () => {
    const begun_ms = performance.now()
    const { error, address } = await refusalOf(undefined)
    assert.ok(error.message.includes(address), error.message)
    assert.match(error.message, /ECONNREFUSED/)
    assert.ok(performance.now() - begun_ms < 1500)
  })

  it('ends at its deadline where somebody listens and is silent', async () => {
    const { error } = await refusalOf(() => {})
    assert.match(error.message, /no answer within 0.3 s/)
  })

  it('ends when the other side hangs up in the middle of a call', async () => {
    const { error } = await refusalOf((socket) => socket.once('data', () => socket.destroy()))
    assert.match(error.message, /closed|ECONNRESET/)
  })

  it('needs all that: hive-driver alone takes a refused port for a connection, and waits for ever', async () => {
    const { server, address } = await listen((socket) => {
      sockets.push(socket.on('error', () => {}))
      socket.once('data', () => socket.destroy())
    })
    servers.push(server)
    const alone = async (port: number): Promise<InstanceType<typeof hive.HiveClient>> => {
      const client = new hive.HiveClient(hive.thrift.TCLIService, hive.thrift.TCLIService_types)
      client.on('error', () => {})
      const provider = new hive.connections.TcpConnection()
      return (await client.connect(
        { host: '127.0.0.1', port },
        provider,
        new hive.auth.NoSaslAuthentication(),
      )) as never
    }
    // The least port is one that nobody listens on.
    await assert.doesNotReject(alone(1))
    const client = await alone(Number(address.split(':')[1]))
    await sleep(100)
    const request = { client_protocol: hive.thrift.TCLIService_types.TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V10 }
    const closed = once(client, 'close')
    const opening = client.openSession(request).then(
      () => 'settled',
      () => 'settled',
    )
    await closed
    assert.equal(await Promise.race([opening, sleep(300, 'waits')]), 'waits')
  })
})
