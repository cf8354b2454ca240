/**
 * One connection to a region server or to the master.
 *
 * Every call settles: by its answer, at its deadline, or when the connection closes. A request is framed as its length, then
 * header and message, each after its own length as a varint, then the block of cells.
 */
import { createConnection, type Socket } from 'node:net'
import { HbaseError } from './hbase-error.ts'
import { ConnectionHeader, type Method, RequestHeader, ResponseHeader } from './hbase-protocol.ts'

export interface ConnectionOptions {
  service: 'ClientService' | 'MasterService'
  user: string
  connect_ms: number
  call_ms: number
}

export interface Answer<Fields> {
  message: Fields
  /** Cells beside the message; empty when there are none. */
  block: Buffer
}

interface OpenCall {
  settle(header: { exception: HbaseError } | undefined, frame: Buffer, at: number, blockLength: number): void
  fail(error: HbaseError): void
}

const PREAMBLE = Buffer.from([0x48, 0x42, 0x61, 0x73, 0, 80]) // "HBas", version 0, simple authentication
const NOTHING = Buffer.alloc(0)

export class Connection {
  readonly server: string
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #calls = new Map<number, OpenCall>()
  #nextCall = 1
  #closed = false
  /** What came and makes no whole frame yet. */
  #chunks: Buffer[] = []
  #received = 0
  /** Length of the frame that is coming; 0 while its first four bytes are not here. */
  #awaited = 0

  /**
   * @param onClose told once, when no more calls can be made
   * @throws HbaseError `unreachable`
   */
  static async open(server: string, options: ConnectionOptions, onClose: () => void): Promise<Connection> {
    const at = server.lastIndexOf(':')
    const socket = createConnection({ host: server.slice(0, at), port: Number(server.slice(at + 1)), noDelay: true })
    socket.setKeepAlive(true, 30_000)
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => socket.destroy(new Error('no answer')), options.connect_ms)
      socket.once('connect', () => {
        clearTimeout(timer)
        resolve()
      })
      socket.once('error', (cause) => {
        clearTimeout(timer)
        reject(new HbaseError('unreachable', `${server} did not take a connection: ${cause.message}`))
      })
    })
    return new Connection(server, socket, options, onClose)
  }

  private constructor(server: string, socket: Socket, options: ConnectionOptions, onClose: () => void) {
    this.server = server
    this.#socket = socket
    this.#options = options
    let problem = 'it closed the connection'
    socket.removeAllListeners('error')
    socket.on('error', (cause) => {
      problem = cause.message
    })
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('close', () => {
      this.#closed = true
      onClose()
      for (const call of this.#calls.values()) {
        call.fail(new HbaseError('unanswered', `${server} did not answer: ${problem}`))
      }
      this.#calls.clear()
    })
    const header = new ConnectionHeader({
      userInfo: { effectiveUser: options.user },
      serviceName: options.service,
      cellBlockCodecClass: 'org.apache.hadoop.hbase.codec.KeyValueCodec',
      versionInfo: VERSION_INFO,
    }).toBuffer()
    const length = Buffer.alloc(4)
    length.writeUInt32BE(header.length)
    socket.write(Buffer.concat([PREAMBLE, length, header]))
  }

  /** @throws HbaseError */
  call<Fields>(method: Method<Fields>, request: object, block: Buffer = NOTHING): Promise<Answer<Fields>> {
    if (this.#closed) return Promise.reject(new HbaseError('unreachable', `${this.server} closed the connection`))
    const callId = this.#nextCall++
    const message = new method.request(request).toBuffer()
    const header = new RequestHeader({
      callId,
      methodName: method.name,
      requestParam: true,
      timeout: this.#options.call_ms,
      ...(block.length > 0 && { cellBlockMeta: { length: block.length } }),
    }).toBuffer()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls.delete(callId)
        reject(
          new HbaseError('unanswered', `${this.server} did not answer ${method.name} in ${this.#options.call_ms} ms`),
        )
      }, this.#options.call_ms)
      this.#calls.set(callId, {
        settle: (refusal, frame, at, blockLength) => {
          clearTimeout(timer)
          if (refusal) return reject(refusal.exception)
          try {
            const { value: length, next } = readVarint(frame, at)
            const answer = method.response.decode(frame.subarray(next, next + length))
            resolve({ message: answer, block: frame.subarray(frame.length - blockLength) })
          } catch (cause) {
            reject(cause)
          }
        },
        fail: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      })
      this.#send(header, message, block)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #send(header: Buffer, message: Buffer, block: Buffer): void {
    const lengths = [varint(header.length), varint(message.length)] as const
    const frame = Buffer.alloc(4)
    frame.writeUInt32BE(lengths[0].length + header.length + lengths[1].length + message.length + block.length)
    this.#socket.cork()
    this.#socket.write(Buffer.concat([frame, lengths[0], header, lengths[1], message]))
    if (block.length > 0) this.#socket.write(block)
    this.#socket.uncork()
  }

  /** Joins chunks only when a frame is whole, so that a large answer is copied once. */
  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#received += chunk.length
    while (this.#received >= (this.#awaited || 4)) {
      const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#received)
      const used = this.#awaited || 4
      if (this.#awaited) this.#frame(all.subarray(0, used))
      this.#awaited = this.#awaited ? 0 : all.readUInt32BE(0)
      this.#received -= used
      this.#chunks = this.#received > 0 ? [all.subarray(used)] : []
    }
  }

  #frame(frame: Buffer): void {
    const { value: length, next } = readVarint(frame, 0)
    const header = ResponseHeader.decode(frame.subarray(next, next + length))
    const call = this.#calls.get(header.callId)
    // Without a call: the answer came after its deadline.
    if (!call) return
    this.#calls.delete(header.callId)
    const { exception } = header
    const refusal = exception && {
      exception: new HbaseError(
        'refused',
        `${this.server}: ${firstLine(exception.stackTrace)}`,
        exception.exceptionClassName,
        exception.doNotRetry ?? false,
      ),
    }
    call.settle(refusal ?? undefined, frame, next + length, header.cellBlockMeta?.length ?? 0)
  }
}

/** The version whose protocol is spoken here. */
const VERSION_INFO = {
  version: '2.6.1',
  url: '',
  revision: '',
  user: '',
  date: '',
  srcChecksum: '',
  versionMajor: 2,
  versionMinor: 6,
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}

function readVarint(bytes: Buffer, at: number): { value: number; next: number } {
  let value = 0
  for (let shift = 0, next = at; ; shift += 7) {
    const byte = bytes.readUInt8(next++)
    value |= (byte & 127) << shift
    if (byte < 128) return { value: value >>> 0, next }
  }
}
