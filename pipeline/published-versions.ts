/** Which version of which day readers see: what a proof may look events up in. */
import { isDay } from '../datasets/day.ts'
import type { TableStore } from './table-store.ts'
import type { DayVersion } from './warehouse.ts'

/** The published day versions, days ascending. */
export async function publishedVersions(tables: TableStore): Promise<DayVersion[]> {
  const publications = await tables.snapshot((view) => view.publications())
  return publications.filter(({ scope }) => isDay(scope)).map(({ scope, hash }) => ({ day: scope, hash }))
}
