import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { MusicboxError } from '../../datasets/failure.ts'
import { type Metric, Metrics, type Output, type Tags } from '../metrics/metric.ts'
import { CSV_HEADER } from './csv.ts'
import { LineFile } from './line-file.ts'
import { createOutFiles, openOutputs, readOut } from './out-option.ts'

const folder = mkdtempSync(join(tmpdir(), 'musicbox-outputs-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** 2026-03-04T05:06:07.089Z */
const TIME_MS = 1_772_600_767_089

describe('a file of samples', () => {
  for (const end of ['ndjson', 'ndjson.gz']) {
    it(`of several processes has every line of each, whole and in its order (.${end})`, async () => {
      const path = join(folder, `together.${end}`)
      LineFile.create(path)
      const lineFile = fileURLToPath(new URL('./line-file.ts', import.meta.url))
      const program = (writer: number): string => `
        const { LineFile } = await import(${JSON.stringify(lineFile)})
        const file = new LineFile(${JSON.stringify(path)}, 5)
        for (let i = 0; i < 4000; i++) {
          file.write(JSON.stringify({ writer: ${writer}, i, filling: 'x'.repeat(i % 200) }))
          if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
        }
        await file.close()`
      const writers = [0, 1, 2].map((writer) =>
        spawn(process.execPath, ['--input-type=module', '-e', program(writer)], { stdio: 'inherit' }),
      )
      assert.deepEqual(await Promise.all(writers.map(async (child) => (await once(child, 'exit'))[0])), [0, 0, 0])
      const lines = readLines(path).map((line) => JSON.parse(line) as { writer: number; i: number })
      for (const writer of [0, 1, 2]) {
        const own = lines.filter((line) => line.writer === writer).map(({ i }) => i)
        assert.deepEqual(own, [...Array(4000).keys()])
      }
    })
  }

  it('is made anew for a run', async () => {
    const path = join(folder, 'anew.ndjson')
    for (const value of [1, 2]) {
      const specs = [readOut(`json=${path}`)]
      createOutFiles(specs)
      const [output] = openOutputs(specs)
      sampleInto(output!, metricOf('n'), value)
      await output!.close()
    }
    assert.deepEqual(
      readLines(path).flatMap((line) => JSON.parse(line).data.value ?? []),
      [2],
    )
  })

  it('that cannot be written is an error that names it, when it is made and when it is opened', () => {
    const spec = readOut(`json=${join(folder, 'no/such/folder.ndjson')}`)
    const named = (error: unknown): boolean =>
      error instanceof MusicboxError && error.code === 'backend.unreachable' && /no\/such.*ENOENT/.test(error.message)
    assert.throws(() => createOutFiles([spec]), named)
    assert.throws(() => openOutputs([spec]), named)
  })

  it('that the disk had no room for is an error at the end of the run', {
    skip: !existsSync('/dev/full'),
  }, async () => {
    const file = new LineFile('/dev/full')
    file.write('x')
    await assert.rejects(file.close(), /expected to write samples to \/dev\/full, got ENOSPC/)
  })
})

describe('the JSON output', () => {
  it("has k6's Metric line before the first Point of a metric, and its tags and metadata on each", async () => {
    const metrics = new Metrics()
    const metric = metrics.builtIn('http_req_duration')
    const lines = await written('json', 'points.ndjson', (output) => {
      sampleInto(output, metric, 1.5, { name: 'a', status: '200' }, { vu: '3' })
      sampleInto(output, metric, 2, { name: 'a', status: '200' })
      sampleInto(output, metrics.builtIn('vus'), 7, {}, undefined, TIME_MS + 1)
    })
    const time = '2026-03-04T05:06:07.089Z'
    const tags = { name: 'a', status: '200' }
    const submetrics = [{ name: 'http_req_duration{expected_response:true}', suffix: 'expected_response:true' }]
    const described = (name: string, type: string, contains: string, submetrics: unknown): unknown => ({
      type: 'Metric',
      data: { name, type, contains, thresholds: [], submetrics },
      metric: name,
    })
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      [
        described('http_req_duration', 'trend', 'time', submetrics),
        { metric: 'http_req_duration', type: 'Point', data: { time, value: 1.5, tags, metadata: { vu: '3' } } },
        { metric: 'http_req_duration', type: 'Point', data: { time, value: 2, tags } },
        described('vus', 'gauge', 'default', null),
        { metric: 'vus', type: 'Point', data: { time: '2026-03-04T05:06:07.090Z', value: 7, tags: {} } },
      ],
    )
  })
})

describe('the CSV output', () => {
  it("has k6's columns, and a tag without one among the extra tags", async () => {
    const tags = { scenario: 's', status: '200', url: 'http://x/?a=1,2', step: 'one', stage: '2', name: 'say "hi"' }
    const lines = await written('csv', 'rows.csv', (output) => {
      sampleInto(output, metricOf('http_req_duration'), 1.25, tags, { vu: '3', iter: '4' })
      sampleInto(output, metricOf('vus'), 7)
    })
    assert.deepEqual(lines, [
      'metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,scenario,service,status,subproto,tls_version,url,extra_tags,metadata',
      'http_req_duration,1772600767,1.250000,,,,,,,"say ""hi""",,s,,200,,,"http://x/?a=1,2",step=one&stage=2,vu=3&iter=4',
      'vus,1772600767,7.000000,,,,,,,,,,,,,,,,',
    ])
    for (const line of lines.filter((each) => !each.includes('"'))) {
      assert.equal(line.split(',').length, CSV_HEADER.split(',').length)
    }
  })

  it('writes times in the form that K6_CSV_TIME_FORMAT asks for', async () => {
    const table: [format: string, time: string][] = [
      ['unix', '1772600767'],
      ['unix_milli', '1772600767089'],
      ['unix_micro', '1772600767089000'],
      ['unix_nano', '1772600767089000000'],
      ['rfc3339', '2026-03-04T05:06:07Z'],
      ['rfc3339_nano', '2026-03-04T05:06:07.089Z'],
    ]
    for (const [format, time] of table) {
      const lines = await written('csv', `${format}.csv`, (output) => sampleInto(output, metricOf('n'), 1), {
        K6_CSV_TIME_FORMAT: format,
      })
      assert.equal(lines[1]!.split(',')[1], time)
    }
  })
})

/** What an output wrote to a file of its own. */
async function written(
  type: 'json' | 'csv',
  name: string,
  sample: (output: Output) => void,
  env: Record<string, string> = {},
): Promise<string[]> {
  const path = join(folder, name)
  const specs = [readOut(`${type}=${path}`, env)]
  createOutFiles(specs)
  const [output] = openOutputs(specs)
  sample(output!)
  await output!.close()
  return readLines(path)
}

function sampleInto(
  output: Output,
  metric: Metric,
  value: number,
  tags: Tags = {},
  metadata?: Tags,
  time_ms = TIME_MS,
): void {
  output.sample({ metric, value, tags, time_ms, metadata })
}

function metricOf(name: string): Metric {
  const metrics = new Metrics()
  return metrics.all.get(name) ?? metrics.custom(name, 'counter', 'default')
}

function readLines(path: string): string[] {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  assert.ok(text.endsWith('\n'))
  return text.slice(0, -1).split('\n')
}
