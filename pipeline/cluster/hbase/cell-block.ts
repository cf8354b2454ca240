/**
 * Cells as HBase's KeyValueCodec writes them: one after the other, beside the message that says how many belong to which
 * row. A cell in a message costs the codec an object for each of its fields; a block is read in place.
 *
 * A cell: its length, the lengths of key and value (4 bytes each), then the key (2 bytes length of row, row, 1 byte length
 * of family, family, qualifier, 8 bytes timestamp, 1 byte kind), then the value.
 */
import { MusicboxError } from '../../../datasets/failure.ts'

/** The one family of all tables, as the seed names it. */
export const FAMILY = 'info'

/** What a cell does when it is written; numbers of the wire. */
export const CELL_KINDS = { put: 4, deleteVersion: 8, deleteFamily: 14 } as const

export interface Cell {
  qualifier: Buffer
  /** A revision or ms UTC. */
  timestamp: number
  value: Buffer
}

export interface CellRow {
  key: Buffer
  cells: Cell[]
}

const LENGTHS = 12
const AROUND_QUALIFIER = 2 + 1 + FAMILY.length + 8 + 1
const FAMILY_BYTES = Buffer.from(FAMILY)

/** All cells of `rows`, written as `kind`. */
export function encodeCells(rows: readonly CellRow[], kind: keyof typeof CELL_KINDS): Buffer {
  let size = 0
  for (const { key, cells } of rows) for (const cell of cells) size += cellBytes(key, cell)
  const block = Buffer.allocUnsafe(size)
  let at = 0
  for (const { key, cells } of rows) {
    for (const { qualifier, timestamp, value } of cells) {
      const keyLength = AROUND_QUALIFIER + key.length + qualifier.length
      at = block.writeUInt32BE(8 + keyLength + value.length, at)
      at = block.writeUInt32BE(keyLength, at)
      at = block.writeUInt32BE(value.length, at)
      at = block.writeUInt16BE(key.length, at)
      at += key.copy(block, at)
      at = block.writeUInt8(FAMILY_BYTES.length, at)
      at += FAMILY_BYTES.copy(block, at)
      at += qualifier.copy(block, at)
      // In two halves: a BigInt for each cell is felt.
      at = block.writeUInt32BE(Math.floor(timestamp / 2 ** 32), at)
      at = block.writeUInt32BE(timestamp >>> 0, at)
      at = block.writeUInt8(CELL_KINDS[kind], at)
      at += value.copy(block, at)
    }
  }
  return block
}

/** Bytes of one cell in a block. */
export function cellBytes(key: Buffer, { qualifier, value }: Cell): number {
  return LENGTHS + AROUND_QUALIFIER + key.length + qualifier.length + value.length
}

/** Reads the rows of a block one by one, each of so many cells. */
export class CellBlockReader {
  readonly #block: Buffer
  #at = 0

  constructor(block: Buffer) {
    this.#block = block
  }

  /** @returns undefined for a row without cells, which has no key either */
  row(cells: number): CellRow | undefined {
    let row: CellRow | undefined
    for (let count = 0; count < cells; count++) {
      const { key, cell } = this.#cell()
      row ??= { key, cells: [] }
      row.cells.push(cell)
    }
    return row
  }

  #cell(): { key: Buffer; cell: Cell } {
    const block = this.#block
    const start = this.#at + 4
    const end = start + (start <= block.length ? block.readUInt32BE(this.#at) : 0)
    if (start > block.length || end > block.length) {
      throw new MusicboxError('data.corrupt', `expected a cell at ${this.#at} of ${block.length} bytes from HBase`)
    }
    const valueAt = start + 8 + block.readUInt32BE(start)
    const rowAt = start + 10
    const rowEnd = rowAt + block.readUInt16BE(rowAt - 2)
    const qualifierAt = rowEnd + 1 + block.readUInt8(rowEnd)
    this.#at = end
    return {
      key: block.subarray(rowAt, rowEnd),
      cell: {
        qualifier: block.subarray(qualifierAt, valueAt - 9),
        timestamp: block.readUInt32BE(valueAt - 9) * 2 ** 32 + block.readUInt32BE(valueAt - 5),
        value: block.subarray(valueAt, end),
      },
    }
  }
}
