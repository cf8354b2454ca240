import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { MusicboxError } from '../datasets/failure.ts'
import { openBackend } from './backend.ts'

describe('the embedded backend', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-backend-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('opens a store at its first use, once, and closes what it opened', async () => {
    const data = join(folder, 'lazy')
    const backend = openBackend({ data })
    const [tables, again] = await Promise.all([backend.tables(), backend.tables()])
    assert.equal(tables, again)
    assert.deepEqual(await readdir(data), ['tables'])
    await backend.close()
    await assert.rejects(
      tables.snapshot((view) => view.publications()),
      MusicboxError,
    )
    await backend.close()
  })

  it('opens tables read-only, and tries a failed opening again', async () => {
    const data = join(folder, 'read-only')
    const reader = openBackend({ data }, { readOnly: true })
    await assert.rejects(
      reader.tables(),
      (error: unknown) => error instanceof MusicboxError && error.code === 'not.found',
    )
    const writer = openBackend({ data })
    await (await writer.tables()).put([{ table: 'song_info', key: 'TR1', cells: { title: 'One' } }])
    await writer.close()
    const tables = await reader.tables()
    assert.deepEqual(await tables.snapshot((view) => view.get('song_info', 'TR1')), { title: 'One' })
    await reader.close()
  })

  it('closes a store too that is still being opened, and opens none afterwards', async () => {
    const backend = openBackend({ data: join(folder, 'hasty') })
    const opening = backend.log()
    await backend.close()
    const log = await opening
    const unreachable = (error: unknown) => error instanceof MusicboxError && error.code === 'backend.unreachable'
    await assert.rejects(log.append([{ eid: '0'.repeat(32), key: 'u', line: '{}' }]), unreachable)
    await assert.rejects(backend.tables(), unreachable)
  })

  it('gives all four stores', async () => {
    const data = join(folder, 'all')
    const backend = openBackend({ data })
    await Promise.all([backend.log(), backend.raw(), backend.warehouse(), backend.tables()])
    assert.deepEqual((await readdir(data)).sort(), ['log', 'raw', 'tables', 'warehouse'])
    await backend.close()
  })
})
