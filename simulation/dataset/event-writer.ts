/** A format of the events: what it makes of a UTC day of a part. */
import type { World } from '../kernel/world.ts'
import { ArrayWriter } from './array-writer.ts'
import { EVENT_COLUMNS } from './columns.ts'
import { csvHeader } from './csv.ts'
import { CsvLines } from './csv-lines.ts'
import type { FilledBlock } from './filled-block.ts'
import type { Format } from './format.ts'
import { JsonLines } from './json-lines.ts'
import { LineBuffer } from './line-buffer.ts'
import { ParquetPartWriter } from './parquet-writer.ts'
import { type FileRecord, PartFile } from './part-file.ts'
import type { DayRows } from './utc-day.ts'

export interface EventWriter {
  /** A block was filled anew: what its sessions' rows share is made ready. */
  open(filled: FilledBlock): void
  /** @param path of the part below the data set's folder, without its ending */
  write(rows: DayRows, path: string): FileRecord[]
}

export function eventWriter(format: Format, world: World, out: string): EventWriter {
  if (format === 'parquet') return new ParquetPartWriter(world, out)
  if (format === 'npy') return new ArrayWriter(out)
  return format.startsWith('jsonl')
    ? new LineWriter(new JsonLines(world, 'wire'), '', out, format)
    : new LineWriter(new CsvLines(world), csvHeader(EVENT_COLUMNS), out, format)
}

interface Lines {
  open(filled: FilledBlock): void
  put(to: LineBuffer, filled: FilledBlock, row: number): void
}

class LineWriter implements EventWriter {
  readonly #lines: Lines
  readonly #header: string
  readonly #out: string
  readonly #format: Format
  readonly #buffer = new LineBuffer((block) => this.#file!.write(block))
  #file: PartFile | undefined

  constructor(lines: Lines, header: string, out: string, format: Format) {
    this.#lines = lines
    this.#header = header
    this.#out = out
    this.#format = format
  }

  open(filled: FilledBlock): void {
    this.#lines.open(filled)
  }

  write({ blocks, refs, count }: DayRows, path: string): FileRecord[] {
    const buffer = this.#buffer
    const lines = this.#lines
    const file = new PartFile(this.#out, `${path}.${this.#format}`)
    this.#file = file
    if (this.#header !== '') buffer.endLine(buffer.putText(0, this.#header))
    for (let i = 0; i < count; i++) {
      const ref = refs[i]!
      lines.put(buffer, blocks[ref & 1]!, ref >>> 1)
    }
    buffer.flush()
    return [file.close(count)]
  }
}
