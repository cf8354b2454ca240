/**
 * What the tables would hold had nothing gone wrong: the same raw files, aggregated once, without a fault, by the embedded
 * stores. Raw files are what the proof holds to log and ledger; the tables that follow from them must be equal to the
 * last cell, whatever the night job went through and whichever backend it ran on.
 */
import { join } from 'node:path'
import { TABLE_NAMES, type TableName } from '../../datasets/tables.ts'
import { withBackend } from '../backend.ts'
import { dumpDigest } from '../dump.ts'
import { lookupRows } from '../lookup.ts'
import { manifestPath, readManifests } from '../manifest.ts'
import { runNight } from '../night-job.ts'
import type { RawStore } from '../raw-store.ts'
import type { TableStore } from '../table-store.ts'
import { SMALL_CATALOGUE } from './small-catalogue.ts'
import type { Trial } from './trial.ts'

/** @returns the tables that differ from those of an undisturbed run */
export async function tablesOfTwin(
  stores: { raw: RawStore; tables: TableStore },
  { folder, through }: Pick<Trial, 'folder' | 'through'>,
): Promise<TableName[]> {
  return await withBackend({ data: join(folder, 'twin') }, async (backend) => {
    const twin = { raw: await backend.raw(), warehouse: await backend.warehouse(), tables: await backend.tables() }
    await copyRaw(stores.raw, twin.raw)
    await twin.tables.put(lookupRows(SMALL_CATALOGUE))
    await twin.warehouse.setDimensions(SMALL_CATALOGUE)
    await runNight(twin, { through })
    const [own, undisturbed] = [await dumpDigest(stores), await dumpDigest(twin)]
    return TABLE_NAMES.filter((table) => own.tables[table].sha256 !== undisturbed.tables[table].sha256)
  })
}

async function copyRaw(from: RawStore, to: RawStore): Promise<void> {
  const manifests = await readManifests(from)
  for (const { sequence, files } of manifests) {
    for (const { path } of files) await to.publish(path, await from.read(path))
    await to.publish(manifestPath(sequence), await from.read(manifestPath(sequence)))
  }
}
