import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { MusicboxError } from '../../datasets/failure.ts'
import { tableStoreSuite } from '../table-store.suite.ts'
import { openLmdbTableStore } from './lmdb-table-store.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musicbox-tables-'))
})
after(() => rm(folder, { recursive: true, force: true }))

tableStoreSuite('LMDB', () => openLmdbTableStore(join(folder, 'suite')))

describe('the LMDB table store', () => {
  it('shows a publication to a reader in this process as soon as a child process has made it', async () => {
    const path = join(folder, 'shared')
    const store = await openLmdbTableStore(path)
    try {
      await publishInChild(path, 1, { plays: 11 })
      const read = (): Promise<unknown> => store.snapshot((view) => view.get('song_event_log', 'A_20260101'))
      assert.deepEqual(await read(), { plays: 11 })
      // Another set of columns: this process has not seen that shape yet.
      await publishInChild(path, 2, { plays: 12, skips: 3 })
      assert.deepEqual(await read(), { plays: 12, skips: 3 })
    } finally {
      await store.close()
    }
  })

  it('keeps the whole old publication when the writer is killed in the middle of the next', async () => {
    const path = join(folder, 'killed')
    await publishInChild(path, 1, { plays: 1 })
    const code = await publishInChild(path, 2, { plays: 2 }, 'process.kill(process.pid, "SIGKILL")')
    assert.equal(code, 'SIGKILL')
    const store = await openLmdbTableStore(path)
    try {
      await store.snapshot(async (view) => {
        assert.equal((await view.published('2026-01-01'))?.generation, 1)
        assert.deepEqual(await view.get('song_event_log', 'A_20260101'), { plays: 1 })
      })
    } finally {
      await store.close()
    }
  })

  it('opens read-only what is there, refuses to write to it, and says when nothing is', async () => {
    const refusal = (code: string) => (error: unknown) => error instanceof MusicboxError && error.code === code
    await assert.rejects(openLmdbTableStore(join(folder, 'nowhere'), { readOnly: true }), refusal('not.found'))
    const path = join(folder, 'read-only')
    const writer = await openLmdbTableStore(path)
    await writer.put([{ table: 'song_info', key: 'TR1', cells: { title: 'One' } }])
    await writer.close()
    const reader = await openLmdbTableStore(path, { readOnly: true })
    try {
      assert.deepEqual(await reader.snapshot((view) => view.get('song_info', 'TR1')), { title: 'One' })
      await assert.rejects(reader.put([]), refusal('backend.unreachable'))
    } finally {
      await reader.close()
    }
    await assert.rejects(
      reader.snapshot((view) => view.get('song_info', 'TR1')),
      refusal('backend.unreachable'),
    )
  })

  it('refuses cells that would not come back as they were', async () => {
    const store = await openLmdbTableStore(join(folder, 'cells'))
    try {
      for (const cell of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800']) {
        await assert.rejects(store.put([{ table: 'song_info', key: 'a', cells: { cell } }]), /expected cells/)
      }
      await assert.rejects(store.put([{ table: '_published', key: 'a', cells: {} }]), /expected a row of/)
      await assert.rejects(store.put([{ table: 'song_info', key: '', cells: {} }]), /expected a row key/)
      await store.put([{ table: 'song_info', key: 'a', cells: { cell: 1 } }])
      assert.deepEqual(await store.snapshot((view) => view.get('song_info', 'a')), { cell: 1 })
    } finally {
      await store.close()
    }
  })
})

/** Publishes one row from another process; `midway` runs there after the row is written and before the commit. */
async function publishInChild(path: string, generation: number, cells: object, midway = ''): Promise<number | string> {
  const source = `
    import { openLmdbTableStore } from ${JSON.stringify(new URL('./lmdb-table-store.ts', import.meta.url).href)}
    const store = await openLmdbTableStore(${JSON.stringify(path)})
    const publication = { scope: '2026-01-01', generation: ${generation}, hash: '', as_of_ms: 0, complete: true, events: 1 }
    function* rows() {
      yield { table: 'song_event_log', key: 'A_20260101', cells: ${JSON.stringify(cells)} }
      ${midway}
    }
    await store.publish(publication, rows())
    await store.close()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code === 0 || signal) resolve(signal ?? 0)
      else reject(new Error(`the child ended with ${code}`))
    })
  })
}
