import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CellRow, encodeCells } from './cell-block.ts'
import type { HbaseClient } from './hbase-client.ts'
import { CLIENT } from './hbase-protocol.ts'
import type { Region } from './region-map.ts'
import { type ScanOptions, scanPages } from './scan.ts'

const ALL: ScanOptions = { from: Buffer.alloc(0), to: Buffer.alloc(0) }

describe('a scan', () => {
  it('goes on where a page ended for want of time, with rows or without', async () => {
    const { client, asked } = answering([
      { cursor: 'c', more: true },
      { rows: ['c', 'd'], cursor: 'g', more: true },
      // Ended just after a row that it gave.
      { rows: ['h'], cursor: 'h', more: true },
      { rows: ['i'], more: false },
    ])
    assert.deepEqual(await keys(client), ['c', 'd', 'h', 'i'])
    assert.deepEqual(asked(), ['', 'c', 'g', 'h\0'])
  })

  it('goes on so downwards', async () => {
    const { client, asked } = answering([
      { cursor: 'x', more: true },
      { rows: ['x', 'w'], cursor: 'f', more: true },
      { rows: ['a'], more: false },
    ])
    assert.deepEqual(await keys(client, { ...ALL, reverse: true }), ['x', 'w', 'a'])
    assert.deepEqual(asked(), ['', 'x\0', 'f\0'])
  })

  it('takes no part of a row for the row', async () => {
    const { client, asked } = answering([
      { rows: ['a', 'b'], part: true, more: true },
      { rows: ['b', 'c'], more: false },
    ])
    assert.deepEqual(await keys(client), ['a', 'b', 'c'])
    assert.deepEqual(asked(), ['', 'b'])
  })

  it('asks for a row that no page can hold as a whole', async () => {
    const { client, asked } = answering([
      { rows: ['a', 'b'], part: true, more: true },
      ...Array.from({ length: 3 }, () => ({ rows: ['b'], part: true, more: true })),
      { rows: ['b'], more: true },
      { rows: [], more: false },
    ])
    assert.deepEqual(await keys(client), ['a', 'b'])
    assert.deepEqual(asked(), ['', 'b', 'b', 'b', 'b whole', 'b\0'])
  })

  it('does not take an empty page for the end of a region while the server says that there is more', async () => {
    const { client, asked } = answering([{ more: true }, { rows: ['a'], more: false }])
    assert.deepEqual(await keys(client), ['a'])
    assert.deepEqual(asked(), ['', ''])
  })

  it('never goes back', async () => {
    const { client, asked } = answering([
      { rows: ['x'], more: true },
      { cursor: 'x', more: true },
      { rows: ['w'], more: false },
    ])
    assert.deepEqual(await keys(client, { ...ALL, reverse: true }), ['x', 'w'])
    assert.deepEqual(asked(), ['', 'x', 'x'])
  })
})

interface Answer {
  rows?: string[]
  /** Whether the last row is not all there. */
  part?: boolean
  cursor?: string
  more: boolean
}

/** A region that gives these pages, whatever it is asked; `asked` tells where each was to begin. */
function answering(pages: Answer[]): { client: HbaseClient; asked: () => string[] } {
  const asked: string[] = []
  const region: Region = { name: Buffer.from('r'), start: ALL.from, end: ALL.to, server: 's', id: 1 } as never
  const client = {
    atRegion: (_table: string, _key: Buffer, _twice: boolean, ask: (region: Region) => unknown) => ask(region),
    call: async (_server: string, _method: unknown, request: ScanRequest) => {
      const { rows = [], part = false, cursor, more } = pages[asked.length]!
      asked.push(`${request.scan.startRow ?? ''}${request.clientHandlesHeartbeats ? '' : ' whole'}`)
      const message = new CLIENT.scan.response({
        cellsPerResult: rows.map(() => 1),
        partialFlagPerResult: rows.map((_, at) => part && at === rows.length - 1),
        moreResultsInRegion: more,
        ...(cursor && { cursor: { row: Buffer.from(cursor) } }),
      }).toBuffer()
      return { message: CLIENT.scan.response.decode(message), block: encodeCells(rows.map(toRow), 'put') }
    },
  }
  return { client: client as unknown as HbaseClient, asked: () => asked }
}

interface ScanRequest {
  clientHandlesHeartbeats: boolean
  scan: { startRow?: Buffer }
}

function toRow(key: string): CellRow {
  return { key: Buffer.from(key), cells: [{ qualifier: Buffer.from('q'), timestamp: 1, value: Buffer.from('v') }] }
}

async function keys(client: HbaseClient, options = ALL): Promise<string[]> {
  const found: string[] = []
  for await (const page of scanPages(client, 't', options)) for (const { key } of page) found.push(`${key}`)
  return found
}
