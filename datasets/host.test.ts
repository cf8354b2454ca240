import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { formatCount, formatDuration, type Host, printJson, progress } from './host.ts'

describe('progress', () => {
  it('off a terminal: prints a line every five seconds and a closing line', () => {
    const { host, err, tick } = testHost()
    const bar = progress(host, { label: 'collect', total: 2000, unit: 'events' })
    for (let second = 0; second < 12; second++) {
      tick(1000)
      bar.advance(100)
    }
    bar.done()
    bar.done()
    bar.advance(5)
    assert.deepEqual(err.join('').split('\n'), [
      'collect: 500 of 2,000 events (25 %)',
      'collect: 1,000 of 2,000 events (50 %)',
      'collect: 1,200 events in 12.0 s',
      '',
    ])
  })

  it('prints nothing about work that ends at once', () => {
    const { host, err, tick } = testHost()
    const bar = progress(host, { label: 'collect', unit: 'events' })
    tick(4999)
    bar.set(10)
    bar.done()
    assert.deepEqual(err, [])
  })

  it('learns the total on the way, and names none before', () => {
    const { host, err, tick } = testHost()
    const bar = progress(host, { label: 'aggregate', unit: 'days' })
    tick(5000)
    bar.set(1)
    tick(5000)
    bar.set(2, 8)
    assert.deepEqual(err, ['aggregate: 1 days\n', 'aggregate: 2 of 8 days (25 %)\n'])
  })

  it('is silent with --quiet, on a terminal too', () => {
    for (const isTerminal of [true, false]) {
      const { host, err, tick } = testHost({ args: ['collect', '--quiet'], isTerminal })
      const bar = progress(host, { label: 'collect', total: 10, unit: 'events' })
      tick(60_000)
      bar.advance(5)
      bar.done()
      assert.deepEqual(err, [])
    }
  })

  it('on a terminal: draws a bar and ends its line', () => {
    const { host, err } = testHost({ isTerminal: true })
    const bar = progress(host, { label: 'simulate', total: 4, unit: 'days' })
    bar.advance(1)
    bar.advance(3)
    bar.done()
    const drawn = err.join('')
    assert.match(drawn, /simulate {2}█+░+ {2}1 of 4 days \(25 %\)/)
    assert.match(drawn, /simulate {2}█+ {2}4 of 4 days \(100 %\)/)
    assert.ok(drawn.endsWith('\n'))
    assert.doesNotMatch(drawn, /NaN|undefined/)
  })

  it('keeps no process alive when the work threw', () => {
    const source = `
      import { progress } from ${JSON.stringify(new URL('./host.ts', import.meta.url).href)}
      const stderr = { isTTY: true, write: () => true }
      const host = { args: [], stdout: stderr, stderr, env: {}, signal: new AbortController().signal, isTerminal: true, now: Date.now }
      progress(host, { label: 'work', total: 2, unit: 'steps' }).advance(1)
      console.log('thrown here')`
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
      timeout: 20_000,
      cwd: fileURLToPath(new URL('..', import.meta.url)),
    })
    assert.equal(out, 'thrown here\n')
  })

  it('ends by a using declaration when the work throws', () => {
    const { host, err } = testHost({ isTerminal: true })
    assert.throws(() => {
      using bar = progress(host, { label: 'work', total: 2, unit: 'steps' })
      bar.advance(1)
      throw new Error('work failed')
    }, /work failed/)
    assert.ok(err.join('').endsWith('\n'))
  })
})

describe('printJson', () => {
  it('writes one line that parses back, with 64-bit integers as text', () => {
    const { host, out } = testHost()
    printJson(host, { checksum: 18446744073709551615n, text: 'a\nb' })
    assert.equal(out.length, 1)
    assert.deepEqual(JSON.parse(out[0]!), { checksum: '18446744073709551615', text: 'a\nb' })
    assert.equal(out[0]!.indexOf('\n'), out[0]!.length - 1)
  })
})

describe('formatCount', () => {
  it('groups thousands', () => {
    assert.deepEqual([0, 999, 1000, 1234567].map(formatCount), ['0', '999', '1,000', '1,234,567'])
  })
})

describe('formatDuration', () => {
  it('takes the unit that reads best', () => {
    const cases: [number, string][] = [
      [0, '0 ms'],
      [0.8534, '0.853 ms'],
      [12.34, '12.3 ms'],
      [999.4, '999 ms'],
      [999.6, '1.0 s'],
      [12_345, '12.3 s'],
      [59_960, '1 min 00 s'],
      [245_000, '4 min 05 s'],
      [3_599_600, '1 h 00 min'],
      [7_380_000, '2 h 03 min'],
      [-1500, '-1.5 s'],
      [Number.NaN, '–'],
    ]
    for (const [duration_ms, expected] of cases) assert.equal(formatDuration(duration_ms), expected)
  })

  it('never prints a figure that belongs to the next unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (duration_ms) => {
        assert.doesNotMatch(formatDuration(duration_ms), /(?:^|\s)(?:60(?:\.0)? s|1000 ms|60 (?:s|min))/)
      }),
    )
  })
})

function testHost(options: { args?: string[]; isTerminal?: boolean } = {}) {
  const out: string[] = []
  const err: string[] = []
  let now_ms = 1_000_000
  const sink = (lines: string[]) => ({ isTTY: true, write: (text: string) => lines.push(text) > 0 })
  const host: Host = {
    args: options.args ?? [],
    stdout: sink(out),
    stderr: sink(err),
    env: {},
    signal: new AbortController().signal,
    isTerminal: options.isTerminal ?? false,
    now: () => now_ms,
  }
  const tick = (ms: number): void => {
    now_ms += ms
  }
  return { host, out, err, tick }
}
