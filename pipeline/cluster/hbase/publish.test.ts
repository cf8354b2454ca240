import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Publication } from '../../table-store.ts'
import type { Control, ControlRow, ControlState } from './control-row.ts'
import type { HbaseClient } from './hbase-client.ts'
import { HbaseError } from './hbase-error.ts'
import { type PublishingPlace, publish } from './publish.ts'
import { REVISIONS_KEPT } from './table-layout.ts'

const DAY: Publication = { scope: '2026-01-01', generation: 1, hash: 'h', as_of_ms: 1, complete: true, events: 0 }

describe('publishing on an HBase that reads but does not answer writes', () => {
  it('ends after the time of an operation, and pauses between its tries', async () => {
    const { place, changes } = silentPlace({ revision: 1 })
    const start_ms = performance.now()
    await assert.rejects(publish(place, DAY, []), isUnreachable)
    assert.ok(performance.now() - start_ms >= OPERATION_MS)
    assert.ok(changes() > 1 && changes() < 20, `expected some tries, got ${changes()}`)
  })

  it('ends so, too, before it removes what failed publishers left', async () => {
    const before: Control = { ...DAY, revision: 1, kept_from: 0, open_from: 2 }
    const { place, changes } = silentPlace({ revision: 1 + REVISIONS_KEPT, before })
    await assert.rejects(publish(place, DAY, []), isUnreachable)
    assert.ok(changes() > 1 && changes() < 20, `expected some tries, got ${changes()}`)
  })

  it('looks once more before it gives up, and takes what was done for done', async () => {
    const { place, changes } = silentPlace({ revision: 1, doneAfter: 1, operation_ms: 0 })
    await publish(place, DAY, [])
    assert.equal(changes(), 1)
  })
})

describe('publishing top lists', () => {
  it('succeeds though the sweep after it fails: the lists are there, and the next one sweeps', async (t) => {
    const warned = t.mock.method(process, 'emitWarning', () => {})
    const before: Control = { ...DAY, scope: 'periods', revision: 1, kept_from: 0, open_from: 2 }
    const { place } = silentPlace({ revision: 2, before, doneAfter: 1 })
    await publish(place, { ...DAY, scope: 'periods' }, [])
    assert.match(String(warned.mock.calls[0]?.arguments[0]), /stay until the next publication: no scan/)
  })
})

const OPERATION_MS = 200

/** Reads are answered, check-and-puts are not; the one that comes `doneAfter` others is carried out all the same. */
function silentPlace(is: { revision: number; before?: Control; doneAfter?: number; operation_ms?: number }): {
  place: PublishingPlace
  changes: () => number
} {
  let changes = 0
  let state: ControlState = { epoch: 1, birth: 'b', scopes: new Map(is.before && [[is.before.scope, is.before]]) }
  const control: Pick<ControlRow, 'current' | 'claim' | 'change'> = {
    current: async () => state,
    claim: async () => is.revision,
    change: async (from, to) => {
      if (++changes === is.doneAfter) state = { ...from, epoch: 2, scopes: new Map([[to.scope, to]]) }
      throw new HbaseError('unanswered', 'no answer to Mutate')
    },
  }
  const client = {
    times: { connect_ms: 1, call_ms: 1, operation_ms: is.operation_ms ?? OPERATION_MS },
    atRegion: async () => {
      throw new HbaseError('unanswered', 'no scan')
    },
  }
  const place = { client: client as unknown as HbaseClient, namespace: 'n', control: control as ControlRow }
  return { place: { ...place, rowsAtOnce: 10 }, changes: () => changes }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof MusicboxError && error.code === 'backend.unreachable' && /no answer/.test(error.message)
}
