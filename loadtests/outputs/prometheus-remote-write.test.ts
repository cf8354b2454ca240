import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, it } from 'node:test'
import { PbfReader } from 'pbf'
import { uncompress } from 'snappyjs'
import { MusicboxError } from '../../datasets/failure.ts'
import { type Metric, Metrics, type Tags } from '../metrics/metric.ts'
import { PrometheusRemoteWrite, type RemoteWriteOptions } from './prometheus-remote-write.ts'
import { PrometheusSeries, SERIES_MAX, TREND_SERIES_MAX } from './prometheus-series.ts'
import { encodeWriteRequest, type TimeSeries } from './write-request.ts'

const METRICS = new Metrics()
METRICS.custom('size', 'trend', 'data')
METRICS.custom('stage_lag_events', 'gauge', 'default')

const PLAIN = { trendStats: ['p(99)'], histograms: false, labels: {} }

describe('a write request', () => {
  it('reads back as what was written', () => {
    const series: TimeSeries[] = [
      { labels: [['__name__', 'k6_vus']], value: 7 },
      {
        labels: [
          ['__name__', 'k6_x_total'],
          ['url', 'http://ä/?q="1"'],
        ],
        value: -0.125,
      },
    ]
    assert.deepEqual(decoded(encodeWriteRequest(series, 1_772_600_767_089)), [
      { ...asObjects(series[0]!), time_ms: 1_772_600_767_089 },
      { ...asObjects(series[1]!), time_ms: 1_772_600_767_089 },
    ])
  })

  it('marks a stale series by the one NaN that means it', () => {
    const bytes = uncompress(encodeWriteRequest([{ labels: [], value: 'stale' }], 0))
    assert.match(Buffer.from(bytes).toString('hex'), /09020000000000f07f/)
  })
})

describe('the series of a run', () => {
  it('have the names and units that k6 gives them', () => {
    const series = new PrometheusSeries({
      ...PLAIN,
      trendStats: ['count', 'sum', 'min', 'max', 'avg', 'med', 'p(99.9)'],
    })
    const add = (name: string, value: number): void => series.add(sampleOf(name, value))
    for (const value of [100, 200, 600]) add('http_req_duration', value)
    for (const value of [10, 30]) add('size', value)
    for (const value of [1, 1]) add('http_reqs', value)
    for (const value of [0, 1, 0, 0]) add('http_req_failed', value)
    for (const value of [5, 3]) add('vus', value)
    assert.deepEqual(byName([...series.take(0)]), {
      k6_http_req_duration_count: 3,
      k6_http_req_duration_sum: 0.9,
      k6_http_req_duration_min: 0.1,
      k6_http_req_duration_max: 0.6,
      k6_http_req_duration_avg: 0.3,
      k6_http_req_duration_med: 0.2,
      k6_http_req_duration_p999: 0.5992,
      k6_size_count: 2,
      k6_size_sum: 40,
      k6_size_min: 10,
      k6_size_max: 30,
      k6_size_avg: 20,
      k6_size_med: 20,
      k6_size_p999: 29.98,
      k6_http_reqs_total: 2,
      k6_http_req_failed_rate: 0.25,
      k6_vus: 3,
    })
  })

  it('are one for each set of tags, whatever object they come in; empty tags are none, odd names are made to fit', () => {
    const series = new PrometheusSeries({ ...PLAIN, labels: { segment: '1' } })
    for (const tags of [
      { b: '1', 'a-b': 'x', empty: '' },
      { 'a-b': 'x', b: '1' },
      { 'a-b': 'x', b: '1', empty: '' },
    ]) {
      series.add({ ...sampleOf('http_reqs', 1), tags })
    }
    assert.deepEqual(
      [...series.take(0)].map(({ labels, value }) => [labels, value]),
      [
        [
          [
            ['__name__', 'k6_http_reqs_total'],
            ['a_b', 'x'],
            ['b', '1'],
            ['segment', '1'],
          ],
          3,
        ],
      ],
    )
  })

  it('are sent when they changed, and once a minute so that they are not forgotten', () => {
    const series = new PrometheusSeries(PLAIN)
    series.add(sampleOf('vus', 1))
    series.add(sampleOf('http_reqs', 1))
    const names = (now_ms: number, all = false): string[] => Object.keys(byName([...series.take(now_ms, all)]))
    assert.deepEqual(names(1000), ['k6_vus', 'k6_http_reqs_total'])
    series.add(sampleOf('vus', 1))
    assert.deepEqual(names(2000), ['k6_vus'])
    assert.deepEqual(names(61_500), ['k6_http_reqs_total'])
    assert.deepEqual(names(61_600, true), ['k6_vus', 'k6_http_reqs_total'])
  })

  it('have buckets on request, which hold every sample once', () => {
    const series = new PrometheusSeries({ ...PLAIN, trendStats: [], histograms: true })
    for (const ms of [0.2, 1, 7, 7, 99_999]) series.add(sampleOf('http_req_duration', ms))
    series.add(sampleOf('size', 1))
    const taken = [...series.take(0)].map(({ labels, value }) => [Object.fromEntries(labels), value] as const)
    const buckets = taken.flatMap(([labels, value]) => (labels['le'] ? [[labels['le'], value]] : []))
    assert.deepEqual(
      buckets.filter(([le]) => ['0.0005', '0.001', '0.005', '0.01', '10', '+Inf'].includes(String(le))),
      [
        ['0.0005', 1],
        ['0.001', 2],
        ['0.005', 2],
        ['0.01', 4],
        ['10', 4],
        ['+Inf', 5],
      ],
    )
    assert.deepEqual(
      taken.flatMap(([labels, value]) => (labels['le'] ? [] : [[labels['__name__'], value]])),
      [
        ['k6_http_req_duration_seconds_count', 5],
        ['k6_http_req_duration_seconds_sum', 100.0142],
      ],
    )
  })

  it('stop at a number, and count the samples that had no place', () => {
    const series = new PrometheusSeries(PLAIN)
    for (let id = 0; id < TREND_SERIES_MAX + 3; id++) {
      series.add({ ...sampleOf('http_req_duration', 1), tags: { id: String(id) } })
    }
    assert.equal(series.leftOut, 3)
    for (let id = 0; id < SERIES_MAX; id++) series.add({ ...sampleOf('http_reqs', 1), tags: { id: String(id) } })
    assert.equal(series.leftOut, 3 + TREND_SERIES_MAX)
    assert.equal([...series.take(0)].length, SERIES_MAX)
  })
})

