import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { workAhead } from './work-ahead.ts'

/** Work that ends when told to, and knows how much of it runs. */
function controlled(): {
  work: (item: number) => Promise<number>
  end: (item: number, error?: Error) => void
  running: Set<number>
  most: () => number
} {
  const enders = new Map<number, (error?: Error) => void>()
  const running = new Set<number>()
  let most = 0
  return {
    running,
    most: () => most,
    end: (item, error) => enders.get(item)!(error),
    work: (item) =>
      new Promise((resolve, reject) => {
        running.add(item)
        most = Math.max(most, running.size)
        enders.set(item, (error) => {
          running.delete(item)
          if (error) reject(error)
          else resolve(item * 10)
        })
      }),
  }
}

const turn = (): Promise<void> => new Promise(setImmediate)

describe('working ahead', () => {
  it('gives results in order, however the work ends, with no more at once than asked for', async () => {
    const { work, end, most } = controlled()
    const results: number[] = []
    const whole = (async () => {
      for await (const result of workAhead([1, 2, 3, 4], 2, work)) results.push(result)
    })()
    await turn()
    end(2)
    await turn()
    assert.deepEqual(results, [])
    end(1)
    await turn()
    assert.deepEqual(results, [10, 20])
    end(4)
    await turn()
    end(3)
    await whole
    assert.deepEqual(results, [10, 20, 30, 40])
    assert.equal(most(), 2)
  })

  it('fails with the item in its turn, once nothing runs any more', async () => {
    const { work, end, running } = controlled()
    let failed = false
    const whole = (async () => {
      for await (const _ of workAhead([1, 2, 3], 3, work));
    })().catch((error: Error) => {
      failed = true
      assert.equal(error.message, 'broken')
      assert.equal(running.size, 0)
    })
    await turn()
    end(2, new Error('also broken'))
    end(1, new Error('broken'))
    await turn()
    assert.equal(failed, false)
    end(3)
    await whole
    assert.equal(failed, true)
  })

  it('awaits what was begun when its reader leaves', async () => {
    const { work, end, running } = controlled()
    const whole = (async () => {
      for await (const _ of workAhead([1, 2, 3], 2, work)) break
      assert.equal(running.size, 0)
    })()
    await turn()
    end(1)
    await turn()
    for (const item of running) end(item)
    await whole
  })
})
