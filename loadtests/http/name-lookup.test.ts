import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rememberingLookup } from './name-lookup.ts'

const ADDRESSES = [
  { address: '10.0.0.7', family: 4 },
  { address: '::7', family: 6 },
]

/** What `asked` a socket would be told of `name`. */
function told(lookup: ReturnType<typeof rememberingLookup>, name: string, options = {}): Promise<unknown> {
  return new Promise((resolve, reject) =>
    lookup(name, options, (error, address, family) =>
      error ? reject(error) : resolve(family ? [address, family] : address),
    ),
  )
}

describe('a look-up that remembers', () => {
  it('asks once for all that want a name, and again after five minutes', async () => {
    let now = 1000
    const asked: string[] = []
    const lookup = rememberingLookup(
      async (name) => {
        asked.push(name)
        return ADDRESSES
      },
      () => now,
    )
    await Promise.all(Array.from({ length: 100 }, () => told(lookup, 'music.test')))
    await told(lookup, 'other.test')
    assert.deepEqual(asked, ['music.test', 'other.test'])
    now += 299_999
    await told(lookup, 'music.test')
    assert.equal(asked.length, 2)
    now += 1
    await told(lookup, 'music.test')
    assert.equal(asked.length, 3)
  })

  it('gives the best address, all of them, or that of the family', async () => {
    const lookup = rememberingLookup(async () => ADDRESSES)
    assert.deepEqual(await told(lookup, 'music.test'), ['10.0.0.7', 4])
    assert.deepEqual(await told(lookup, 'music.test', { family: 6 }), ['::7', 6])
    assert.deepEqual(await told(lookup, 'music.test', { all: true }), ADDRESSES)
    const without = rememberingLookup(async () => ADDRESSES.slice(0, 1))
    await assert.rejects(told(without, 'music.test', { family: 6 }), { code: 'ENOTFOUND' })
  })

  it('remembers no failure', async () => {
    let fails = true
    const lookup = rememberingLookup(async () => {
      if (fails) throw Object.assign(new Error('none'), { code: 'EAI_AGAIN' })
      return ADDRESSES
    })
    await assert.rejects(told(lookup, 'music.test'), { code: 'EAI_AGAIN' })
    fails = false
    assert.deepEqual(await told(lookup, 'music.test'), ['10.0.0.7', 4])
  })

  it('finds this machine by its name in the system', async () => {
    const addresses = (await told(rememberingLookup(), 'localhost', { all: true })) as { address: string }[]
    assert.ok(addresses.some(({ address }) => address === '127.0.0.1' || address === '::1'))
  })
})
