/** What every raw store must do, whatever it is made of. Called by the tests of each adapter. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { MusicboxError } from '../datasets/failure.ts'
import type { RawStore } from './raw-store.ts'

export interface OpenedRawStore {
  /** An empty store. */
  raw: RawStore
  /** Opens the same store again, as another process would. */
  reopen(): Promise<RawStore>
  cleanUp(): Promise<void>
}

export function rawStoreSuite(name: string, open: () => Promise<OpenedRawStore>): void {
  describe(`raw store: ${name}`, () => {
    let opened: OpenedRawStore
    let raw: RawStore

    beforeEach(async () => {
      opened = await open()
      raw = opened.raw
    })
    afterEach(() => opened.cleanUp())

    it('gives back the bytes that were published, also after opening again', async () => {
      const files = {
        'dt=2026-01-31/hr=07/a.gz': bytesOf('a', 3),
        'b.json': bytesOf('', 0),
        big: bytesOf('é', 600_000),
      }
      for (const [path, bytes] of Object.entries(files)) await raw.publish(path, bytes)
      for (const store of [raw, await opened.reopen()]) {
        for (const [path, bytes] of Object.entries(files)) assert.deepEqual(Buffer.from(await store.read(path)), bytes)
      }
    })

    it('takes the same bytes again and refuses others', async () => {
      await raw.publish('x/one', bytesOf('one', 1))
      await raw.publish('x/one', bytesOf('one', 1))
      await assert.rejects(raw.publish('x/one', bytesOf('two', 1)), failure('writer.fenced'))
      await assert.rejects((await opened.reopen()).publish('x/one', bytesOf('', 0)), failure('writer.fenced'))
      assert.deepEqual(Buffer.from(await raw.read('x/one')), bytesOf('one', 1))
    })

    it('lets one of many win a name, and shows its bytes whole', async () => {
      const other = await opened.reopen()
      for (let round = 0; round < 10; round++) {
        const path = `race/${round}`
        const attempts = await Promise.allSettled(
          Array.from({ length: 8 }, (_, at) => (at % 2 ? raw : other).publish(path, bytesOf(String(at), 50_000))),
        )
        const winners = attempts.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []))
        assert.equal(winners.length, 1)
        assert.deepEqual(Buffer.from(await raw.read(path)), bytesOf(String(winners[0]), 50_000))
      }
    })

    it('lists the names right under a folder, in order', async () => {
      assert.deepEqual(await raw.list('nowhere'), [])
      const paths = ['d/10', 'd/9', 'd/B', 'd/a', 'd/sub/deep', 'd/sub/deeper', 'e']
      await Promise.all(paths.map((path) => raw.publish(path, bytesOf(path, 1))))
      assert.deepEqual(await raw.list('d'), ['10', '9', 'B', 'a', 'sub'])
      assert.deepEqual(await raw.list('d/sub'), ['deep', 'deeper'])
      assert.deepEqual(await raw.list('d/missing/still'), [])
      assert.deepEqual(await raw.list(''), ['d', 'e'])
    })

    it('removes a file, and minds no missing one', async () => {
      await raw.publish('d/one', bytesOf('one', 1))
      await raw.publish('d/two', bytesOf('two', 1))
      await raw.remove('d/one')
      await raw.remove('d/one')
      await raw.remove('nowhere/at/all')
      assert.deepEqual(await raw.list('d'), ['two'])
      await assert.rejects(raw.read('d/one'), failure('not.found'))
      await raw.publish('d/one', bytesOf('new', 1))
      assert.deepEqual(Buffer.from(await raw.read('d/one')), bytesOf('new', 1))
    })

    it('refuses a path that leads out of the store', async () => {
      for (const path of ['../x', '/etc/x', 'a/../../x', 'a//b', './a', 'a/.hidden', 'a/', 'a:b', 'a\\b', 'a\0']) {
        await assert.rejects(raw.publish(path, bytesOf('x', 1)), failure('input.invalid'), path)
        await assert.rejects(raw.read(path), failure('input.invalid'), path)
      }
    })
  })
}

export function bytesOf(text: string, repeat: number): Buffer {
  return Buffer.from(text.repeat(repeat))
}

function failure(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof MusicboxError, String((error as Error).stack))
    assert.equal(error.code, code)
    return true
  }
}
