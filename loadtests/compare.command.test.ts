import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Ran, runCommand } from '../datasets/command.suite.ts'
import type { Capsule } from './capsule/capsule.ts'
import { writeCapsule } from './capsule/capsule-file.ts'
import { parseFailOn } from './capsule/fail-on.ts'
import { sampleRun } from './capsule/sample-run.suite.ts'
import { type CompareResult, compareCommand } from './compare.command.ts'

describe('musicbox compare', () => {
  let folder = ''
  const path = (name: string): string => join(folder, `${name}.capsule.json.gz`)
  const run = (...args: string[]): Promise<Ran> => runCommand(compareCommand, ['compare', ...args])
  const base = sampleRun({ seed: 1 })
  const with_ = (over: Partial<Capsule>): Capsule => ({ ...sampleRun({ seed: 2 }), ...over })

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'compare-'))
    const { generator } = base.result
    const runs: Record<string, Capsule> = {
      base,
      same: sampleRun({ seed: 2 }),
      slow: sampleRun({ seed: 3, median_ms: 11.5 }),
      errors: sampleRun({ seed: 4, errors: 0.02 }),
      short: sampleRun({ seed: 5, seconds: 8 }),
      script: with_({ script_hash: '00'.repeat(32) }),
      elsewhere: with_({ options: { vus: 9 }, machine: { ...base.machine, cores: 64 } }),
      invalid: with_({
        result: { ...base.result, generator: { ...generator, verdict: 'INVALID', reasons: ['the loop stood still'] } },
      }),
    }
    for (const [name, capsule] of Object.entries(runs)) await writeCapsule(path(name), capsule)
  })
  after(() => rm(folder, { recursive: true }))

  it('finds two runs of one system the same and exits 0', async () => {
    const { exit, out } = await run(path('base'), path('same'))
    assert.equal(exit, 0, out)
    assert.match(out, /service time p95 .* same/)
    assert.match(out, /response time p99/)
    assert.match(out, /the same as the baseline/)
  })

  it('exits 99 for a slowdown, names what it found, and 0 the other way round', async () => {
    const { exit, out } = await run(path('base'), path('slow'), '--json')
    assert.equal(exit, 99)
    const { verdict, failed, figures } = JSON.parse(out) as CompareResult
    assert.equal(verdict, 'worse')
    assert.ok(failed.includes('service_p50'))
    assert.ok(!failed.includes('throughput'))
    const { difference, interval } = figures.find(({ key }) => key === 'service_p50')!
    assert.ok(interval[0] < 15 && 15 < interval[1], `15 % lies in ${interval}`)
    assert.ok(interval[0] < difference && difference < interval[1])
    const back = await run(path('slow'), path('base'))
    assert.equal(back.exit, 0)
    assert.match(back.out, /better than the baseline/)
  })

  it('fails on what it is asked to fail on, and on nothing else', async () => {
    assert.equal((await run(path('base'), path('errors'))).exit, 99)
    assert.equal((await run(path('base'), path('errors'), '--fail-on', 'p95,throughput')).exit, 0)
    assert.equal((await run(path('base'), path('errors'), '--fail-on', 'p95,errors')).exit, 99)
    assert.equal((await run(path('base'), path('slow'), '--fail-on', 'service_p50>40%')).exit, 0)
    assert.equal((await run(path('base'), path('slow'), '--fail-on', 'none')).exit, 0)
    const wrong = await run(path('base'), path('slow'), '--fail-on', 'p97')
    assert.equal(wrong.exit, 104)
    assert.match(wrong.err, /got "p97"/)
  })

  it('shows no figure of an INVALID run, which is no 0', async () => {
    for (const pair of [
      ['base', 'invalid'],
      ['invalid', 'base'],
    ] as const) {
      const { exit, out } = await run(...pair.map(path))
      assert.equal(exit, 104)
      assert.match(out, /INVALID[\s\S]*the loop stood still/)
      assert.doesNotMatch(out, /service|p95|\d ms/)
    }
    const { out } = await run(path('base'), path('invalid'), '--json')
    assert.deepEqual((JSON.parse(out) as CompareResult).figures, [])
  })

  it('refuses other scripts unless told otherwise, and warns of what else differs', async () => {
    const refused = await run(path('base'), path('script'))
    assert.equal(refused.exit, 104)
    assert.match(refused.err, /different scripts[\s\S]*--anyway/)
    const anyway = await run(path('base'), path('script'), '--anyway')
    assert.equal(anyway.exit, 0)
    assert.match(anyway.out, /warning: they ran different scripts/)
    const { out } = await run(path('base'), path('elsewhere'))
    assert.match(out, /warning: other options: scenarios, vus/)
    assert.match(out, /warning: another machine: 2 × .* and 64 ×/)
  })

  it('wants enough seconds, also after what is skipped', async () => {
    assert.match((await run(path('base'), path('short'))).err, /12 whole seconds .* candidate, got 7/)
    assert.equal((await run(path('base'), path('same'), '--skip', '10s')).exit, 0)
    assert.match((await run(path('base'), path('same'), '--skip', '50s')).err, /baseline, got 9/)
  })
})

describe('--fail-on', () => {
  it('reads figures, parts of names, and limits', () => {
    const { fails, limits } = parseFailOn('p99 > 7.5%, errors')
    assert.deepEqual(limits, { service_p99: 0.075, response_p99: 0.075 })
    assert.deepEqual(['service_p99', 'response_p99', 'errors', 'service_p95'].map(fails), [true, true, true, false])
    assert.deepEqual([parseFailOn('any').fails('checks'), parseFailOn('none').fails('checks')], [true, false])
    for (const wrong of ['', 'p95>', 'p95>5', 'p95<5%', 'checks,,errors', 'service']) {
      assert.throws(() => parseFailOn(wrong), { code: 'input.invalid' }, wrong)
    }
  })
})
