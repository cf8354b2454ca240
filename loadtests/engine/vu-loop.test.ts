import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VuLoop } from './vu-loop.ts'

const unexpected = (error: unknown): never => {
  throw error
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('a virtual user’s event loop', () => {
  it('ends an iteration only when timers and requests are done, not when its promise settles', async () => {
    const loop = new VuLoop(() => {})
    const seen: string[] = []
    await loop.run(async () => {
      loop.setTimeout(() => {
        seen.push('timer')
        void loop.join(pause(5)).then(() => seen.push('request'))
      }, 5)
      seen.push('returned')
    }, unexpected)
    assert.deepEqual(seen, ['returned', 'timer', 'request'])
  })

  it('runs long chains of promises to their end', async () => {
    const loop = new VuLoop(() => {})
    let links = 0
    await loop.run(async () => {
      for (let i = 0; i < 1000; i++) {
        await null
        links++
      }
    }, unexpected)
    assert.equal(links, 1000)
  })

  it('ends an iteration whose promise can never settle', async () => {
    const loop = new VuLoop(() => {})
    await loop.run(() => new Promise(() => {}), unexpected)
  })

  it('hands on what is thrown at once, in a promise and in a timer, and still drains', async () => {
    for (const start of [
      () => {
        throw new Error('thrown')
      },
      async () => {
        throw new Error('thrown')
      },
    ]) {
      const errors: unknown[] = []
      await new VuLoop(() => {}).run(start, (error) => errors.push(error))
      assert.deepEqual(errors.map(String), ['Error: thrown'])
    }
    const loop = new VuLoop(() => {})
    const errors: unknown[] = []
    await loop.run(
      () => {
        loop.setTimeout(() => {
          throw new Error('late')
        }, 1)
      },
      (error) => errors.push(error),
    )
    assert.deepEqual(errors.map(String), ['Error: late'])
  })

  it('runs nothing of an interrupted iteration again, not even finally', async () => {
    const loop = new VuLoop(() => {})
    const seen: string[] = []
    const iteration = loop.run(async () => {
      loop.setTimeout(() => seen.push('timer'), 10)
      try {
        await loop.join(pause(10))
        seen.push('answer')
      } finally {
        seen.push('finally')
      }
    }, unexpected)
    await pause(2)
    loop.interrupt()
    await iteration
    await pause(30)
    assert.deepEqual(seen, [])
  })

  it('parked: answers under way are dealt with, timers never fire', async () => {
    const loop = new VuLoop(() => {})
    const seen: string[] = []
    void loop.run(async () => {
      loop.setTimeout(() => seen.push('timer'), 15)
      await loop.join(pause(5))
      seen.push('answer')
      loop.setTimeout(() => seen.push('new timer'), 0)
    }, unexpected)
    loop.park()
    assert.equal(loop.inFlight, true)
    await pause(40)
    assert.deepEqual(seen, ['answer'])
    assert.equal(loop.inFlight, false)
    loop.interrupt()
  })

  it('parked: neither an iteration that waits for something new nor one that follows it ends, until interrupted', async () => {
    const loop = new VuLoop(() => {})
    const seen: string[] = []
    const ended = (what: string) => () => void seen.push(what)
    const first = loop.run(async () => {
      await loop.join(pause(1))
      seen.push('answer')
      await loop.stall()
      seen.push('stalled')
    }, unexpected)
    loop.park()
    void first.then(ended('first'))
    await pause(20)
    assert.deepEqual(seen, ['answer'])
    assert.equal(loop.inFlight, false, 'a stall is no request')
    loop.interrupt()
    await first
    const second = loop.run(ended('second began'), unexpected).then(ended('second'))
    await pause(20)
    assert.deepEqual(seen, ['answer', 'first'])
    loop.interrupt()
    await second
    assert.deepEqual(seen, ['answer', 'first', 'second'])
  })

  it('held: timers wait, and have as much time left afterwards as before', async () => {
    const late: number[] = []
    const loop = new VuLoop((ms) => late.push(ms))
    const seen: string[] = []
    const ended = loop.run(() => {
      loop.setTimeout(() => seen.push('set before'), 1)
    }, unexpected)
    loop.hold()
    loop.setTimeout(() => seen.push('set while held'), 2)
    await pause(20)
    assert.deepEqual(seen, [])
    loop.release()
    await ended
    assert.deepEqual(seen, ['set before', 'set while held'])
    assert.equal(late.length, 2)
  })

  it('repeats an interval until it is cleared', async () => {
    const loop = new VuLoop(() => {})
    let times = 0
    await loop.run(() => {
      const id = loop.setInterval(() => {
        if (++times === 3) loop.clearTimeout(id)
      }, 1)
    }, unexpected)
    assert.equal(times, 3)
  })

  it('tells how late timers fire', async () => {
    const late: number[] = []
    const loop = new VuLoop((ms) => late.push(ms))
    await loop.run(() => {
      loop.setTimeout(() => {}, 1)
      const until = performance.now() + 30
      while (performance.now() < until);
    }, unexpected)
    assert.ok(late[0]! >= 25, `told ${late[0]}`)
  })
})
