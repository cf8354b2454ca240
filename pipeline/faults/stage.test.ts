/** A stage's process does what its order says, and tells how it ended. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { withBackend } from '../backend.ts'
import { collect } from '../collector.ts'
import { Stage } from './stage.ts'

const NOBODY_KNOWS = 'c0ffee00'.repeat(4)

describe('a stage in a process of its own', () => {
  let data: string
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'musicbox-stage-'))
    await append(NOBODY_KNOWS)
  })
  after(() => rm(data, { recursive: true, force: true }))

  it('waits at its step, and what it had not done by then is not done when it is killed', async () => {
    const stage = new Stage({ job: 'collect', stores: { data }, hold: { step: 'file-published', nth: 1 } })
    assert.equal(await stage.held(), true)
    assert.deepEqual(await stage.kill(), { state: 'killed' })
    assert.deepEqual(await withBackend({ data }, async (backend) => (await backend.raw()).list('_manifests')), [])
  })

  it('goes on when told to; overtaken meanwhile, it says that it was fenced', async () => {
    const slow = new Stage({ job: 'collect', stores: { data }, hold: { step: 'ends-read', nth: 1 } })
    assert.equal(await slow.held(), true)
    slow.pause()
    await withBackend({ data }, async (backend) => {
      const collected = await collect({ log: await backend.log(), raw: await backend.raw(), clock: Date.now })
      assert.equal(collected.events, 1)
    })
    slow.resume()
    slow.goOn()
    const outcome = await slow.outcome
    assert.equal(outcome.state === 'failed' && outcome.code, 'writer.fenced')
  })

  it('says that it never came by a step that it has no reason to take', async () => {
    const stage = new Stage({ job: 'collect', stores: { data }, hold: { step: 'fence-published', nth: 1 } })
    assert.equal(await stage.held(), false)
    assert.equal((await stage.outcome).state, 'done')
  })

  it('tells a store that cannot be had from a fault of the program, which is no outcome', async () => {
    const folder = join(data, 'file')
    await writeFile(folder, '')
    const stage = new Stage({ job: 'collect', stores: { data: folder } })
    const outcome = await stage.outcome
    assert.equal(outcome.state === 'failed' && outcome.code, 'backend.unreachable')
    const wrong = new Stage({ job: 'collect' } as never)
    await assert.rejects(wrong.outcome, /ended without a word/)
  })

  async function append(eid: string): Promise<void> {
    await withBackend({ data }, async (backend) => {
      const line = JSON.stringify({ eid, ts: 0, uid: 'u', session: 's', event: 'login', received_ms: 0 })
      await (await backend.log()).append([{ eid, key: 'u', line }])
    })
  }
})
