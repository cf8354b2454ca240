import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { newHistogram } from '../metrics/distribution.ts'
import type { TimelineBucket } from '../metrics/timeline.ts'
import { clockText, countText, numberText } from './number-text.ts'
import { picturesOf } from './panels.ts'
import { percentileCurves } from './percentile-curve.ts'

function bucket(at_s: number, width_s: number, series: TimelineBucket['series']): TimelineBucket {
  return { at_s, width_s, vus: 5, series }
}

const trend = { type: 'trend', count: 2, sum: 9, min: 1, max: 8, p50: 1, p90: 7, p95: 7.5, p99: 8, p999: 8 } as const

describe('the pictures of a run', () => {
  it('are rates a second, whatever the width of a bucket, and gaps where nothing was measured', () => {
    const { at_s, panels } = picturesOf([
      bucket(0, 2, { http_reqs: { type: 'counter', total: 30 }, http_req_duration: trend }),
      bucket(2, 2, {}),
      bucket(4, 2, { http_reqs: { type: 'counter', total: 10 }, http_req_duration: { ...trend, count: 0 } }),
    ])
    assert.deepEqual(at_s, [0, 2, 4])
    const of = (title: string) => panels.find((panel) => panel.title === title)
    assert.deepEqual(of('Requests')!.lines, [{ name: 'sent', ink: 'a', values: [15, 0, 5] }])
    assert.deepEqual(
      of('Service time')!.lines.map(({ values }) => values),
      [
        [1, null, null],
        [7.5, null, null],
        [8, null, null],
      ],
    )
    assert.equal(of('Response time'), undefined, 'what was not recorded has no picture')
    assert.equal(of('Failed checks'), undefined)
  })

  it('show a line for each stage and each part of the system', () => {
    const gauge = (value: number) => ({ type: 'gauge', value, min: value, max: value }) as const
    const { panels } = picturesOf([
      bucket(0, 1, {
        stage_lag_events: gauge(1),
        'stage_lag_events{stage:collector}': gauge(2),
        'stage_lag_events{stage:"night job"}': gauge(3),
        system_cpu: gauge(0.5),
      }),
    ])
    const lines = (title: string) =>
      panels.find((panel) => panel.title === title)!.lines.map(({ name, values }) => [name, values[0]])
    assert.deepEqual(lines('Lag by stage'), [
      ['night job', 3],
      ['collector', 2],
    ])
    assert.ok(!panels.some(({ title }) => title === 'Processor'), 'what mixes all parts is no line')
  })
})

describe('times by percentile', () => {
  it('are the values of the histogram, to the slowest sample', () => {
    const histogram = newHistogram()
    for (let ms = 1; ms <= 1000; ms++) histogram.recordValue(ms * 1000)
    const spread = percentileCurves({ http_req_duration: encodeIntoCompressedBase64(histogram) })!
    const [curve] = spread.curves
    const at = (odds: number): number => curve!.values[spread.odds.findIndex((odd) => Math.abs(odd / odds - 1) < 1e-9)]!
    for (const [odds, ms] of [
      [1, 1],
      [10, 900],
      [100, 990],
      [1000, 999],
    ] as const) {
      assert.ok(Math.abs(at(odds) - ms) <= 0.001 * ms, `${at(odds)} at ${odds}`)
    }
    assert.equal(percentileCurves({}), undefined)
    assert.equal(percentileCurves({ response_time: encodeIntoCompressedBase64(newHistogram()) }), undefined)
  })

  it('cannot be had of a histogram that is none', () => {
    for (const wrong of ['', 'no base64!', 'AAAA']) {
      assert.throws(() => percentileCurves({ response_time: wrong }), { code: 'data.corrupt' }, wrong)
    }
  })

  it('end where a shorter recording ends', () => {
    const [many, few] = [newHistogram(), newHistogram()]
    many.recordValueWithCount(5000, 10_000)
    few.recordValueWithCount(5000, 10)
    const { odds, curves } = percentileCurves({
      http_req_duration: encodeIntoCompressedBase64(many),
      response_time: encodeIntoCompressedBase64(few),
    })!
    const last = odds[curves[1]!.values.findLastIndex((value) => value !== null)]!
    assert.ok(last >= 10 && last < 12, `${last}`)
    assert.notEqual(curves[0]!.values.at(-1), null)
  })
})

describe('numbers', () => {
  it('are short, and keep their unit', () => {
    assert.deepEqual(
      [
        numberText(12.345, 'ms'),
        numberText(12_345, 'ms'),
        numberText(1234.5, '/s'),
        numberText(0.004, '%'),
        numberText(0, '%'),
        numberText(98.1667, '%'),
        numberText(123_456, 'bytes'),
        numberText(999_600, 'bytes'),
        numberText(0.5, 'cores'),
        countText(1_234_567),
      ],
      ['12.3 ms', '12.3 s', '1,235/s', '0.004 %', '0 %', '98.17 %', '123 kB', '1 MB', '0.5 cores', '1,234,567'],
    )
    assert.deepEqual([0, 65, 3725.9].map(clockText), ['0:00', '1:05', '1:02:05'])
  })
})
