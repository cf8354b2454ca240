import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { metric, queryParts, substituted } from './promql.ts'

describe('queryParts', () => {
  it('names every series, with its range and the function around it', () => {
    assert.deepEqual(queryParts('sum by (a) (rate(x_total{b="c"}[5m])) / max_over_time(y[1h]) > time() - z'), {
      errors: [],
      metrics: ['x_total', 'y', 'z'],
      ranges: [
        { metric: 'x_total', range: '5m', within: 'rate' },
        { metric: 'y', range: '1h', within: 'max_over_time' },
      ],
      instants: ['z'],
    })
  })

  it('reads a subquery’s inner range, and a recorded name', () => {
    const { metrics, ranges } = queryParts('max_over_time(rate(x_total[5m])[1h:1m]) + level:x:rate5m')
    assert.deepEqual(metrics, ['level:x:rate5m', 'x_total'])
    assert.deepEqual(ranges, [{ metric: 'x_total', range: '5m', within: 'rate' }])
  })

  it('finds what is no PromQL', () => {
    for (const query of ['rate(x[5m]', 'sum(x', 'x{a=b}', 'ratio(x)', '']) {
      assert.notDeepEqual(queryParts(query).errors, [], query)
    }
    assert.deepEqual(queryParts('vector(1)').errors, [])
  })
})

describe('substituted', () => {
  it('puts values for variables in either form', () => {
    assert.equal(
      substituted(`rate(x{s=~"$service"}[$__rate_interval]) + \${y}`, {
        service: '.+',
        __rate_interval: '20s',
        y: '1',
      }),
      'rate(x{s=~".+"}[20s]) + 1',
    )
  })

  it('refuses a variable that has no value', () => {
    assert.throws(() => substituted('x{a="$nobody"}', {}), /expected a value for \$nobody/)
  })
})

describe('metric', () => {
  it('gives the exported name, of a histogram one of its series', () => {
    assert.equal(metric('events_received_total'), 'musicbox_events_received_total')
    assert.equal(metric('log_append_batch_events', 'sum'), 'musicbox_log_append_batch_events_sum')
  })
})
