/** The bytes of a block's columns: their hash and where two blocks differ. Whole numbers only, as in the kernel. */
import { hex32 } from '../../datasets/random.ts'
import type { EventBlock } from '../kernel/event-block.ts'

type Column = { readonly BYTES_PER_ELEMENT: number; readonly [at: number]: number }

/** Columns with how many numbers of each are in use. */
function columnsOf(block: EventBlock): readonly (readonly [Column, number])[] {
  const { count, sessionCount } = block
  return [
    [block.sessionUser, sessionCount],
    [block.sessionWords, 4 * sessionCount],
    [block.sessionStart_ms, sessionCount],
    [block.sessionOffset_min, sessionCount],
    [block.sessionDevice, sessionCount],
    [block.ts, count],
    [block.session, count],
    [block.sequence, count],
    [block.kind, count],
    [block.song, count],
    [block.position_ms, count],
    [block.detail, count],
    [block.cause, count],
  ]
}

/**
 * 64 bits as 16 hex digits over all columns and their lengths: two FNV-1a chains over 32-bit words, each with a final
 * mix. It tells blocks apart; it is no defence against somebody who wants two blocks to look alike.
 */
export function blockHash(block: EventBlock): string {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  const take = (word: number): void => {
    a = Math.imul(a ^ word, 0x01000193)
    a ^= a >>> 15
    b = Math.imul(b ^ word, 0x85ebca6b)
    b ^= b >>> 13
  }
  for (const [column, count] of columnsOf(block)) {
    take(count)
    for (let at = 0; at < count; at++) {
      const value = column[at]!
      const high = Math.floor(value / 0x100000000)
      take((value - high * 0x100000000) | 0)
      // Instants and negative numbers do not fit into 32 bits.
      if (high !== 0) take(high | 0)
    }
  }
  return hex32(a >>> 0) + hex32(b >>> 0)
}

/** Bytes that differ, column by column; what only one block has differs in all of its bytes. */
export function differingBytes(a: EventBlock, b: EventBlock): number {
  const columnsB = columnsOf(b)
  let bytes = 0
  for (const [i, [columnA, countA]] of columnsOf(a).entries()) {
    const [columnB, countB] = columnsB[i]!
    const both = Math.min(countA, countB)
    bytes += (Math.max(countA, countB) - both) * columnA.BYTES_PER_ELEMENT
    for (let at = 0; at < both; at++) {
      if (columnA[at] !== columnB[at]) bytes += changedBytes(columnA[at]!, columnB[at]!, columnA.BYTES_PER_ELEMENT)
    }
  }
  return bytes
}

const views = new DataView(new ArrayBuffer(16))

function changedBytes(a: number, b: number, width: number): number {
  if (width < 8) {
    views.setUint32(0, a)
    views.setUint32(8, b)
  } else {
    views.setFloat64(0, a)
    views.setFloat64(8, b)
  }
  let changed = 0
  for (let byte = 0; byte < width; byte++) {
    // Narrow numbers stand in the last bytes of their word.
    const at = width < 8 ? 3 - byte : byte
    if (views.getUint8(at) !== views.getUint8(8 + at)) changed++
  }
  return changed
}
