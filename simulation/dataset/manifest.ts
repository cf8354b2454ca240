/** What a complete data set says of itself: the same for the same plan, whoever made it and however often it was begun. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { World } from '../kernel/world.ts'
import type { FileRecord } from './part-file.ts'
import type { Plan } from './plan.ts'

export interface Manifest {
  spec_version: number
  world: World
  first_day: string
  last_day: string
  formats: readonly string[]
  part_users: number
  events: number
  /** Order-free sum of the events' hashes, equal for every format; see `digest.ts`. */
  digest: string
  /** What the bytes of compressed and of Parquet files also depend on. */
  engine: Record<string, string>
  /** By path. */
  files: readonly FileRecord[]
}

export function createManifest(plan: Plan, events: number, digest: string, files: readonly FileRecord[]): Manifest {
  return {
    spec_version: plan.world.spec,
    world: plan.world,
    first_day: plan.firstDay,
    last_day: plan.lastDay,
    formats: plan.formats,
    part_users: plan.partUsers,
    events,
    digest,
    engine: {
      node: process.versions.node,
      zlib: process.versions.zlib,
      ...(plan.formats.includes('parquet') && { 'hyparquet-writer': parquetVersion() }),
    },
    files: [...files].sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

/** Writes `manifest.json` and `checksums.sha256`, as `sha256sum --check` reads it; last of all `_SUCCESS`. */
export async function sealDataset(out: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 1)}\n`
  await writeFile(join(out, 'manifest.json'), text)
  const own = createHash('sha256').update(text).digest('hex')
  const lines = [...manifest.files, { path: 'manifest.json', sha256: own }].map(
    ({ path, sha256 }) => `${sha256}  ${path}\n`,
  )
  await writeFile(join(out, 'checksums.sha256'), lines.join(''))
  await writeFile(join(out, '_SUCCESS'), '')
}

/** Records of all files below a folder of the data set that are not among the known. */
export async function recordFiles(out: string, folder: string, known: ReadonlySet<string>): Promise<FileRecord[]> {
  const entries = await readdir(join(out, folder), { withFileTypes: true, recursive: true }).catch(() => [])
  const records: FileRecord[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const full = join(entry.parentPath, entry.name)
    const path = full.slice(join(out, '/').length).replaceAll('\\', '/')
    if (known.has(path)) continue
    const hash = createHash('sha256')
    for await (const block of createReadStream(full)) hash.update(block as Buffer)
    records.push({ path, rows: 0, bytes: (await stat(full)).size, sha256: hash.digest('hex') })
  }
  return records
}

function parquetVersion(): string {
  // The package does not offer its package.json to importers, but it lies beside its entry.
  const entry = createRequire(import.meta.url).resolve('hyparquet-writer')
  const { version } = createRequire(entry)('../package.json') as { version: string }
  return version
}
