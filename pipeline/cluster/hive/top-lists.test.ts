import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MEASURES, type Measures, TOP_COUNT } from '../../../datasets/tables.ts'
import { topLists } from './top-lists.ts'

const counts = (plays: Record<string, number>): Map<string, Map<string, Measures>> => {
  const zero = Object.fromEntries(MEASURES.map((measure) => [measure, 0])) as Measures
  return new Map([['songs', new Map(Object.entries(plays).map(([id, count]) => [id, { ...zero, plays: count }]))]])
}

const listed = (by: string, now: Record<string, number>, before: Record<string, number>): string[] =>
  topLists({ period: 'yesterday', now: counts(now), before: counts(before) })
    .filter((row) => row.by === by)
    .map(({ rank, id, value, previous }) => `${rank} ${id} ${value} ${previous}`)

describe('top lists', () => {
  const [now, before] = [
    { b: 2, a: 2, '\uffff': 2, '😀': 2, up: 9, same: 1 },
    { up: 1, gone: 5, same: 1, a: 3 },
  ]

  it('rank by count, ties by id as databases order it', () => {
    assert.deepEqual(listed('plays', now, before), [
      '1 up 9 1',
      '2 a 2 3',
      '3 b 2 0',
      '4 \uffff 2 0',
      '5 😀 2 0',
      '6 same 1 1',
    ])
    assert.deepEqual(listed('tup', now, before), [], 'what has none is not listed')
  })

  it('tell what rises and falls, also from and to nothing', () => {
    assert.deepEqual(listed('rising', now, before), ['1 up 9 1', '2 b 2 0', '3 \uffff 2 0', '4 😀 2 0'])
    assert.deepEqual(listed('falling', now, before), ['1 gone 0 5', '2 a 2 3'])
  })

  it('end after so many', () => {
    const many = Object.fromEntries(Array.from({ length: TOP_COUNT + 1 }, (_, at) => [`s${at}`, at + 1]))
    const rows = listed('plays', many, {})
    assert.equal(rows.length, TOP_COUNT)
    assert.equal(rows[0], `1 s${TOP_COUNT} ${TOP_COUNT + 1} 0`)
  })
})
