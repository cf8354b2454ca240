import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MusicboxError } from '../../datasets/failure.ts'
import { readOut } from './out-option.ts'

describe('--out', () => {
  it('takes a type and a path, which may hold "="', () => {
    assert.deepEqual(readOut('json=a=b.ndjson'), { type: 'json', path: 'a=b.ndjson' })
    assert.deepEqual(readOut('csv', { K6_CSV_FILENAME: 'x.csv.gz', K6_CSV_SAVE_INTERVAL: '2s' }), {
      type: 'csv',
      path: 'x.csv.gz',
      timeFormat: 'unix',
      save_interval_ms: 2000,
    })
  })

  it('reads remote write from the variables that k6 reads', () => {
    const defaults = {
      type: 'prometheus-remote-write',
      url: 'http://localhost:9090/api/v1/write',
      push_interval_ms: 5000,
      trendStats: ['p(99)'],
      histograms: false,
      staleMarkers: false,
      headers: {},
    }
    assert.deepEqual(readOut('experimental-prometheus-rw'), defaults)
    assert.deepEqual(
      readOut('experimental-prometheus-rw', {
        K6_PROMETHEUS_RW_SERVER_URL: 'https://me:p%40ss@prometheus.test/api/v1/write',
        K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
        K6_PROMETHEUS_RW_TREND_STATS: 'p(95), p(99.9),avg',
        K6_PROMETHEUS_RW_STALE_MARKERS: 'true',
        K6_PROMETHEUS_RW_HTTP_HEADERS: 'X-Scope: one, X-Time: 12:30',
        'K6_PROMETHEUS_RW_HEADERS_X-Other': 'two',
        K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM: 'false',
        MUSICBOX_PROMETHEUS_RW_HISTOGRAMS: 'true',
      }),
      {
        ...defaults,
        url: 'https://prometheus.test/api/v1/write',
        push_interval_ms: 1000,
        trendStats: ['p(95)', 'p(99.9)', 'avg'],
        histograms: true,
        staleMarkers: true,
        headers: {
          Authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
          'X-Scope': 'one',
          'X-Time': '12:30',
          'X-Other': 'two',
        },
      },
    )
  })

  it('refuses what it does not do, by name', () => {
    const rw = 'experimental-prometheus-rw'
    const refused: [text: string, env: Record<string, string>, words: RegExp][] = [
      ['influxdb=http://x', {}, /json=PATH, csv=PATH or experimental-prometheus-rw, got "influxdb/],
      ['json', {}, /path behind --out json=/],
      ['json=-', {}, /path behind --out json=, got "-"/],
      ['csv=x', { K6_CSV_TIME_FORMAT: 'iso' }, /unix, unix_milli.*got "iso"/],
      ['csv=x', { K6_CSV_SAVE_INTERVAL: '1ms' }, /100ms at least/],
      ['csv=x', { K6_CSV_OTHER: '1' }, /K6_CSV_OTHER is not supported/],
      [`${rw}=prometheus:9090`, {}, /address of a remote write receiver/],
      [rw, { K6_PROMETHEUS_RW_TREND_STATS: 'p99' }, /list of count, sum.*got "p99"/],
      [rw, { K6_PROMETHEUS_RW_TREND_STATS: 'p(101)' }, /got "p\(101\)"/],
      [rw, { K6_PROMETHEUS_RW_STALE_MARKERS: 'yes' }, /true or false, got "yes"/],
      [rw, { K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM: 'true' }, /NATIVE_HISTOGRAM is not supported/],
      [rw, { K6_PROMETHEUS_RW_INSECURE_SKIP_TLS_VERIFY: 'true' }, /SKIP_TLS_VERIFY is not supported/],
      [rw, { K6_PROMETHEUS_RW_HTTP_HEADERS: 'secret' }, /name:value,name:value$/],
    ]
    for (const [text, env, words] of refused) {
      assert.throws(
        () => readOut(text, env),
        (error) => error instanceof MusicboxError && error.code === 'input.invalid' && words.test(error.message),
        text,
      )
    }
  })
})
