import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fakerLicence, fakerNames, namesHash, namesSource } from './names.build.ts'
import { NAMES_SHA256 } from './names.generated.ts'
import { FIRST_NAMES, LAST_NAMES } from './names.ts'

const lists = {
  FIRST_NAMES_F: [...FIRST_NAMES.F],
  FIRST_NAMES_M: [...FIRST_NAMES.M],
  FIRST_NAMES_X: [...FIRST_NAMES.X],
  LAST_NAMES: [...LAST_NAMES],
}

describe('the frozen name table', () => {
  it('has the hash that is recorded with it', () => {
    assert.equal(namesHash(lists), NAMES_SHA256)
  })

  it('has another hash when one name is changed, moved or gone', () => {
    const [first, second, ...others] = lists.LAST_NAMES
    for (const names of [
      [`${first}x`, second!, ...others],
      [second!, first!, ...others],
      [second!, ...others],
    ]) {
      assert.notEqual(namesHash({ ...lists, LAST_NAMES: names }), NAMES_SHA256)
    }
  })

  it('is what its builder makes of the installed faker', () => {
    const written = readFileSync(new URL('./names.generated.ts', import.meta.url), 'utf8')
    assert.equal(namesSource(fakerNames(), fakerLicence()), written)
  })

  it('has lists that are long, sorted and without repeats', () => {
    for (const [name, list] of Object.entries(lists)) {
      assert.ok(list.length > 150, `${name} has ${list.length}`)
      assert.deepEqual(
        list,
        [...new Set(list)].sort((a, b) => (a < b ? -1 : 1)),
        name,
      )
      assert.deepEqual(
        list.filter((entry) => !/^\p{Lu}[\p{L}'-]+$/u.test(entry)),
        [],
        name,
      )
    }
  })
})
