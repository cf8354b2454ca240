/**
 * A TCP proxy on 127.0.0.1 that toxics can be put on: for all connections there are and all that come, until they are
 * taken off. Bytes are not looked at. What TCP says beside bytes goes through as well: a half-closed end, back-pressure, a
 * reset.
 */
import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { drawsAt, type Key } from '../../datasets/random.ts'
import type { ExecutorClock } from '../executors/clock.ts'
import type { Direction, Toxic } from './fault.ts'
import { Link } from './link.ts'
import { quietPorts } from './quiet-port.ts'
import { Hold, type Item, stageOf, type ToxicStage } from './toxic-stage.ts'

export interface ProxyOptions {
  /** Where connections go on to, on 127.0.0.1. */
  target_port: number
  clock: ExecutorClock
  /** Equal seeds give the n-th connection the same jitter, slices and luck. */
  seed: Key
}

export interface LinkToxic {
  toxic: Toxic | { toxic: 'hold' }
  stream: Direction
  /** Share of connections that it is put on, 0 to 1. */
  toxicity: number
}

export async function openProxy(options: ProxyOptions): Promise<TcpProxy> {
  const proxy = new TcpProxy(options)
  await proxy.listen()
  return proxy
}

/** A sender is held up when this much of what it sent waits in a direction. */
const HELD_BYTES_MAX = 256 * 1024
const LISTEN_AGAIN_MS = 20

export class TcpProxy {
  readonly #options: ProxyOptions
  readonly #connections = new Set<Connection>()
  /** By number, in the order they were put on. */
  readonly #toxics = new Map<number, LinkToxic>()
  #toxicCount = 0
  #connectionCount = 0
  #server: Server | undefined
  #port = 0
  /** How many faults keep it down. */
  #downs = 0

  constructor(options: ProxyOptions) {
    this.#options = options
  }

  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#connections.size
  }

  /** Listens on the port that it had, or finds one. */
  async listen(): Promise<void> {
    let failure: unknown
    for (const port of this.#port === 0 ? await quietPorts() : Array<number>(50).fill(this.#port)) {
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
      const listening = once(server, 'listening')
      server.listen({ host: '127.0.0.1', port, backlog: 4096 })
      try {
        await listening
      } catch (error) {
        failure = error
        if (this.#port !== 0) await new Promise((resolve) => setTimeout(resolve, LISTEN_AGAIN_MS))
        continue
      }
      this.#server = server
      this.#port = (server.address() as { port: number }).port
      return
    }
    throw failure
  }

  /** Puts a toxic on; the result takes it off. */
  add(toxic: LinkToxic): () => void {
    const number = this.#toxicCount++
    this.#toxics.set(number, toxic)
    for (const connection of this.#connections) this.#poison(connection, number, toxic)
    return () => {
      this.#toxics.delete(number)
      for (const connection of this.#connections) connection.heal(number)
    }
  }

  /** Closes all connections and refuses new ones; the result ends that. */
  async down(): Promise<() => Promise<void>> {
    this.#downs++
    await this.#stopListening()
    return async () => {
      this.#downs--
      if (this.#downs === 0) await this.listen()
    }
  }

  async close(): Promise<void> {
    this.#downs++
    await this.#stopListening()
  }

  async #stopListening(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    const closed = server && once(server, 'close')
    server?.close()
    for (const connection of this.#connections) connection.destroy()
    await closed
  }

  #accept(client: Socket): void {
    const { clock, target_port } = this.#options
    const server = createConnection({ host: '127.0.0.1', port: target_port, allowHalfOpen: true, noDelay: true })
    const connection = new Connection(this.#connectionCount++, { client, server, clock }, () =>
      this.#connections.delete(connection),
    )
    this.#connections.add(connection)
    for (const [number, toxic] of this.#toxics) this.#poison(connection, number, toxic)
  }

  #poison(connection: Connection, number: number, { toxic, stream, toxicity }: LinkToxic): void {
    const draws = drawsAt(this.#options.seed, number, connection.number)
    if (draws.unit() >= toxicity) return
    connection.poison(number, stream, toxic.toxic === 'hold' ? new Hold() : stageOf(toxic, draws))
  }
}

interface Ends {
  client: Socket
  server: Socket
  clock: ExecutorClock
}

/** A client's connection to the proxy and the proxy's to the server, and the two links between them. */
class Connection {
  readonly number: number
  readonly #ends: Ends
  readonly #links: Readonly<Record<Direction, Link>>
  readonly #cures = new Map<number, () => void>()

  /** @param onClosed when both ends are closed */
  constructor(number: number, ends: Ends, onClosed: () => void) {
    this.number = number
    this.#ends = ends
    this.#links = { up: this.#join(ends.client, ends.server), down: this.#join(ends.server, ends.client) }
    let open = 2
    for (const socket of [ends.client, ends.server]) {
      socket.once('close', () => {
        open--
        if (open === 0) onClosed()
      })
    }
  }

  poison(number: number, stream: Direction, stage: ToxicStage): void {
    this.#cures.set(number, this.#links[stream].add(stage))
  }

  heal(number: number): void {
    this.#cures.get(number)?.()
    this.#cures.delete(number)
  }

  destroy(): void {
    this.#stop()
    this.#ends.client.destroy()
    this.#ends.server.destroy()
  }

  #join(source: Socket, sink: Socket): Link {
    const link: Link = new Link(this.#ends.clock, (item) => {
      this.#deliver(item, source, sink)
      flow()
    })
    const flow = (): void => {
      const full = link.held_bytes > HELD_BYTES_MAX || sink.writableNeedDrain
      if (full !== source.isPaused()) source[full ? 'pause' : 'resume']()
    }
    source.on('data', (bytes) => {
      link.push({ kind: 'data', bytes })
      flow()
    })
    source.on('end', () => link.push({ kind: 'end' }))
    // A refused connection can only be shown as one that breaks: it was accepted before the server was asked.
    source.on('error', () => link.push({ kind: 'reset' }))
    sink.on('drain', flow)
    return link
  }

  #deliver(item: Item, source: Socket, sink: Socket): void {
    switch (item.kind) {
      case 'data':
        if (sink.writable) sink.write(item.bytes)
        break
      case 'end':
        if (sink.writable) sink.end()
        break
      case 'close':
        this.#stop()
        sink.destroySoon()
        source.destroySoon()
        break
      case 'reset':
        this.#stop()
        sink.resetAndDestroy()
        source.resetAndDestroy()
        break
    }
  }

  #stop(): void {
    this.#links.up.stop()
    this.#links.down.stop()
  }
}
