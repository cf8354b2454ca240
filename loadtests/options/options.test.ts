import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Options } from 'k6/options'
import { MusicboxError } from '../../datasets/failure.ts'
import { describeScenario } from '../executors/describe-scenario.ts'
import { readConfigFile } from './config-file.ts'
import { durationMs, durationText } from './duration.ts'
import { OPTIONS } from './option-table.ts'
import { type GivenOptions, parseStages, readOptions } from './options.ts'

describe('options', () => {
  it('turn the short forms into the executor they stand for', () => {
    const table: [Options, string][] = [
      [{}, '1 iterations for each of 1 VUs (maxDuration: 10m0s, gracefulStop: 30s)'],
      [{ vus: 3 }, '3 iterations shared among 3 VUs (maxDuration: 10m0s, gracefulStop: 30s)'],
      [{ vus: 2, iterations: 5 }, '5 iterations shared among 2 VUs (maxDuration: 10m0s, gracefulStop: 30s)'],
      [{ iterations: 5, duration: '7s' }, '5 iterations shared among 1 VUs (maxDuration: 7s, gracefulStop: 30s)'],
      [{ vus: 200, duration: '30s' }, '200 looping VUs for 30s (gracefulStop: 30s)'],
      [
        { vus: 5, stages: [{ duration: '1m30s', target: 10 }] },
        'Up to 10 looping VUs for 1m30s over 1 stages (gracefulRampDown: 30s, gracefulStop: 30s)',
      ],
    ]
    for (const [script, description] of table) {
      assert.equal(describeScenario(readOptions({ script }).scenarios[0]!), description)
    }
    const [ramp] = readOptions({ script: { vus: 5, stages: [{ duration: '1s', target: 10 }] } }).scenarios
    assert.equal(ramp?.executor === 'ramping-vus' && ramp.startVUs, 5)
  })

  it('go up from defaults over a config file, the script and variables to flags', () => {
    const layers = {
      config: { userAgent: 'config', rps: 1, maxRedirects: 1, batch: undefined } as never,
      script: { userAgent: 'script', rps: 2, maxRedirects: 2 },
      env: { K6_USER_AGENT: 'env', K6_RPS: '3' },
      flags: { userAgent: 'flag' },
    }
    const { userAgent, rps, maxRedirects } = readOptions(layers)
    assert.deepEqual([userAgent, rps, maxRedirects], ['flag', 3, 2])
    assert.equal(readOptions({ config: layers.config }).maxRedirects, 1)
    assert.equal(readOptions({}).maxRedirects, 10)
  })

  it('let a later layer set aside how much an earlier one runs', () => {
    const script: Options = { scenarios: { a: { executor: 'constant-vus', duration: '5s', vus: 9 } } }
    assert.equal(readOptions({ script, flags: { vus: 2, duration: '1s' } }).scenarios[0]!.name, 'default')
    assert.equal(readOptions({ script, flags: { userAgent: 'x' } }).scenarios[0]!.name, 'a')
    assert.equal(executorOf({ script: { duration: '1s' }, flags: { iterations: 7 } }), 'shared-iterations')
    assert.equal(executorOf({ script: { iterations: 7 }, env: { K6_STAGES: '5s:2' } }), 'ramping-vus')
    assert.equal(executorOf({ config: { stages: [] }, script }), 'constant-vus')
  })

  it('let vus alone change the number of users, and say when that sets scenarios aside', () => {
    const [kept] = readOptions({ script: { vus: 1, duration: '9s' }, env: { K6_VUS: '3' } }).scenarios
    assert.equal(describeScenario(kept!), '3 looping VUs for 9s (gracefulStop: 30s)')
    const script: Options = { scenarios: { a: { executor: 'constant-vus', duration: '5s', vus: 9 } } }
    const { scenarios, warnings } = readOptions({ script, env: { K6_VUS: '3' } })
    assert.equal(scenarios[0]!.executor, 'shared-iterations')
    assert.deepEqual(warnings, ['vus from variables sets aside the scenarios that were given before'])
  })

  it('are read from every documented variable', () => {
    const env = {
      K6_NO_SETUP: 'true',
      K6_NO_TEARDOWN: '1',
      K6_NO_VU_CONNECTION_REUSE: 'T',
      K6_THROW: 'false',
      K6_SUMMARY_TREND_STATS: 'avg,p(99.9)',
      K6_SUMMARY_TIME_UNIT: 'ms',
      K6_SYSTEM_TAGS: 'status, url',
      K6_SETUP_TIMEOUT: '1m',
      K6_MIN_ITERATION_DURATION: '2s',
      K6_HANDLE_SUMMARY_TIMEOUT: '3s',
      K6_USER_AGENT: '',
      K6_OUT: 'json=of-no-concern-here',
    }
    const read = readOptions({ env })
    assert.deepEqual(
      [read.noSetup, read.noTeardown, read.noVUConnectionReuse, read.throw, read.userAgent],
      [true, true, true, false, 'musicbox-load/1'],
    )
    assert.deepEqual(
      [read.summaryTrendStats, read.systemTags],
      [
        ['avg', 'p(99.9)'],
        ['status', 'url'],
      ],
    )
    assert.deepEqual(
      [read.summaryTimeUnit, read.setupTimeout_ms, read.minIteration_ms, read.handleSummaryTimeout_ms],
      ['ms', 60_000, 2000, 3000],
    )
  })

  it('read stages as flags and variables write them', () => {
    assert.deepEqual(parseStages('10s:50, 1m30s:0'), [
      { duration: '10s', target: 50 },
      { duration: '1m30s', target: 0 },
    ])
    for (const wrong of ['', '10s', '10s:', 'soon:5', '10s:-1', '10s:5,']) {
      assert.throws(() => parseStages(wrong), /expected stages to be/)
    }
  })

  it('refuse what is wrong, by name, saying what was expected and what came', () => {
    const ramp = { executor: 'ramping-vus', stages: [{ duration: '1s', target: 0 }] } as const
    const rate = { executor: 'constant-arrival-rate', rate: 5, duration: '1s', preAllocatedVUs: 2 } as const
    const refused: [unknown, RegExp][] = [
      [{ vuss: 1 }, /"vuss" is not known/],
      [{ stages: [] }, /expected stages to be a list of/],
      [
        { stages: [{ duration: '1s', target: 1.5 }] },
        /stages\[0\], target to be a whole number from 0 to 10000, got 1.5/,
      ],
      [{ stages: [{ duration: '1s', to: 1 }] }, /"to" is not known to a stage/],
      [{ vus: 0 }, /expected vus to be a whole number of 1/],
      [{ vus: 1.5 }, /got 1.5/],
      [{ vus: 20_000 }, /from 1 to 10000, got 20000/],
      [{ duration: 'soon' }, /expected duration to be a duration like 90s or 1m30s, got "soon"/],
      [{ duration: '0s' }, /more than 0/],
      [{ throw: 'yes' }, /expected throw to be true or false, got "yes"/],
      [{ hosts: { a: 1 } }, /expected hosts to be texts by name/],
      [{ scenarios: {} }, /at least one scenario/],
      [{ scenarios: { a: 3 } }, /scenario "a" to be an object/],
      [{ scenarios: { 'a b': { executor: 'constant-vus', duration: '1s' } } }, /scenario name/],
      [{ scenarios: { a: { executor: 'externally-controlled' } } }, /expected one of the executors shared-iterations/],
      [{ scenarios: { a: ramp, b: { ...ramp, startVUs: 0 } } }, /a target of scenario "b" to be 1 or more/],
      [{ scenarios: { a: { ...ramp, stages: [] } } }, /scenario "a", stages to be a list/],
      [{ scenarios: { a: { executor: 'constant-vus', duration: '10ms' } } }, /1s or more, got 10 ms/],
      [{ scenarios: { a: { executor: 'constant-vus', duration: '1s', rate: 3 } } }, /"rate" is not known/],
      [{ scenarios: { a: { executor: 'constant-vus', duration: '1s', options: {} } } }, /"options" is not known/],
      [{ scenarios: { a: { executor: 'shared-iterations', vus: 3, iterations: 2 } } }, /at least as many iterations/],
      [{ scenarios: { a: { ...rate, rate: 0 } } }, /rate to be a whole number of 1 or more, got 0/],
      [{ scenarios: { a: { ...rate, timeUnit: 0 } } }, /timeUnit to be more than 0/],
      [{ scenarios: { a: { ...rate, maxVUs: 1 } } }, /maxVUs to be a whole number from 2/],
      [{ scenarios: { a: { ...rate, preAllocatedVUs: 0 } } }, /maxVUs to be a whole number from 1/],
      [{ scenarios: { a: { ...rate, preAllocatedVUs: undefined } } }, /preAllocatedVUs/],
      [{ scenarios: { a: rate }, duration: '1s' }, /either scenarios or duration/],
      [{ scenarios: { a: rate }, vus: 1 }, /either scenarios or vus/],
      [{ stages: [{ duration: '1s', target: 1 }], iterations: 2 }, /either stages or iterations/],
      [{ summaryTrendStats: ['p95'] }, /summaryTrendStats/],
      [{ summaryTrendStats: ['p(101)'] }, /got "p\(101\)"/],
      [{ summaryTimeUnit: 'min' }, /s, ms or us/],
      [{ systemTags: ['ip'] }, /got "ip"/],
    ]
    for (const [script, words] of refused) {
      assert.throws(
        () => readOptions({ script: script as GivenOptions }),
        (error) => error instanceof MusicboxError && error.code === 'input.invalid' && words.test(error.message),
        `${JSON.stringify(script)} should say ${words}`,
      )
    }
    assert.throws(() => readOptions({ env: { K6_VUS: 'many' } }), /expected K6_VUS to be a whole number .*, got NaN/)
    assert.throws(() => readOptions({ env: { K6_THROW: 'perhaps' } }), /K6_THROW to be true or false, got "perhaps"/)
  })

  it('refuse what this engine does not do with a way out, and let pass what it does anyway', () => {
    const refused = Object.entries(OPTIONS).filter(([, { refused }]) => refused !== undefined)
    assert.ok(refused.length > 10)
    for (const [name, { harmless }] of refused) {
      assert.throws(
        () => readOptions({ script: { [name]: 'asked for' } as GivenOptions }),
        (error) => error instanceof MusicboxError && error.message.includes(`"${name}"`) && error.hint.length > 10,
      )
      if (harmless !== undefined) readOptions({ script: { [name]: harmless } as GivenOptions })
    }
  })
})

