/**
 * Reads a range of rows, up or down, page by page.
 *
 * Each page opens a scanner, reads and closes it in one call, and the next one begins after the last row seen: no state at a
 * server that can be lost with it, time out, or be left behind. A short page proves nothing, because servers end pages at
 * limits of size and time; that a region is at its end is said by the server, or proved by an empty page.
 */
import { CellBlockReader, type CellRow } from './cell-block.ts'
import { type HbaseClient, regionSpecifier, rowOf } from './hbase-client.ts'
import { CLIENT } from './hbase-protocol.ts'
import type { Region } from './region-map.ts'

export interface ScanOptions {
  /** First key, included. */
  from: Buffer
  /** Key to stop before; empty for the end of the table. */
  to: Buffer
  reverse?: boolean
  /** Most rows of a page. */
  page?: number
  /** Only cells with a timestamp of `from` ≤ t < `to`. */
  times?: { from: number; to: number }
  /** Most cells of a column, newest first. */
  versions?: number
}

const PAGE_ROWS = 1000
const PAGE_BYTES = 4 << 20

/** Pages of rows in key order, descending with `reverse`; a page may be empty. @throws HbaseError */
export async function* scanPages(
  client: HbaseClient,
  table: string,
  options: ScanOptions,
): AsyncGenerator<readonly CellRow[]> {
  const { reverse = false } = options
  let { from, to } = options
  if (to.length > 0 && Buffer.compare(from, to) >= 0) return
  for (;;) {
    const { region, rows, more } = await (reverse ? pageDown : pageUp)(client, table, { ...options, from, to })
    yield rows
    const last = rows.at(-1)?.key
    if (last && more) {
      if (reverse) to = last
      else from = Buffer.concat([last, Buffer.of(0)])
    } else if (reverse) {
      if (region.start.length === 0 || Buffer.compare(region.start, from) <= 0) return
      to = region.start
    } else {
      if (region.end.length === 0 || (to.length > 0 && Buffer.compare(region.end, to) >= 0)) return
      from = region.end
    }
  }
}

interface Page {
  region: Region
  rows: CellRow[]
  /** Whether the region may hold more of the range. */
  more: boolean
}

function pageUp(client: HbaseClient, table: string, options: ScanOptions): Promise<Page> {
  const bounds = { startRow: options.from, ...(options.to.length > 0 && { stopRow: options.to }) }
  return client.atRegion(table, options.from, true, (region) => page(client, region, options, bounds))
}

function pageDown(client: HbaseClient, table: string, options: ScanOptions): Promise<Page> {
  const bounds = {
    reversed: true,
    // Without a bound, from the last row on.
    ...(options.to.length > 0 && { startRow: options.to, includeStartRow: false }),
    stopRow: options.from,
    includeStopRow: true,
  }
  return client.atRegion(
    table,
    options.to.length > 0 ? options.to : LAST,
    true,
    (region) => page(client, region, options, bounds),
    'before',
  )
}

/** After every key of a table here: no text begins with this byte. */
const LAST = Buffer.of(0xff)

async function page(client: HbaseClient, region: Region, options: ScanOptions, bounds: object): Promise<Page> {
  const { message, block } = await client.call(region.server, CLIENT.scan, {
    region: regionSpecifier(region),
    numberOfRows: options.page ?? PAGE_ROWS,
    closeScanner: true,
    scan: {
      ...bounds,
      maxVersions: options.versions ?? 1,
      maxResultSize: PAGE_BYTES,
      ...(options.times && { timeRange: options.times }),
    },
  })
  const reader = new CellBlockReader(block)
  const found =
    message.cellsPerResult.length > 0
      ? message.cellsPerResult.map((cells) => reader.row(cells))
      : message.results.map((result) => rowOf(result, reader))
  const rows = found.filter((row) => row !== undefined)
  return { region, rows, more: message.moreResultsInRegion ?? rows.length > 0 }
}
