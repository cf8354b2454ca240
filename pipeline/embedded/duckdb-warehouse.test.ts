import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { MusicboxError } from '../../datasets/failure.ts'
import { warehouseSuite } from '../warehouse.suite.ts'
import { openDuckdbWarehouse } from './duckdb-warehouse.ts'

let folder: string
before(async () => {
  // A folder whose name DuckDB would take for a pattern, and SQL for the end of a text.
  folder = await mkdtemp(join(tmpdir(), "musicbox-[ware]*'s-"))
})
after(() => rm(folder, { recursive: true, force: true }))

const write = async (path: string, bytes: Uint8Array): Promise<void> => {
  const target = join(folder, 'raw', path)
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, bytes)
}

warehouseSuite('DuckDB', async () => ({
  warehouse: await openDuckdbWarehouse(join(folder, 'suite'), join(folder, 'raw')),
  write,
}))

describe('the DuckDB warehouse', () => {
  const path = 'dt=2026-05-01/hr=00/events-p00-000000000000-000000000009.jsonl.gz'
  const line = JSON.stringify({ eid: '0'.repeat(32), ts: Date.parse('2026-05-01'), uid: 'u', event: 'login' })
  const version = { day: '2026-05-01', hash: 'one' }

  it('leaves nothing but the newest version of a day, also of a writer that died', async () => {
    const home = join(folder, 'versions')
    const warehouse = await openDuckdbWarehouse(home, join(folder, 'raw'))
    try {
      await write(path, gzipSync(`${line}\n`))
      await warehouse.load(version, [path])
      // No process has this number: the largest that Linux gives is 2^22.
      await writeFile(join(home, 'dt=2026-05-01', 'two.parquet.4194305.tmp'), 'half')
      await warehouse.load({ ...version, hash: 'two' }, [path])
      assert.deepEqual(await readdir(join(home, 'dt=2026-05-01')), ['two.parquet'])
    } finally {
      await warehouse.close()
    }
    assert.deepEqual((await readdir(home)).sort(), ['dt=2026-05-01'])
  })

  it('makes the same bytes of the same day', async () => {
    const bytes: Buffer[] = []
    for (const name of ['once', 'twice']) {
      const warehouse = await openDuckdbWarehouse(join(folder, name), join(folder, 'raw'))
      await warehouse.load(version, [path])
      await warehouse.close()
      bytes.push(await readFile(join(folder, name, 'dt=2026-05-01', 'one.parquet')))
    }
    assert.ok(bytes[0]!.equals(bytes[1]!))
  })

  it('says that it is closed', async () => {
    const warehouse = await openDuckdbWarehouse(join(folder, 'closed'), join(folder, 'raw'))
    await warehouse.close()
    await warehouse.close()
    await assert.rejects(warehouse.load(version, [path]), MusicboxError)
  })
})
