/** Events as NumPy arrays, one file a column: numbers for `numpy.load(…, mmap_mode='r')`, with dictionaries beside. */
import { ARRAY_COLUMNS } from './columns.ts'
import type { EventWriter } from './event-writer.ts'
import { npyHeader } from './npy.ts'
import { type FileRecord, PartFile } from './part-file.ts'
import type { DayRows } from './utc-day.ts'

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

export class ArrayWriter implements EventWriter {
  readonly #out: string
  #columns = columnsOf(1 << 14)

  constructor(out: string) {
    if (!LITTLE_ENDIAN) throw new Error('expected a machine of little-endian byte order, as the arrays declare')
    this.#out = out
  }

  open(): void {}

  write(rows: DayRows, path: string): FileRecord[] {
    const { count } = rows
    if (this.#columns.user.length < count) this.#columns = columnsOf(2 * count)
    const columns = this.#columns
    fill(columns, rows)
    return ARRAY_COLUMNS.map(({ name, type }) => {
      const file = new PartFile(this.#out, `${path}.${name}.npy`)
      const column = columns[name]
      file.write(npyHeader(type, count))
      file.write(new Uint8Array(column.buffer, 0, column.BYTES_PER_ELEMENT * (name === 'ts' ? 2 : 1) * count))
      return file.close(count)
    })
  }
}

type Columns = ReturnType<typeof columnsOf>

function columnsOf(length: number) {
  return {
    // 64-bit integers by halves: a BigInt a row would cost more than all other columns.
    ts: new Uint32Array(2 * length),
    user: new Uint32Array(length),
    session: new Uint32Array(length),
    sequence: new Uint16Array(length),
    event: new Uint8Array(length),
    song: new Int32Array(length),
    position_ms: new Int32Array(length),
    detail: new Uint32Array(length),
    cause: new Uint8Array(length),
  }
}

function fill(to: Columns, { blocks, refs, count }: DayRows): void {
  const [before, own] = [blocks[0].block, blocks[1].block]
  for (let i = 0; i < count; i++) {
    const ref = refs[i]!
    const row = ref >>> 1
    const block = (ref & 1) === 0 ? before : own
    const session = block.session[row]!
    const ts = block.ts[row]!
    const high = Math.floor(ts / 0x100000000)
    to.ts[2 * i] = ts - high * 0x100000000
    to.ts[2 * i + 1] = high
    to.user[i] = block.sessionUser[session]!
    to.session[i] = block.sessionWords[4 * session]!
    to.sequence[i] = block.sequence[row]!
    to.event[i] = block.kind[row]!
    to.song[i] = block.song[row]!
    to.position_ms[i] = block.position_ms[row]!
    to.detail[i] = block.detail[row]!
    to.cause[i] = block.cause[row]!
  }
}
