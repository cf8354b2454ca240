import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { MusicboxError } from '../../datasets/failure.ts'
import { PUBLISHED_KNOBS } from '../kernel/knobs.ts'
import { SHOCK_KINDS } from '../kernel/shock.ts'
import { interest } from '../kernel/song-interest.ts'
import { seedKey } from '../seed.ts'
import { KNOB_FIELDS, knobsJson, knobsOf } from './knob-fields.ts'
import type { Problem, ScenarioError } from './problem.ts'
import { songAtRank } from './rank.ts'
import { checkScenario, parseScenario, scenarioJsonSchema } from './scenario.ts'
import { loadScenario, shippedNames } from './shipped.ts'
import { shockJson, shockOf } from './shock-fields.ts'
import { worldOf } from './world-of.ts'

const least = { name: 'least', description: 'The least that there is.', first_day: '2025-03-01', days: 3, songs: 300 }
const viral = { kind: 'viral', name: 'a wave', song: 7, day: '2025-03-02', size: 2, fade_days: 3 }

function problemsIn(given: object): Readonly<Record<string, string>> {
  try {
    checkScenario(given, 'test.json')
  } catch (error) {
    assert.ok(error instanceof MusicboxError && error.code === 'input.invalid')
    const { problems } = error as ScenarioError
    for (const { path, message } of problems) assert.ok(error.message.includes(`${path}: ${message}`))
    return Object.fromEntries(problems.map(({ path, message }: Problem) => [path, message]))
  }
  return {}
}

