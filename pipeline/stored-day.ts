/** What the stores hold of each day: its raw files, and the version that readers see. */
import { type Day, isDay } from '../datasets/day.ts'
import { filesByDay, type Manifest, type RawFile } from './manifest.ts'
import type { TableStore } from './table-store.ts'
import type { DayVersion } from './warehouse.ts'

export interface StoredDay {
  day: Day
  /** All of its raw files, in the log's order. */
  files: RawFile[]
  /** Its published version, and the raw files that were there then. */
  published: { version: DayVersion; files: RawFile[] } | undefined
}

/** Every day with raw files or a publication, ascending. */
export async function storedDays(manifests: readonly Manifest[], tables: TableStore): Promise<StoredDay[]> {
  const publications = await tables.snapshot((view) => view.publications())
  const published = new Map(publications.filter(({ scope }) => isDay(scope)).map((one) => [one.scope, one]))
  const files = filesByDay(manifests)
  const sequences = new Map(
    manifests.flatMap((manifest) => manifest.files.map(({ path }) => [path, manifest.sequence])),
  )
  return [...new Set([...files.keys(), ...published.keys()])].sort().map((day) => {
    const own = files.get(day) ?? []
    const publication = published.get(day)
    if (!publication) return { day, files: own, published: undefined }
    const { hash, generation } = publication
    const then = own.filter(({ path }) => sequences.get(path)! <= generation)
    return { day, files: own, published: { version: { day, hash }, files: then } }
  })
}