describe('remote write', () => {
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  interface Received {
    headers: IncomingHttpHeaders
    series: ReturnType<typeof decoded>
  }

  /** A receiver that gives these answers, the last one again and again. */
  async function receiverOf(...statuses: number[]): Promise<{ url: string; received: Received[] }> {
    const received: Received[] = []
    const server = createServer(async (request, response) => {
      const body = await buffer(request)
      received.push({ headers: request.headers, series: decoded(body) })
      response.writeHead(statuses[received.length - 1] ?? statuses.at(-1)!).end('out of bounds')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/write`, received }
  }

  const outputOf = (url: string, more: Partial<RemoteWriteOptions> = {}) => {
    const warnings: string[] = []
    const output = new PrometheusRemoteWrite(
      { ...PLAIN, url, push_interval_ms: 3_600_000, headers: {}, staleMarkers: false, ...more },
      { clock: () => 1000, warn: (line) => void warnings.push(line), retry_ms: 1 },
    )
    return { output, warnings }
  }

  it('pushes what changed and, at the end, the last value of everything, with the headers of the protocol', async () => {
    const { url, received } = await receiverOf(204)
    const { output, warnings } = outputOf(url, { headers: { Authorization: 'Bearer x' } })
    output.sample(sampleOf('http_reqs', 1))
    output.sample(sampleOf('vus', 5))
    await output.push()
    output.sample(sampleOf('http_reqs', 1))
    await output.push()
    await output.push()
    await output.close()
    assert.deepEqual(
      received.map(({ series }) => series.map(({ labels, value }) => [labels['__name__'], value])),
      [
        [
          ['k6_http_reqs_total', 1],
          ['k6_vus', 5],
        ],
        [['k6_http_reqs_total', 2]],
        [
          ['k6_http_reqs_total', 2],
          ['k6_vus', 5],
        ],
      ],
    )
    const { headers } = received[0]!
    assert.equal(headers['content-encoding'], 'snappy')
    assert.equal(headers['content-type'], 'application/x-protobuf')
    assert.equal(headers['x-prometheus-remote-write-version'], '0.1.0')
    assert.equal(headers['authorization'], 'Bearer x')
    assert.deepEqual(warnings, [])
  })

  it('tries again what a busy receiver did not take', async () => {
    const { url, received } = await receiverOf(503, 429, 204)
    const { output, warnings } = outputOf(url)
    output.sample(sampleOf('vus', 5))
    await output.push()
    assert.equal(received.length, 3)
    await output.close()
    assert.deepEqual(warnings, [])
  })

  it('makes up for a push that failed: all series go with the next, and the run is none the worse', async () => {
    const { url, received } = await receiverOf(400, 204)
    const { output, warnings } = outputOf(url)
    output.sample(sampleOf('vus', 5))
    await output.push()
    await output.push()
    assert.deepEqual(
      received.map(({ series }) => series.length),
      [1, 1],
    )
    await output.close()
    assert.deepEqual(warnings, ['a push to Prometheus failed and will be made up for: status 400: out of bounds'])
  })

  it('fails at the end, once and clearly, when the last values were not taken', async () => {
    const { url, received } = await receiverOf(404)
    const { output, warnings } = outputOf(url)
    output.sample(sampleOf('vus', 5))
    await output.push()
    await output.push()
    await assert.rejects(output.close(), (error) => {
      assert.ok(error instanceof MusicboxError && error.code === 'backend.unreachable')
      assert.ok(error.message.includes(`expected Prometheus at ${url} to take the samples of the run, got status 404`))
      assert.match(error.message, /3 of 3 pushes failed/)
      return /--web.enable-remote-write-receiver/.test(error.hint)
    })
    assert.equal(received.length, 3)
    assert.equal(warnings.length, 1)
  })

  it('fails at the end when nobody listens', async () => {
    const { url } = await receiverOf(204)
    for (const close of closing.splice(0)) close()
    const { output } = outputOf(url)
    output.sample(sampleOf('vus', 5))
    await assert.rejects(output.close(), /got ECONNREFUSED/)
  })

  it('ends every series behind its last value when asked to', async () => {
    const { url, received } = await receiverOf(204)
    const { output } = outputOf(url, { staleMarkers: true })
    output.sample(sampleOf('vus', 5))
    await output.close()
    const [last, stale] = received.map(({ series }) => series[0]!)
    assert.equal(last!.value, 5)
    assert.ok(Number.isNaN(stale!.value))
    assert.ok(stale!.time_ms > last!.time_ms)
  })

  it('sends many series in several requests', async () => {
    const { url, received } = await receiverOf(204)
    const { output } = outputOf(url)
    for (let id = 0; id < 1250; id++) output.sample({ ...sampleOf('http_reqs', 1), tags: { id: String(id) } })
    await output.close()
    assert.deepEqual(
      received.map(({ series }) => series.length),
      [500, 500, 250],
    )
  })
})

function sampleOf(name: string, value: number): { metric: Metric; value: number; tags: Tags; time_ms: number } {
  return { metric: METRICS.all.get(name)!, value, tags: NO_TAGS, time_ms: 0 }
}

const NO_TAGS = {}

function byName(series: readonly TimeSeries[]): Record<string, number> {
  return Object.fromEntries(
    series.map(({ labels, value }) => [Object.fromEntries(labels)['__name__']!, Number(Number(value).toPrecision(12))]),
  )
}

function asObjects({ labels, value }: TimeSeries): { labels: Record<string, string>; value: number | 'stale' } {
  return { labels: Object.fromEntries(labels), value }
}

interface DecodedSeries {
  labels: Record<string, string>
  value: number
  time_ms: number
}

/** A write request, read by the numbers of its fields. */
function decoded(body: Uint8Array): DecodedSeries[] {
  const request = new PbfReader(uncompress(new Uint8Array(body)))
  return request.readFields((field, all: DecodedSeries[], message) => {
    assert.equal(field, 1)
    const series: DecodedSeries = { labels: {}, value: 0, time_ms: 0 }
    message.readMessage((part, _, inner) => {
      if (part === 1) {
        const [name, value] = inner.readMessage(
          (_at, pair: string[], reader) => void pair.push(reader.readString()),
          [],
        )
        series.labels[name!] = value!
      } else {
        inner.readMessage((at, _sample, reader) => {
          if (at === 1) series.value = reader.readDouble()
          else series.time_ms = reader.readVarint(true)
        }, {})
      }
    }, {})
    all.push(series)
  }, [])
}
