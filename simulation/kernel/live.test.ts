import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { songs } from '../../datasets/catalogue.ts'
import { wireEventSchema } from '../../datasets/event.ts'
import { foldName, searchNames } from '../../datasets/keys.ts'
import { uidAt } from './listener.ts'
import { liveSession, liveUser } from './live.ts'
import { catalogueOf, createWorld } from './world.ts'

const world = createWorld({ songCount: 400, userCount: 150 })

describe('the live outlet', () => {
  it('gives events that the API takes once they are stamped', () => {
    for (let listener = 0; listener < 60; listener++) {
      let ts = 1_700_000_000_000
      const { uid, session, events } = liveSession(world, listener, 0, 'run')
      for (const { after_ms, ...event } of events) {
        assert.ok(Number.isInteger(after_ms) && after_ms >= 0)
        ts += after_ms
        const parsed = wireEventSchema.parse({ ...event, ts })
        assert.deepEqual([parsed.uid, parsed.session], [uid, session])
      }
      assert.equal(events[0]!.event, 'login')
      assert.equal(events.at(-1)!.event, 'exit')
    }
  })

  it('is the same each time it is asked, in any order', () => {
    const first = liveSession(world, 7, 3, 'run')
    liveSession(world, 8, 1, 'other')
    assert.deepEqual(liveSession(world, 7, 3, 'run'), first)
    assert.deepEqual(liveSession(createWorld({ songCount: 400, userCount: 150 }), 7, 3, 'run'), first)
  })

  it('runs, bundled, where there is no clock, no chance, no Node and no transcendental function, to the same bytes', async () => {
    const bundle = await build({
      entryPoints: [fileURLToPath(new URL('./live.ts', import.meta.url))],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'live',
      target: 'es2020',
    })
    const sandbox = createContext({})
    runInContext(
      `for (const name of ['exp', 'log', 'pow', 'sin', 'cos', 'random']) delete Math[name]
       delete globalThis.Date; delete globalThis.Intl`,
      sandbox,
    )
    runInContext(bundle.outputFiles[0]!.text, sandbox)
    for (const profile of ['realistic', 'seed-2014'] as const) {
      const of = { ...world, profile }
      const there = runInContext(`JSON.stringify(live.liveSession(${JSON.stringify(of)}, 11, 2, 'run'))`, sandbox)
      assert.equal(there, JSON.stringify(liveSession(of, 11, 2, 'run')))
    }
  })

  it('puts another user in each seat as long as there are users', () => {
    const users = Array.from({ length: 150 }, (_, listener) => liveUser(world, listener))
    assert.equal(new Set(users).size, 150)
    assert.equal(liveUser(world, 150), users[0])
    assert.equal(liveSession(world, 9, 0, 'run').uid, uidAt(world, users[9]!))
    assert.equal(liveSession(world, 9, 4, 'run').uid, uidAt(world, users[9]!))
  })

  it('does the same in every run under other ids', () => {
    const [one, two] = ['one', 'two'].map((run) => liveSession(world, 5, 2, run))
    const conduct = (session: typeof one): unknown =>
      session!.events.map(({ eid: _eid, session: _session, ...rest }) => rest)
    assert.deepEqual(conduct(one), conduct(two))
    const eids = [...one!.events, ...two!.events].map(({ eid }) => eid)
    assert.equal(new Set(eids).size, eids.length)
    assert.notEqual(one!.session, two!.session)
  })

  it('never gives two events one id, whatever listener, ordinal or step', () => {
    const eids = new Set<string>()
    let count = 0
    for (let listener = 0; listener < 40; listener++) {
      for (let ordinal = 0; ordinal < 5; ordinal++) {
        for (const { eid } of liveSession(world, listener, ordinal, 'run').events) {
          eids.add(eid)
          count++
        }
      }
    }
    assert.equal(eids.size, count)
  })

  it('starts everybody within half a minute, not all at once, and rests between sessions', () => {
    const firsts = Array.from(
      { length: 100 },
      (_, listener) => liveSession(world, listener, 0, 'run').events[0]!.after_ms,
    )
    assert.ok(Math.max(...firsts) < 30_000 && new Set(firsts).size > 90)
    for (let listener = 0; listener < 20; listener++) {
      assert.ok(liveSession(world, listener, 1, 'run').events[0]!.after_ms >= 5_000)
    }
  })

  it('searches for what a search by prefix finds', () => {
    const names = [...songs(catalogueOf(world))].flatMap((song) => [
      ...searchNames(song.title),
      ...searchNames(song.artist_name),
    ])
    let searches = 0
    for (const profile of ['realistic', 'seed-2014'] as const) {
      for (let listener = 0; listener < 60; listener++) {
        for (const event of liveSession({ ...world, profile }, listener, 0, 'run').events) {
          if (event.event !== 'search') continue
          searches++
          const query = foldName(event.query!)
          assert.ok(query.length > 0 && names.some((name) => name.startsWith(query)), event.query)
        }
      }
    }
    assert.ok(searches > 50)
  })
})
