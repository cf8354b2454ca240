import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Suspects } from './suspects.ts'

const EID = 'a'.repeat(32)

describe('a suspect', () => {
  const suspects = (saw: (suspects: Suspects) => void): Suspects => {
    const them = new Suspects()
    them.add(EID)
    saw(them)
    return them
  }
  const inAll = (them: Suspects): void => {
    for (const stage of ['log', 'raw', 'warehouse'] as const) them.saw(EID, stage)
  }

  it('that is at every stage once has no fault', () => {
    assert.equal(suspects(inAll).firstFault(EID), undefined)
  })

  it('is at fault at the first stage that lacks it', () => {
    assert.deepEqual(suspects(() => {}).firstFault(EID), { fault: 'lost', stage: 'log' })
    assert.deepEqual(suspects((them) => them.saw(EID, 'log')).firstFault(EID), { fault: 'lost', stage: 'raw' })
    const gone = suspects((them) => {
      them.saw(EID, 'log')
      them.saw(EID, 'warehouse')
    })
    assert.deepEqual(gone.firstFault(EID), { fault: 'lost', stage: 'raw' })
  })

  it('is doubled in the warehouse alone: log and raw files may repeat it', () => {
    const repeated = suspects((them) => {
      inAll(them)
      them.saw(EID, 'log', 5)
      them.saw(EID, 'raw', 5)
    })
    assert.equal(repeated.firstFault(EID), undefined)
    repeated.saw(EID, 'warehouse')
    assert.deepEqual(repeated.firstFault(EID), { fault: 'doubled', stage: 'warehouse' })
  })

  it('is altered at the first stage that has it otherwise', () => {
    const altered = suspects(inAll)
    altered.alter(EID, 'warehouse')
    assert.deepEqual(altered.firstFault(EID), { fault: 'altered', stage: 'warehouse' })
    altered.alter(EID, 'raw')
    assert.deepEqual(altered.firstFault(EID), { fault: 'altered', stage: 'raw' })
  })

  it('keeps the counts of stages apart, however many copies there are', () => {
    const many = suspects((them) => {
      for (let copy = 0; copy < 100; copy++) them.saw(EID, 'log', 7)
      them.saw(EID, 'warehouse', 2)
    })
    const copies = (['log', 'raw', 'warehouse', 'later'] as const).map((where) => many.copies(EID, where))
    assert.deepEqual(copies, [15, 0, 2, 0])
    assert.equal(many.isAltered(EID), false)
  })
})
