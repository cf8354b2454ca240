import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { announcePart, readServing, type Serving, servingPath, withdrawParts, writeServing } from './serving.ts'

const SERVING: Serving = {
  supervisor_pid: 100,
  parts: [
    { part: 'events', pid: 101, url: 'http://127.0.0.1:8080', metrics_url: 'http://127.0.0.1:9181/metrics' },
    { part: 'pipeline', pid: 102, metrics_url: 'http://127.0.0.1:9201/metrics' },
  ],
}

describe('the serving file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-serving-'))
  })
  afterEach(async () => await rm(folder, { recursive: true, force: true }))

  it('reads as it was written, and leaves no draft behind', async () => {
    writeServing(folder, SERVING)
    assert.deepEqual(await readServing(folder), SERVING)
    assert.deepEqual(await readdir(folder), ['serving.json'])
  })

  it('is nothing where nobody serves, and where the last part has stopped', async () => {
    assert.equal(await readServing(folder), undefined)
    assert.equal(await readServing(join(folder, 'not-there')), undefined)
    writeServing(folder, SERVING)
    writeServing(folder, { ...SERVING, parts: [] })
    assert.equal(await readServing(folder), undefined)
  })

  it('names the parts of a process that started them one by one, each by its newest pid', async () => {
    const [events, pipeline] = SERVING.parts
    announcePart(folder, events!)
    announcePart(folder, pipeline!)
    announcePart(folder, { ...events!, pid: 201 })
    const serving = await readServing(folder)
    assert.equal(serving?.supervisor_pid, process.pid)
    assert.deepEqual(
      serving.parts.map(({ part, pid }) => [part, pid]),
      [
        ['pipeline', 102],
        ['events', 201],
      ],
    )
    withdrawParts(folder, ['events'])
    assert.deepEqual((await readServing(folder))?.parts, [pipeline])
    withdrawParts(folder, ['pipeline'])
    assert.deepEqual(await readdir(folder), [])
  })

  it('takes the place of another supervisor’s, and leaves that one’s alone when it withdraws', async () => {
    writeServing(folder, SERVING)
    withdrawParts(folder, ['events', 'pipeline'])
    assert.deepEqual(await readServing(folder), SERVING)
    announcePart(folder, SERVING.parts[0]!)
    assert.deepEqual((await readServing(folder))?.parts.length, 1)
  })

  for (const [what, text] of [
    ['text that is no JSON', 'events 101'],
    ['a pid that would be a process group', JSON.stringify({ ...SERVING, supervisor_pid: -1 })],
    ['a pid that would be every process', JSON.stringify({ ...SERVING, parts: [{ ...SERVING.parts[0], pid: 0 }] })],
    ['a part that there is not', JSON.stringify({ ...SERVING, parts: [{ ...SERVING.parts[0], part: 'init' }] })],
  ] as const) {
    it(`is refused when it holds ${what}`, async () => {
      await writeFile(servingPath(folder), text)
      await assert.rejects(readServing(folder), { code: 'data.corrupt', message: /serving\.json/ })
    })
  }
})
