/** A way to a broker that tests can disturb without disturbing the broker, which other tests use too. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Relay {
  /** Where to connect. */
  address: string
  /** Holds back all that the broker answers; requests still reach it, so that it does what nobody hears of. */
  hold(): void
  /** Lets all that was held back go on. */
  release(): void
  /** Breaks all connections, as when the broker dies. */
  cut(): void
  close(): Promise<void>
}

export async function openRelay(target: string): Promise<Relay> {
  const [host, port] = target.split(':') as [string, string]
  const ways = new Set<{ near: Socket; far: Socket }>()
  let held = false
  const server = createServer((near) => {
    const way = { near, far: connect({ host, port: Number(port) }) }
    ways.add(way)
    near.pipe(way.far)
    if (!held) way.far.pipe(near)
    for (const socket of [near, way.far]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        ways.delete(way)
        near.destroy()
        way.far.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const { near, far } of ways) {
      near.resetAndDestroy()
      far.destroy()
    }
  }
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold() {
      held = true
      for (const { near, far } of ways) far.unpipe(near)
    },
    release() {
      held = false
      for (const { near, far } of ways) far.pipe(near)
    },
    cut,
    async close() {
      server.close()
      cut()
      if (server.listening) await once(server, 'close')
    },
  }
}
