/**
 * One keep-alive HTTP/1.1 connection on a bare socket, for the benchmark and for tests that must see every byte. Ready
 * clients take as long to make a request as the server takes to answer it, and none sends what a hostile one would.
 */
import { connect, type Socket } from 'node:net'

export interface Answer {
  status: number
  /** By lower-case name; of headers that repeat, the last. */
  headers: ReadonlyMap<string, string>
  body: string
}

export interface Connection {
  /** Sends one request, as bytes, and resolves with its answer. One at a time. @throws Error when the peer closes before */
  request(bytes: string | Uint8Array): Promise<Answer>
  /** Sends bytes and waits for nothing. */
  write(bytes: string | Uint8Array): void
  /** The next answer, whatever was sent. @throws Error when the peer closes before */
  answer(): Promise<Answer>
  /** Resolves when the connection is over, whoever ended it. */
  readonly closed: Promise<void>
  close(): void
}

export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  const connected = Promise.withResolvers<void>()
  socket.once('connect', connected.resolve).once('error', connected.reject)
  await connected.promise
  socket.off('error', connected.reject)
  return overSocket(socket)
}

/** The bytes of a POST of JSON. */
export function postJson(path: string, body: string, headers: Readonly<Record<string, string>> = {}): Buffer {
  const lines = Object.entries({ 'Content-Type': 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const length = Buffer.byteLength(body)
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}Content-Length: ${length}\r\n\r\n${body}`,
  )
}

/** The bytes of a GET. */
export function get(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`
}

interface Head {
  /** Status line and headers. */
  text: string
  bodyStart: number
  bodyLength: number
}

function overSocket(socket: Socket): Connection {
  let received: Buffer = Buffer.alloc(0)
  let waiting: PromiseWithResolvers<Answer> | undefined
  const closed = Promise.withResolvers<void>()

  const settle = (): void => {
    if (!waiting) return
    const head = headOf(received)
    if (!head || received.length < head.bodyStart + head.bodyLength) return
    const end = head.bodyStart + head.bodyLength
    const answer = answerOf(head.text, received.toString('utf8', head.bodyStart, end))
    received = received.subarray(end)
    const { resolve } = waiting
    waiting = undefined
    resolve(answer)
  }
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    settle()
  })
  // A reset shows as the end of the connection, which is where it is looked for.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    waiting?.reject(new Error(`expected an answer, but the connection ended after ${received.length} bytes`))
    waiting = undefined
    closed.resolve()
  })
  const answer = (): Promise<Answer> => {
    waiting = Promise.withResolvers<Answer>()
    const { promise } = waiting
    if (socket.destroyed) waiting.reject(new Error('expected an open connection, but it has ended'))
    settle()
    return promise
  }
  return {
    request: (bytes) => {
      socket.write(bytes)
      return answer()
    },
    write: (bytes) => void socket.write(bytes),
    answer,
    closed: closed.promise,
    close: () => socket.destroy(),
  }
}

function headOf(received: Buffer): Head | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const text = received.toString('latin1', 0, end)
  return { text, bodyStart: end + 4, bodyLength: Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0) }
}

/** The benchmark looks at the status only, so headers are read when they are asked for. */
function answerOf(head: string, body: string): Answer {
  return {
    status: Number(head.slice(9, 12)),
    get headers() {
      const headers = new Map<string, string>()
      for (const line of head.split('\r\n').slice(1)) {
        const colon = line.indexOf(':')
        headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
      }
      return headers
    },
    body,
  }
}
