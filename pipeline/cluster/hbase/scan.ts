/**
 * Reads a range of rows, up or down, page by page.
 *
 * Each page opens a scanner, reads and closes it in one call, and the next one begins after the last row seen: no state at a
 * server that can be lost with it, time out, or be left behind. A short page proves nothing, because servers end pages at
 * limits of size and time; that a region is at its end is said by the server, or proved by an empty page.
 *
 * A page that matches little would run over a whole region in one call, past any deadline. So the server is asked to end it
 * at half the call's time, wherever that is, and to say where: then the next page begins there.
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
  let stalls = 0
  if (to.length > 0 && Buffer.compare(from, to) >= 0) return
  for (;;) {
    const { region, rows, more, reached } = await (reverse ? pageDown : pageUp)(client, table, {
      ...options,
      from,
      to,
      whole: stalls > STALLS,
    })
    yield rows
    const place = reverse ? to : from
    if (reached) {
      // The next page looks at that row, too; but never at what lies behind.
      if (!reverse) from = reached
      else if (to.length === 0 || Buffer.compare(reached, to) < 0) to = after(reached)
    } else if (rows.length > 0 && more) {
      const last = rows.at(-1)!.key
      if (reverse) to = last
      else from = after(last)
    } else if (more && stalls <= STALLS) {
      // Nothing was found, and nothing was said of where: the same again, in a way that proves it.
    } else if (reverse) {
      if (region.start.length === 0 || Buffer.compare(region.start, from) <= 0) return
      to = region.start
    } else {
      if (region.end.length === 0 || (to.length > 0 && Buffer.compare(region.end, to) >= 0)) return
      from = region.end
    }
    stalls = place.equals(reverse ? to : from) ? stalls + 1 : 0
  }
}

/**
 * Pages in a row that may come nowhere, because the server was held up. Then a row may be too large for a page: it is asked for
 * without a limit of time.
 */
const STALLS = 2

/** The next key in order. */
function after(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.of(0)])
}

interface PageOptions extends ScanOptions {
  /** Whether to take rows only in one piece, however long that takes. */
  whole: boolean
}

interface Page {
  region: Region
  rows: CellRow[]
  /** Whether the region may hold more of the range. */
  more: boolean
  /** A row after those given, which was not or only in part looked at, when the page ended before or in it. */
  reached: Buffer | undefined
}

function pageUp(client: HbaseClient, table: string, options: PageOptions): Promise<Page> {
  const bounds = { startRow: options.from, ...(options.to.length > 0 && { stopRow: options.to }) }
  return client.atRegion(table, options.from, true, (region) => page(client, region, options, bounds))
}

function pageDown(client: HbaseClient, table: string, options: PageOptions): Promise<Page> {
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

async function page(client: HbaseClient, region: Region, options: PageOptions, bounds: object): Promise<Page> {
  const { message, block } = await client.call(region.server, CLIENT.scan, {
    region: regionSpecifier(region),
    numberOfRows: options.page ?? PAGE_ROWS,
    closeScanner: true,
    clientHandlesPartials: !options.whole,
    clientHandlesHeartbeats: !options.whole,
    scan: {
      ...bounds,
      maxVersions: options.versions ?? 1,
      maxResultSize: PAGE_BYTES,
      needCursorResult: true,
      ...(options.times && { timeRange: options.times }),
    },
  })
  const reader = new CellBlockReader(block)
  const found =
    message.cellsPerResult.length > 0
      ? message.cellsPerResult.map((cells) => reader.row(cells))
      : message.results.map((result) => rowOf(result, reader))
  const rows = found.filter((row) => row !== undefined)
  // In parts comes only the last row.
  const part = message.partialFlagPerResult.at(-1) ? rows.pop() : undefined
  const more = message.moreResultsInRegion ?? rows.length > 0
  const reached = part?.key ?? message.cursor?.row?.toBuffer()
  return { region, rows, more, reached: isBeyond(reached, rows.at(-1)?.key, options.reverse) ? reached : undefined }
}

function isBeyond(reached: Buffer | undefined, last: Buffer | undefined, reverse = false): boolean {
  if (!reached || !last) return reached !== undefined
  const order = Buffer.compare(reached, last)
  return reverse ? order < 0 : order > 0
}
