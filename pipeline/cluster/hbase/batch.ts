/**
 * Writes many rows of one table: requests of bounded size, several under way at once. A row that fails because its region
 * was elsewhere is sent again, and only it: an answer names its row by its place in the request.
 */

import { backOff } from '../persist.ts'
import { type CellRow, cellBytes, encodeCells } from './cell-block.ts'
import type { HbaseClient } from './hbase-client.ts'
import { regionSpecifier } from './hbase-client.ts'
import { HbaseError } from './hbase-error.ts'
import { CLIENT, type MultiAnswer } from './hbase-protocol.ts'
import type { Region } from './region-map.ts'

export type WriteKind = 'put' | 'deleteVersion' | 'deleteFamily'

const ROWS_MAX = 1000
const BYTES_MAX = 1 << 20
const REQUESTS_AT_ONCE = 4

/**
 * @param rows each with all its cells; a deletion's cells name what goes, by column and timestamp
 * @throws HbaseError when a row could not be written in time; others may have been
 */
export async function writeRows(
  client: HbaseClient,
  table: string,
  rows: Iterable<CellRow>,
  kind: WriteKind = 'put',
): Promise<void> {
  const requests = inRequests(rows)
  const worker = async (): Promise<void> => {
    // Workers draw from one iterator, so that each request is taken once.
    for (const request of requests) await writeAll(client, table, request, kind)
  }
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, worker))
}

function* inRequests(rows: Iterable<CellRow>): Generator<CellRow[]> {
  let request: CellRow[] = []
  let bytes = 0
  for (const row of rows) {
    request.push(row)
    for (const cell of row.cells) bytes += cellBytes(row.key, cell)
    if (request.length < ROWS_MAX && bytes < BYTES_MAX) continue
    yield request
    request = []
    bytes = 0
  }
  if (request.length > 0) yield request
}

async function writeAll(client: HbaseClient, table: string, rows: CellRow[], kind: WriteKind): Promise<void> {
  const end_ms = performance.now() + client.times.operation_ms
  let left = rows
  for (let tries = 0; ; tries++) {
    const failed: CellRow[] = []
    let last: unknown
    /** Keeps rows for the next try, or ends all tries. */
    const fail = (error: unknown, several: CellRow[]): void => {
      if (!(error instanceof HbaseError) || !error.mayRetry(true)) throw error
      last = error
      failed.push(...several)
    }
    const byServer = new Map<string, Map<Region, CellRow[]>>()
    for (const row of left) {
      try {
        const region = await client.locator.holding(table, row.key)
        const regions = byServer.get(region.server) ?? new Map<Region, CellRow[]>()
        byServer.set(region.server, regions)
        const there = regions.get(region)
        if (there) there.push(row)
        else regions.set(region, [row])
      } catch (error) {
        fail(error, [row])
      }
    }
    await Promise.all(
      [...byServer].map(([server, regions]) => writeTo(client, table, server, [...regions], kind, fail)),
    )
    if (failed.length === 0) return
    if (performance.now() > end_ms) throw last
    left = failed
    await backOff(tries)
  }
}

async function writeTo(
  client: HbaseClient,
  table: string,
  server: string,
  regions: [Region, CellRow[]][],
  kind: WriteKind,
  fail: (error: unknown, rows: CellRow[]) => void,
): Promise<void> {
  const mutateType = kind === 'put' ? 'PUT' : 'DELETE'
  const regionAction = regions.map(([region, rows]) => ({
    region: regionSpecifier(region),
    action: rows.map(({ key, cells }, index) => ({
      index,
      mutation: { row: key, mutateType, associatedCellCount: cells.length },
    })),
  }))
  const block = encodeCells(
    regions.flatMap(([, rows]) => rows),
    kind,
  )
  const lost = (error: unknown, region: Region, rows: CellRow[]): void => {
    client.locator.forget(table, region)
    fail(error, rows)
  }
  let answer: MultiAnswer
  try {
    answer = (await client.call(server, CLIENT.multi, { regionAction }, block)).message
  } catch (error) {
    for (const [region, rows] of regions) lost(error, region, rows)
    return
  }
  for (const [at, [region, rows]] of regions.entries()) {
    const result = answer.regionActionResult[at]!
    if (result.exception) {
      lost(refusal(result.exception), region, rows)
      continue
    }
    for (const { index, exception } of result.resultOrException) {
      if (exception) lost(refusal(exception), region, [rows[index]!])
    }
  }
}

function refusal({ name, value }: { name: string; value: { toBuffer(): Buffer } | null }): HbaseError {
  const text = value?.toBuffer().toString() ?? ''
  return new HbaseError('refused', text.split('\n', 1)[0] || name, name)
}
