/** Events as Parquet, by hyparquet-writer: texts that repeat as dictionaries, row groups of 100,000, the world in the footer. */
import { createHash } from 'node:crypto'
import { ByteWriter, type ColumnSource, parquetWrite, type SchemaElement } from 'hyparquet-writer'
import { EVENT_KINDS } from '../../datasets/event-kind.ts'
import { hex128 } from '../../datasets/random.ts'
import { keyText } from '../kernel/key-text.ts'
import { knownListener } from '../kernel/known-listener.ts'
import { DEVICES } from '../kernel/listener.ts'
import { songbookOf } from '../kernel/songbook.ts'
import { sessionWords } from '../kernel/wire-event.ts'
import type { World } from '../kernel/world.ts'
import { EVENT_COLUMNS } from './columns.ts'
import { localDay, tagList } from './csv-lines.ts'
import type { EventWriter } from './event-writer.ts'
import { COMMENT, type FilledBlock, LOGIN, RATE, SEARCH, TAG } from './filled-block.ts'
import { type FileRecord, PartFile } from './part-file.ts'
import type { DayRows } from './utc-day.ts'

export const ROW_GROUP_ROWS = 100_000

const SCHEMA: SchemaElement[] = [
  { name: 'event', num_children: EVENT_COLUMNS.length },
  ...EVENT_COLUMNS.map(
    ({ name, type, absent }): SchemaElement => ({
      name,
      repetition_type: absent === 'never' ? 'REQUIRED' : 'OPTIONAL',
      ...(type === 'int64'
        ? { type: 'INT64' }
        : type === 'int32'
          ? { type: 'INT32' }
          : type === 'date'
            ? { type: 'INT32', converted_type: 'DATE' }
            : { type: 'BYTE_ARRAY', converted_type: 'UTF8' }),
    }),
  ),
]

export class ParquetPartWriter implements EventWriter {
  readonly #world: World
  readonly #out: string
  readonly #metadata: { key: string; value: string }[]
  readonly #sessions = new Map<FilledBlock, readonly string[]>()

  /** Used again: a file's worth of memory given up each time would pile up between two collections of garbage. */
  readonly #writer = new ByteWriter(1 << 20)

  constructor(world: World, out: string) {
    this.#world = world
    this.#out = out
    this.#metadata = parquetMetadata(world)
  }

  open(filled: FilledBlock): void {
    const { block } = filled
    this.#sessions.set(
      filled,
      Array.from({ length: block.sessionCount }, (_, session) => hex128(sessionWords(block, session))),
    )
  }

  write(rows: DayRows, path: string): FileRecord[] {
    const writer = this.#writer
    writer.offset = 0
    writer.index = 0
    parquetWrite({
      writer,
      columnData: this.#columns(rows),
      schema: SCHEMA,
      rowGroupSize: ROW_GROUP_ROWS,
      kvMetadata: this.#metadata,
      createdBy: 'musicbox',
    })
    const file = new PartFile(this.#out, `${path}.parquet`)
    file.write(writer.getBytes())
    return [file.close(rows.count)]
  }

  #columns({ blocks, refs, count }: DayRows): ColumnSource[] {
    const songbook = songbookOf(this.#world)
    const ts = new Uint32Array(2 * count)
    const local_date = new Int32Array(count)
    const eid = new Array<string>(count)
    const uid = new Array<string>(count)
    const session = new Array<string>(count)
    const event = new Array<string>(count)
    const ip4 = new Array<string>(count)
    const zip = new Array<string>(count)
    const songid = new Array<string | null>(count).fill(null)
    const position_ms = new Array<number | null>(count).fill(null)
    const query = new Array<string | null>(count).fill(null)
    const stars = new Array<number | null>(count).fill(null)
    const text = new Array<string | null>(count).fill(null)
    const tags = new Array<string | null>(count).fill(null)
    const device = new Array<string | null>(count).fill(null)
    for (let i = 0; i < count; i++) {
      const ref = refs[i]!
      const row = ref >>> 1
      const filled = blocks[ref & 1]!
      const { block, eids } = filled
      const kind = block.kind[row]!
      const of = block.session[row]!
      const listener = knownListener(this.#world, block.sessionUser[of]!)
      const at_ms = block.ts[row]!
      const high = Math.floor(at_ms / 0x100000000)
      ts[2 * i] = at_ms - high * 0x100000000
      ts[2 * i + 1] = high
      local_date[i] = localDay(at_ms, block.sessionOffset_min[of]!)
      eid[i] = hex128([eids[4 * row]!, eids[4 * row + 1]!, eids[4 * row + 2]!, eids[4 * row + 3]!])
      uid[i] = listener.uid
      session[i] = this.#sessions.get(filled)![of]!
      event[i] = EVENT_KINDS[kind]!
      ip4[i] = listener.ip4
      zip[i] = listener.home.zip
      const song = block.song[row]!
      if (song >= 0 && kind !== SEARCH) songid[i] = songbook.song(song).track_id
      if (block.position_ms[row]! >= 0) position_ms[i] = block.position_ms[row]!
      if (kind === SEARCH) query[i] = filled.texts.get(row) as string
      else if (kind === RATE) stars[i] = block.detail[row]!
      else if (kind === COMMENT) text[i] = filled.texts.get(row) as string
      else if (kind === TAG) tags[i] = tagList(filled.texts.get(row) as readonly string[])
      else if (kind === LOGIN) device[i] = DEVICES[block.sessionDevice[of]!]!
    }
    const data = {
      ts: new BigInt64Array(ts.buffer),
      local_date,
      eid,
      uid,
      session,
      event,
      songid,
      position_ms,
      query,
      stars,
      text,
      tags,
      ip4,
      device,
      zip,
    }
    return EVENT_COLUMNS.map((column) => ({
      name: column.name,
      data: data[column.name],
      // An id occurs once: neither a dictionary nor its least and greatest help anybody.
      ...(column.name === 'eid' && { encoding: 'PLAIN' as const, statistics: false }),
    }))
  }
}

/** What tells where a file comes from, for its footer. */
export function parquetMetadata(world: World): { key: string; value: string }[] {
  return [
    { key: 'musicbox.spec_version', value: String(world.spec) },
    { key: 'musicbox.key', value: keyText(world.key) },
    { key: 'musicbox.knobs_sha256', value: createHash('sha256').update(JSON.stringify(world.knobs)).digest('hex') },
  ]
}
