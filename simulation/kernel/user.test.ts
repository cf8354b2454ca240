import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { userSchema } from '../../datasets/music.ts'
import { dayOfNumber } from './day-number.ts'
import { listenerAt } from './listener.ts'
import { userAt, users } from './user.ts'
import { createWorld } from './world.ts'

const world = createWorld({ userCount: 4_000 })
const everybody = [...users(world)]

/** Four deviations of a binomial share around `share`. */
const isNear = (count: number, n: number, share: number): boolean =>
  Math.abs(count / n - share) < 4 * Math.sqrt((share * (1 - share)) / n)

describe('users', () => {
  it('fit the table of users, each with an id of their own', () => {
    for (const user of everybody) userSchema.parse(user)
    assert.equal(new Set(everybody.map((user) => user.uid)).size, everybody.length)
    assert.match(everybody[0]!.uid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('cannot be mistaken for anybody: reserved mail domain, test addresses', () => {
    for (const { email, ip4 } of everybody) {
      assert.match(email, /^[a-z]+\.[a-z]+\.\d+@example\.com$/)
      assert.match(ip4, /^198\.1[89]\.\d+\.\d+$/)
    }
  })

  it('have the original’s weights, 10/20/35/25/10 %, and 1 % dormant accounts', () => {
    const share = [0.1, 0.2, 0.35, 0.25, 0.1]
    const isAsOdds = (odds: readonly number[]): boolean =>
      odds.every((p, i) => isNear(everybody.filter(({ weight }) => weight === i + 1).length, everybody.length, p))
    assert.ok(isAsOdds(share))
    assert.ok(!isAsOdds([0.2, 0.2, 0.2, 0.2, 0.2]), 'the check would pass for equal odds')
    assert.ok(isNear(everybody.filter(({ active }) => !active).length, everybody.length, 0.01))
    assert.equal(
      listenerAt(
        world,
        everybody.findIndex(({ active }) => !active),
      ).sessions_per_day,
      0,
    )
  })

  it('were born evenly from 1930 to 2000 in seed-2014, and otherwise are of an age to listen', () => {
    const years = [...users({ ...world, profile: 'seed-2014' })].map(({ birth }) => Number(birth.slice(0, 4)))
    assert.ok(Math.min(...years) >= 1930 && Math.max(...years) <= 2000)
    assert.ok(isNear(years.filter((year) => year < 1965).length, years.length, 35 / 71))
    const ages = everybody.map(({ birth }) => 2026 - Number(birth.slice(0, 4))).sort((a, b) => a - b)
    assert.ok(ages[0]! >= 13 && ages.at(-1)! <= 96)
    assert.ok(ages[2_000]! >= 30 && ages[2_000]! <= 34)
  })

  it('signed up before the history and logged in after they signed up, or join later and have not logged in', () => {
    const later = everybody.filter(({ created }) => created >= world.firstDay)
    // A fifth of those who are there join each year, for three years.
    assert.ok(isNear(later.length, everybody.length, 0.6 / 1.6))
    for (const { created, last_login } of everybody) {
      if (created >= world.firstDay) assert.equal(last_login, '')
      else assert.ok(created <= last_login && last_login < world.firstDay)
    }
  })

  it('are who the listener is', () => {
    for (const [index, user] of everybody.slice(0, 200).entries()) {
      const listener = listenerAt(world, index)
      assert.deepEqual(
        [user.uid, user.gender, user.zip, user.birth, user.created],
        [
          listener.uid,
          listener.gender,
          listener.home.zip,
          dayOfNumber(listener.birthDay),
          dayOfNumber(listener.joinDay),
        ],
      )
    }
  })

  it('do not change when more users come', () => {
    assert.deepEqual(userAt(createWorld({ userCount: 9_000 }), 1_234), everybody[1_234])
  })

  it('are refused beyond the last', () => {
    assert.throws(() => userAt(world, 4_000), RangeError)
  })
})
