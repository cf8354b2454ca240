import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { ZIP_AREAS } from '../../datasets/zip.ts'
import { FRIENDS_MAX, friendsOf, STATION_COUNT, stationAt, stationsOf, strengthOf } from './collaboration.ts'
import { homeOf } from './home.ts'
import { listenerAt } from './listener.ts'
import { createWorld } from './world.ts'

const world = createWorld()
const COUNT = 3_000
const friends = Array.from({ length: COUNT }, (_, index) => friendsOf(world, index))

describe('friends', () => {
  it('are earlier accounts, each once, up to twelve, about four on average', () => {
    for (const [index, of] of friends.entries()) {
      assert.ok(of.length <= FRIENDS_MAX && new Set(of).size === of.length)
      assert.ok(of.every((friend) => Number.isInteger(friend) && friend >= 0 && friend < index))
    }
    const mean = friends.reduce((sum, of) => sum + of.length, 0) / COUNT
    assert.ok(mean > 3 && mean < 5, `${mean}`)
    assert.deepEqual(friends[0], [])
  })

  it('do not change when users are added', () => {
    const larger = createWorld({ userCount: 5_000_000 })
    for (let index = 0; index < 300; index++) assert.deepEqual(friendsOf(larger, index), friends[index])
  })

  it('live in the same state more often than strangers', () => {
    const states = Array.from({ length: COUNT }, (_, index) => ZIP_AREAS[homeOf(world, index).area]!.state)
    const nearShare = (pairs: readonly (readonly [number, number])[]): number =>
      pairs.filter(([one, other]) => states[one] === states[other]).length / pairs.length
    const pairs = friends.flatMap((of, index) => of.map((friend) => [index, friend] as const))
    const strangers = pairs.map(([one, other]) => [one, (other + 911) % COUNT] as const)
    assert.ok(nearShare(pairs) > 2 * nearShare(strangers), `${nearShare(pairs)} ${nearShare(strangers)}`)
  })

  it('are unequally many: a few accounts are befriended by very many', () => {
    const befriended = new Array<number>(COUNT).fill(0)
    for (const of of friends) for (const friend of of) befriended[friend]!++
    befriended.sort((a, b) => b - a)
    const top = befriended.slice(0, COUNT / 100).reduce((sum, count) => sum + count, 0)
    const all = befriended.reduce((sum, count) => sum + count, 0)
    assert.ok(top / all > 0.06, `${top / all}`)
  })

  it('are as close from both sides', () => {
    for (const [one, other] of [
      [3, 9],
      [100, 2],
      [77, 76],
    ] as const) {
      assert.equal(strengthOf(world, one, other), strengthOf(world, other, one))
      assert.ok(strengthOf(world, one, other) >= 0 && strengthOf(world, one, other) < 1)
    }
  })
})

describe('stations', () => {
  it('have names of their own and a genre', () => {
    const stations = Array.from({ length: STATION_COUNT }, (_, id) => stationAt(world, id))
    assert.equal(new Set(stations.map(({ name }) => name)).size, STATION_COUNT)
    for (const { genre } of stations) assert.ok(GENRES[genre])
    assert.throws(() => stationAt(world, STATION_COUNT), RangeError)
  })

  it('are subscribed to by taste: none to four, each once', () => {
    let [liked, subscriptions] = [0, 0]
    for (let index = 0; index < 1_000; index++) {
      const { taste } = listenerAt(world, index)
      const ids = stationsOf(world, index)
      assert.ok(ids.length <= 4 && new Set(ids).size === ids.length)
      assert.deepEqual(stationsOf(world, index, taste), ids)
      for (const id of ids) {
        liked += taste[stationAt(world, id).genre]!
        subscriptions++
      }
    }
    assert.ok(liked / subscriptions > 1.7, `${liked / subscriptions}`)
    // Without taste nobody likes what they subscribe to more than the rest.
    const alike = createWorld({ knobs: { taste: 0 } })
    assert.equal(listenerAt(alike, 1).taste[stationAt(world, stationsOf(alike, 3)[0] ?? 0).genre], 1)
  })
})
