import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { selectJson } from './json-path.ts'

const value = {
  name: { first: 'Ada' },
  'a.b': 1,
  nothing: null,
  list: [{ id: 1, tags: ['x', 'y'] }, { id: 2, tags: [] }, { other: 3 }],
}

describe('a selector of JSON', () => {
  for (const [path, selected] of [
    ['name.first', 'Ada'],
    ['list.0.id', 1],
    ['list.1', { id: 2, tags: [] }],
    ['list.9.id', undefined],
    ['list.#', 3],
    ['list.#.id', [1, 2]],
    ['list.#.tags.#', [2, 0]],
    ['list.#.tags.0', ['x']],
    ['list.#.none', []],
    ['a\\.b', 1],
    ['nothing', null],
    ['nothing.more', undefined],
    ['name.none', undefined],
    ['name.toString', undefined],
    ['list.length', undefined],
    ['name.#', undefined],
  ] as const) {
    it(`gives ${JSON.stringify(selected) ?? 'nothing'} for ${path}`, () => {
      assert.deepEqual(selectJson(value, path), selected)
    })
  }

  it('refuses what it does not do, and says what to do', () => {
    for (const path of [
      'list.*',
      'na?e',
      'list.#(id==1).id',
      'list|@reverse',
      '{name,list}',
      'a.#b',
      '@this',
      '!true',
    ]) {
      assert.throws(() => selectJson(value, path), { code: 'script.failed', hint: /take json\(\)/ }, path)
    }
  })
})