describe('a config file', () => {
  it('holds options as a JSON object, and says what is wrong with another', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'musicbox-config-'))
    t.after(() => rm(folder, { recursive: true }))
    const path = join(folder, 'options.json')
    await writeFile(path, '{"vus": 4, "duration": "2s"}')
    assert.deepEqual(await readConfigFile(path), { vus: 4, duration: '2s' })
    for (const wrong of ['[1]', '{', 'null']) {
      await writeFile(path, wrong)
      await assert.rejects(readConfigFile(path), /to be a JSON object of options/)
    }
    await assert.rejects(readConfigFile(join(folder, 'none')), /expected a config file at/)
  })
})

describe('durations', () => {
  it('are read as k6 writes them and written so that they read the same', () => {
    assert.equal(durationMs('1m30s', 'x'), 90_000)
    assert.equal(durationMs('1.5s', 'x'), 1500)
    assert.equal(durationMs('2h5m', 'x'), 7_500_000)
    assert.equal(durationMs('1d', 'x'), 86_400_000)
    assert.equal(durationMs('250', 'x'), 250)
    assert.equal(durationMs(42, 'x'), 42)
    for (const ms of [0, 1, 999, 1000, 61_000, 3_600_000, 3_661_500, 90_061_000]) {
      assert.equal(durationMs(durationText(ms), 'x'), ms)
    }
    assert.deepEqual([0, 250, 600_000, 3_600_000].map(durationText), ['0s', '250ms', '10m0s', '1h0m0s'])
    for (const wrong of ['', '1x', '-1s', '1s 2s', Number.NaN, -1, null, undefined]) {
      assert.throws(() => durationMs(wrong, 'x'), /expected x to be a duration/)
    }
  })
})

function executorOf(layers: Parameters<typeof readOptions>[0]): string {
  return readOptions(layers).scenarios[0]!.executor
}
