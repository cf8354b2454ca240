import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { CellBlockReader, encodeCells } from './cell-block.ts'
import { Connection } from './connection.ts'
import { HbaseError } from './hbase-error.ts'
import { CLIENT, ResponseHeader } from './hbase-protocol.ts'

const OPTIONS = { service: 'ClientService', user: 'u', connect_ms: 1000, call_ms: 300 } as const
const GET = { region: { type: 'REGION_NAME', value: 'r' }, gxt: { row: 'a' } }

describe('a connection to HBase', () => {
  let server: Server | undefined
  let connection: Connection | undefined
  afterEach(() => {
    connection?.close()
    server?.close()
  })

  /** Connects to a server that does with the socket what the test says, after the preamble and the first call came. */
  const connectTo = async (
    serve: (socket: Socket) => void,
  ): Promise<{ connection: Connection; closed: Promise<void> }> => {
    server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => serve(socket))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const closed = Promise.withResolvers<void>()
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    connection = await Connection.open(address, OPTIONS, closed.resolve)
    return { connection, closed: closed.promise }
  }

  it('is refused by a closed port at once, with the promise that nothing was sent', async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    await assert.rejects(
      Connection.open(`127.0.0.1:${port}`, OPTIONS, () => {}),
      failure('unreachable', /ECONNREFUSED/),
    )
  })

  it('settles the calls under way when the server dies, and those after that', async () => {
    const { connection: open, closed } = await connectTo((socket) => socket.resetAndDestroy())
    const calls = [open.call(CLIENT.get, GET), open.call(CLIENT.get, GET)]
    for (const call of calls) await assert.rejects(call, failure('unanswered', /did not answer/))
    await closed
    await assert.rejects(open.call(CLIENT.get, GET), failure('unreachable', /closed/))
  })

  it('settles a call at its deadline when nothing comes, and does not mind the answer that comes later', async () => {
    const { connection: open } = await connectTo((socket) => setTimeout(() => socket.write(answer(1)), 350))
    await assert.rejects(open.call(CLIENT.get, GET), failure('unanswered', /did not answer Get in 300 ms/))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await assert.rejects(open.call(CLIENT.get, GET), failure('unanswered', /300 ms/))
  })

  it('gives each call its own answer, in whatever order and pieces they come', async () => {
    const cells = (value: string) => [{ key: Buffer.from('k'), cells: [cell(value)] }]
    const { connection: open } = await connectTo(async (socket) => {
      const frames = Buffer.concat([
        answer(2, encodeCells(cells('two'), 'put')),
        answer(1, encodeCells(cells('one'), 'put')),
      ])
      for (const byte of frames) {
        socket.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
    })
    const both = await Promise.all([open.call(CLIENT.get, GET), open.call(CLIENT.get, GET)])
    const values = both.map(({ message, block }) => {
      const row = new CellBlockReader(block).row(message.result!.associatedCellCount!)
      return row!.cells[0]!.value.toString()
    })
    assert.deepEqual(values, ['one', 'two'])
  })

  it('tells the exception of a server by its name', async () => {
    const exception = {
      exceptionClassName: 'org.x.RegionMovedException',
      stackTrace: 'moved to b:2\n\tat x',
      doNotRetry: false,
    }
    const header = new ResponseHeader({ callId: 1, exception }).toBuffer()
    const { connection: open } = await connectTo((socket) => socket.write(framed(Buffer.of(header.length), header)))
    await assert.rejects(open.call(CLIENT.get, GET), (error: unknown) => {
      assert.ok(error instanceof HbaseError)
      assert.equal(error.exception, 'RegionMovedException')
      assert.match(error.message, /moved to b:2$/)
      return error.mayRetry(false)
    })
  })
})

describe('a failure of HBase', () => {
  const refused = (exception: string, final = false) => new HbaseError('refused', '', `org.x.${exception}`, final)

  it('allows another try when nothing can have been done, and else only of what may be done twice', () => {
    const kinds: [HbaseError, boolean, boolean][] = [
      [new HbaseError('unreachable', ''), true, true],
      [new HbaseError('unanswered', ''), true, false],
      [refused('NotServingRegionException'), true, true],
      [refused('CallQueueTooBigException'), true, true],
      [refused('WALClosedException'), true, false],
      [refused('NoSuchColumnFamilyException'), false, false],
      [refused('SomethingElse', true), false, false],
    ]
    for (const [error, twice, once] of kinds) {
      assert.equal(error.mayRetry(true), twice, error.exception)
      assert.equal(error.mayRetry(false), once, error.exception)
    }
  })
})

function failure(kind: HbaseError['failure'], message: RegExp) {
  return (error: unknown): boolean =>
    error instanceof HbaseError && error.failure === kind && message.test(error.message)
}

function cell(value: string) {
  return { qualifier: Buffer.from('q'), timestamp: 1, value: Buffer.from(value) }
}

/** A Get's answer with the cells of its row in a block. */
function answer(callId: number, block: Buffer = Buffer.alloc(0)): Buffer {
  const header = new ResponseHeader({ callId, cellBlockMeta: { length: block.length } }).toBuffer()
  const message = new CLIENT.get.response({ result: { associatedCellCount: block.length > 0 ? 1 : 0 } }).toBuffer()
  return framed(Buffer.of(header.length), header, Buffer.of(message.length), message, block)
}

function framed(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}
