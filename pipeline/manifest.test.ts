import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MusicboxError } from '../datasets/failure.ts'
import {
  filesByDay,
  type Link,
  type Manifest,
  manifestPath,
  publishManifest,
  type RawFile,
  readLastManifest,
  readManifests,
} from './manifest.ts'
import type { RawStore } from './raw-store.ts'

describe('manifests', () => {
  it('come back as they were written, the newest also by itself', async () => {
    const { raw } = memoryStore()
    assert.deepEqual(await readManifests(raw), [])
    assert.equal(await readLastManifest(raw), undefined)
    const links = await writeChain(raw, 12)
    assert.deepEqual(
      await readManifests(raw),
      links.map(({ manifest }) => manifest),
    )
    assert.deepEqual(await readLastManifest(raw), links.at(-1))
  })

  it('of one number are published once', async () => {
    const { raw } = memoryStore()
    const [first] = await writeChain(raw, 1)
    await publishManifest(raw, first!.manifest)
    await assert.rejects(publishManifest(raw, { ...first!.manifest, writer: 'other' }), failure('writer.fenced'))
  })

  it('name the one that was altered, missing or put elsewhere', async () => {
    const faults: Record<string, { plant: (files: Map<string, Uint8Array>) => void; says: RegExp }> = {
      'one byte altered': {
        plant: (files) => alter(files, 3, (text) => text.replace('"count":3', '"count":4')),
        says: /000000000003\.json was altered/,
      },
      'one removed': {
        plant: (files) => void files.delete(manifestPath(2)),
        says: /expected .*000000000002\.json next/,
      },
      'the first removed': { plant: (files) => void files.delete(manifestPath(1)), says: /000000000001\.json next/ },
      'cut short': { plant: (files) => alter(files, 4, (text) => text.slice(0, 30)), says: /000000000004.*to be JSON/ },
      'two swapped': {
        plant: (files) => {
          const [a, b] = [files.get(manifestPath(2))!, files.get(manifestPath(3))!]
          files.set(manifestPath(2), b).set(manifestPath(3), a)
        },
        says: /000000000002\.json to be manifest 2/,
      },
      'the newest begins elsewhere': {
        plant: (files) => alter(files, 5, (text) => text.replace('"begin":[40,4]', '"begin":[39,4]')),
        says: /000000000005\.json to begin at offsets 40,4, .*39,4/,
      },
    }
    for (const [fault, { plant, says }] of Object.entries(faults)) {
      const { raw, files } = memoryStore()
      await writeChain(raw, 5)
      plant(files)
      await assert.rejects(readManifests(raw), (error) => {
        assert.match((error as Error).message, says, fault)
        return failure('data.corrupt')(error)
      })
    }
  })

  it('tell a day’s files in the order of the log', async () => {
    const { raw } = memoryStore()
    const links = await writeChain(raw, 3)
    const days = filesByDay(links.map(({ manifest }) => manifest).toReversed())
    assert.deepEqual([...days.keys()], ['2026-01-01', '2026-01-02'])
    assert.deepEqual(
      days.get('2026-01-01')!.map(({ partition, first }) => [partition, first]),
      [
        [0, 0],
        [0, 10],
        [0, 20],
        [1, 0],
        [1, 1],
        [1, 2],
      ],
    )
  })
})

/** Manifests of two partitions: the first takes 10 events a batch, the second 1, the latter on two days. */
async function writeChain(raw: RawStore, length: number): Promise<Link[]> {
  const links: Link[] = []
  for (let at = 0; at < length; at++) {
    const manifest: Manifest = {
      version: 1,
      sequence: at + 1,
      previous: links.at(-1)?.sha256 ?? '',
      writer: 'test',
      begin: [at * 10, at],
      end: [at * 10 + 10, at + 1],
      files: [
        file({ day: '2026-01-02', partition: 1, first: at, count: 1 }),
        file({ day: '2026-01-01', partition: 1, first: at, count: 1 }),
        file({ day: '2026-01-01', partition: 0, first: at * 10, count: at + 1 }),
      ],
    }
    links.push(await publishManifest(raw, manifest))
  }
  return links
}

function file(given: Pick<RawFile, 'day' | 'partition' | 'first' | 'count'>): RawFile {
  const path = `dt=${given.day}/hr=05/${given.partition}-${given.first}`
  return { ...given, path, hour: '05', last: given.first, checksum: '0', sha256: '', size_bytes: 0 }
}

/** A raw store whose files a test can spoil. The real one's tests are its own. */
function memoryStore(): { raw: RawStore; files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>()
  const raw: RawStore = {
    publish: async (path, bytes) => {
      const there = files.get(path)
      if (there && !Buffer.from(there).equals(bytes)) throw new MusicboxError('writer.fenced', path)
      files.set(path, bytes)
    },
    read: async (path) => {
      const bytes = files.get(path)
      if (!bytes) throw new MusicboxError('not.found', path)
      return bytes
    },
    list: async (folder) =>
      [...files.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1))
        .sort(),
    remove: async (path) => void files.delete(path),
  }
  return { raw, files }
}

function alter(files: Map<string, Uint8Array>, sequence: number, change: (text: string) => string): void {
  const path = manifestPath(sequence)
  const before = Buffer.from(files.get(path)!).toString()
  const after = change(before)
  assert.notEqual(after, before, 'the fault is planted')
  files.set(path, Buffer.from(after))
}

function failure(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof MusicboxError, String((error as Error).stack))
    assert.equal(error.code, code)
    return true
  }
}
