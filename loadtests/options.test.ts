import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Options } from 'k6/options'
import { MusicboxError } from '../datasets/failure.ts'
import { durationMs, durationText } from './duration.ts'
import { readOptions } from './options.ts'

describe('options', () => {
  it('turn the short forms into the executor they stand for', () => {
    const table: [Options, string, number][] = [
      [{}, 'per-vu-iterations', 1],
      [{ vus: 3 }, 'shared-iterations', 3],
      [{ vus: 2, iterations: 5 }, 'shared-iterations', 2],
      [{ vus: 4, duration: '3s' }, 'constant-vus', 4],
    ]
    for (const [given, executor, vus] of table) {
      const [scenario] = readOptions(given).scenarios
      assert.deepEqual([scenario!.executor, scenario!.vus], [executor, vus], JSON.stringify(given))
    }
  })

  it('let variables override the script, and flags override both', () => {
    const script: Options = { vus: 1, duration: '1s', userAgent: 'script' }
    const read = readOptions(script, { K6_VUS: '2', K6_USER_AGENT: 'env' }, { userAgent: 'flag' })
    assert.equal(read.userAgent, 'flag')
    assert.equal(readOptions(script, { K6_USER_AGENT: 'env' }).userAgent, 'env')
    assert.equal(readOptions(script).userAgent, 'script')
    assert.equal(readOptions(script, {}, { iterations: 7 }).scenarios[0]!.executor, 'shared-iterations')
  })

  it('let a later layer set aside the scenarios of an earlier one', () => {
    const scenarios: Options['scenarios'] = { a: { executor: 'constant-vus', duration: '5s', vus: 9 } }
    assert.equal(readOptions({ scenarios }, {}, { vus: 2, duration: '1s' }).scenarios[0]!.name, 'default')
    assert.equal(readOptions({ scenarios }, { K6_VUS: '3' }).scenarios[0]!.vus, 3)
    assert.equal(readOptions({ scenarios }, {}, { userAgent: 'x' }).scenarios[0]!.name, 'a')
  })

  it('refuse what this engine does not do, by name and with a way out', () => {
    const refused: [Options, RegExp][] = [
      [{ stages: [] }, /"stages" \(the ramping-vus executor\) is not supported/],
      [{ rps: 5 }, /"rps" is not supported/],
      [{ vus: 0 }, /expected vus to be a whole number from 1/],
      [{ vus: 1.5 }, /got 1.5/],
      [{ duration: 'soon' }, /expected duration to be a duration like 90s or 1m30s, got "soon"/],
      [{ scenarios: {} }, /at least one scenario/],
      [{ scenarios: { 'a b': { executor: 'constant-vus', duration: '1s' } } }, /scenario name/],
      [{ scenarios: { a: { executor: 'ramping-vus', stages: [] } } }, /expected one of the executors per-vu/],
      [{ scenarios: { a: { executor: 'constant-vus', duration: '10ms' } } }, /1s or more/],
      [{ scenarios: { a: { executor: 'constant-vus', duration: '1s', rate: 3 } as never } }, /"rate" is not known/],
      [{ scenarios: { a: { executor: 'shared-iterations', vus: 3, iterations: 2 } } }, /at least as many iterations/],
      [{ scenarios: { a: { executor: 'constant-vus', duration: '1s' } }, duration: '1s' }, /either scenarios or/],
      [{ summaryTrendStats: ['p95'] }, /summaryTrendStats/],
    ]
    for (const [given, words] of refused) {
      assert.throws(
        () => readOptions(given),
        (error) => error instanceof MusicboxError && error.code === 'input.invalid' && words.test(error.message),
        JSON.stringify(given),
      )
    }
  })
})

describe('durations', () => {
  it('are read as k6 writes them and written so that they read the same', () => {
    assert.equal(durationMs('1m30s', 'x'), 90_000)
    assert.equal(durationMs('1.5s', 'x'), 1500)
    assert.equal(durationMs('2h5m', 'x'), 7_500_000)
    assert.equal(durationMs('250', 'x'), 250)
    assert.equal(durationMs(42, 'x'), 42)
    for (const ms of [0, 1, 999, 1000, 61_000, 3_600_000, 3_661_500]) {
      assert.equal(durationMs(durationText(ms), 'x'), ms)
    }
    for (const wrong of ['', '1x', '-1s', '1s 2s', Number.NaN, -1, null, undefined]) {
      assert.throws(() => durationMs(wrong, 'x'), /expected x to be a duration/)
    }
  })
})