describe('a scenario', () => {
  it('is the world that it describes, with published strengths where it says nothing', () => {
    const scenario = checkScenario({ ...least, seed: 'x', users: 9, knobs: { skip_by_age: 0.5 }, shocks: [viral] }, '')
    const { world, firstDay, lastDay } = worldOf(scenario)
    assert.deepEqual([firstDay, lastDay, world.liveDay], ['2025-03-01', '2025-03-03', '2025-03-04'])
    assert.deepEqual(world.key, seedKey('x'))
    assert.deepEqual([world.userCount, world.songCount, world.lastYear], [9, 300, 2025])
    assert.deepEqual(world.knobs, { ...PUBLISHED_KNOBS, skipByAge: 0.5 })
    assert.deepEqual(world.shocks, [
      { kind: 'viral', name: 'a wave', song: 7, day: '2025-03-02', size: 2, fadeDays: 3 },
    ])
  })

  it('takes a last day for a length', () => {
    const { days: _, ...rest } = least
    assert.deepEqual(worldOf(checkScenario({ ...rest, last_day: '2025-03-03' }, '')), worldOf(checkScenario(least, '')))
  })

  it('has every knob of the kernel, there and back', () => {
    assert.deepEqual(knobsOf(knobsJson(PUBLISHED_KNOBS)), PUBLISHED_KNOBS)
    assert.ok(KNOB_FIELDS.includes('sessions_per_day') && KNOB_FIELDS.length === Object.keys(PUBLISHED_KNOBS).length)
  })

  it('has every kind of shock of the kernel, there and back', () => {
    const who = { name: 'n', day: '2025-03-02', size: 2, fade_days: 3 }
    const shocks = [
      viral,
      { kind: 'death', ...who, artist: 0 },
      { kind: 'release', ...who, name: 'r', song: 1 },
      { kind: 'holiday', name: 'h', day: '2025-03-01', days: 2, size: 0.5 },
      { kind: 'outage', name: 'o', from: '2025-03-02T01:00:00.000Z', to: '2025-03-02T02:30:00.000Z' },
      { kind: 'price', name: 'p', day: '2025-03-03', size: 2 },
    ]
    const scenario = checkScenario({ ...least, shocks }, '')
    assert.deepEqual(scenario.shocks.map(({ kind }) => kind).sort(), [...SHOCK_KINDS].sort())
    const { world } = worldOf(scenario)
    assert.deepEqual(world.shocks.map(shockJson), shocks)
    assert.deepEqual(
      world.shocks.map((shock) => shockOf(shockJson(shock), () => assert.fail('it has no rank'))),
      world.shocks,
    )
  })

  it('finds who stands at a rank, and says when nobody does', () => {
    const { world } = worldOf(checkScenario(least, ''))
    const day = '2025-03-02'
    const ranked = Array.from({ length: 300 }, (_, song) => interest(world, song, day)).sort((a, b) => b - a)
    for (const rank of [1, 2, 50]) assert.equal(interest(world, songAtRank(world, day, rank)!, day), ranked[rank - 1])
    const byRank = checkScenario({ ...least, shocks: [{ ...viral, song: { rank: 2 } }] }, '')
    const [shock] = worldOf(byRank).world.shocks
    assert.ok(shock?.kind === 'viral' && shock.song === songAtRank(world, day, 2))
    const release = { kind: 'release', name: 'r', song: { rank: 1 }, day: '2025-03-07', size: 1, fade_days: 9 }
    const { world: full } = worldOf(checkScenario({ ...least, songs: 10_000, days: 20, shocks: [release] }, ''))
    const [released] = full.shocks
    assert.ok(released?.kind === 'release')
    assert.equal(interest(full, released.song, '2025-03-06'), 0)
    assert.ok(interest(full, released.song, '2025-03-14') > 0)
    const artists = { kind: 'death', name: 'd', artist: { rank: 250 }, day, size: 1, fade_days: 1 }
    assert.throws(() => worldOf(checkScenario({ ...least, shocks: [artists] }, '')), /"d" to name a rank .* got 250/)
  })

  it('tells all problems at once, each with its path, what was expected, what came and what may have been meant', () => {
    const { first_day: _, ...rest } = least
    const problems = problemsIn({
      ...rest,
      name: 'Not a name',
      profile: 'realstic',
      users: 0,
      last_day: '2025-03-14',
      knobs: { skp: 1, skip: 'much' },
      shocks: [viral, { kind: 'virl' }, { ...viral, day: '2025-02-30', fade_days: undefined, fadeDays: 2 }],
      dirt: { late: 0.1, bots: 2 },
      formats: ['jsonl', 'xml'],
    })
    assert.deepEqual(problems, {
      name: 'expected a name in lower case with hyphens, like release-day, got "Not a name"',
      profile: 'expected one of realistic, seed-2014, got "realstic"; did you mean `realistic`?',
      users: 'expected a whole number from 1 to 100000000, got 0',
      first_day: 'expected a day from 1970 on, like 2025-03-14, got nothing',
      'knobs.skip': 'expected a number from 0 to 100, got "much"',
      'knobs.skp': 'unknown field; did you mean `skip`?',
      'shocks[1].kind':
        'expected a shock, whose kind is one of viral, death, release, holiday, outage, price, got "virl"; did you mean `viral`?',
      'shocks[2].day': 'expected a day from 1970 on, like 2025-03-14, got "2025-02-30"',
      'shocks[2].fade_days': 'expected a number from 0.1 to 3650, got nothing',
      'shocks[2].fadeDays': 'unknown field; did you mean `fade_days`?',
      'shocks[2].name': 'expected a name of its own, got "a wave", which shocks[0] has',
      'dirt.bots': 'expected a number from 0 to 1, got 2',
      'dirt.late_ms_max': 'expected more than 0 ms, since late is 0.1',
      'formats[1]': 'expected one of jsonl, jsonl.gz, csv, csv.gz, parquet, npy, got "xml"',
      last_day: 'expected days or last_day, got both; remove one',
    })
  })

  it('tells contradictions between fields that are each as expected', () => {
    assert.deepEqual(problemsIn({ ...least, shocks: [{ ...viral, day: '2025-03-04' }] }), {
      'shocks[0].day': 'expected a day within the history, which ends on 2025-03-03, got "2025-03-04"',
    })
    assert.deepEqual(problemsIn({ ...least, shocks: [{ ...viral, song: 300 }] }), {
      'shocks[0].song': 'expected at most 299, for there are 300 songs, got 300',
    })
    const { days: _, ...rest } = least
    assert.deepEqual(Object.keys(problemsIn(rest)), ['days'])
    assert.deepEqual(problemsIn({ ...rest, last_day: '2025-02-28' }), {
      last_day: 'expected a day from first_day (2025-03-01) on, got "2025-02-28"',
    })
    const outage = { kind: 'outage', name: 'o', from: '2025-03-02T01:00:00Z', to: '2025-03-02T01:00:00Z' }
    assert.deepEqual(Object.keys(problemsIn({ ...least, shocks: [outage] })), ['shocks[0].to'])
  })

  it('says what is no JSON', () => {
    assert.throws(() => parseScenario('{\n  "name": x}', 'my.json'), /my\.json to be a scenario: expected JSON: .*'x'/)
  })

  it('meets anything at all with a scenario or with problems, never with another failure', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(least), 'shocks', 'knobs', 'dirt'), (value, field) => {
        for (const given of [value, { ...least, [field]: value }, { ...least, shocks: [value] }]) {
          try {
            checkScenario(given, 'any.json')
          } catch (error) {
            assert.ok(error instanceof MusicboxError, String(error))
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('has the schema that is published', () => {
    const published = readFileSync(new URL('./scenario.schema.json', import.meta.url), 'utf8')
    assert.deepEqual(JSON.parse(published), scenarioJsonSchema(), 'write it anew with "musicbox scenario schema"')
    const described = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      const { properties } = node as { properties?: Record<string, { description?: string }> }
      for (const [name, field] of Object.entries(properties ?? {})) {
        assert.ok(field.description, `${path}.${name} has no description`)
      }
      for (const [key, child] of Object.entries(node)) described(child, `${path}.${key}`)
    }
    described(scenarioJsonSchema(), '')
  })
})

describe('the shipped scenarios', () => {
  it('are six, each under its own name, with named shocks, and worlds', () => {
    const names = ['artist-death', 'christmas', 'growth-and-price', 'realistic', 'release-day', 'viral-and-outage']
    assert.deepEqual(shippedNames(), names)
    for (const name of names) {
      const scenario = loadScenario(name)
      assert.equal(scenario.name, name)
      assert.ok(scenario.shocks.length > 0)
      assert.equal(worldOf(scenario).world.shocks.length, scenario.shocks.length)
    }
  })

  it('are found by name, files by path, and a near name is suggested', () => {
    const file = new URL('./shipped/christmas.json', import.meta.url).pathname
    assert.deepEqual(loadScenario(file), loadScenario('christmas'))
    assert.throws(() => loadScenario('chrismas'), { code: 'not.found', hint: 'did you mean christmas?' })
    assert.throws(() => loadScenario('./none.json'), { code: 'not.found' })
  })
})
