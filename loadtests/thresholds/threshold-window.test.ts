import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type MetricType, newSink } from '../metrics/sink.ts'
import { type Expression, type Operator, parseThreshold } from './threshold-expression.ts'
import { ThresholdWindow } from './threshold-window.ts'

describe('a threshold window', () => {
  it('finds the worst of all windows that a slow calculation over all samples finds', () => {
    fc.assert(windowProperty(slowWorst))
  })

  it('differs from calculations that slide past the worst, count the warm-up, or take a second too many', () => {
    const wrong: Record<string, typeof slowWorst> = {
      tumbling: (run) =>
        worstOf(
          run,
          windowsOf(run).filter(({ from_s }) => (from_s - run.after_s) % run.over_s === 0),
        ),
      'with warm-up': (run) => slowWorst({ ...run, after_s: 0 }),
      'a second longer': (run) => slowWorst({ ...run, over_s: run.over_s + 1 }),
      'last only': (run) => worstOf(run, windowsOf(run).slice(-1)),
      'without empty seconds': (run) => slowWorst({ ...run, seconds: run.seconds.filter((each) => each.length > 0) }),
    }
    for (const [name, calculation] of Object.entries(wrong)) {
      assert.throws(() => fc.assert(windowProperty(calculation)), name)
    }
  })
})

interface Run {
  type: MetricType
  expression: Expression
  over_s: number
  after_s: number
  /** Samples of each second. */
  seconds: number[][]
}

interface Span {
  from_s: number
  samples: number[]
}

const EXPRESSIONS: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['rate>2', 'count<=7', 'rate==1'],
  gauge: ['value<5', 'value>=3', 'value==4'],
  rate: ['rate>0.5', 'rate<=0.1', 'rate!=0.5'],
  trend: ['p(90)<5', 'med>2', 'avg==4', 'max<=8', 'min!=3'],
}

function windowProperty(calculate: (run: Run) => number | undefined): fc.IProperty<[Run]> {
  const run = fc.constantFrom<MetricType[]>('counter', 'gauge', 'rate', 'trend').chain((type) =>
    fc.record({
      type: fc.constant(type),
      expression: fc.constantFrom(...EXPRESSIONS[type].map(parseThreshold)),
      over_s: fc.integer({ min: 1, max: 5 }),
      after_s: fc.integer({ min: 0, max: 4 }),
      seconds: fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }), { minLength: 10, maxLength: 20 }),
    }),
  )
  return fc.property(run, (run) => {
    const { type, expression, over_s, after_s, seconds } = run
    const period = { over_ms: over_s * 1000, after_ms: after_s * 1000, before_ms: Number.POSITIVE_INFINITY }
    const window = new ThresholdWindow({ ...expression, period }, type)
    seconds.forEach((samples, second) => {
      const sink = newSink(type)
      for (const value of samples) sink.add(value)
      window.advance(second * 1000, (second + 1) * 1000, sink)
    })
    const expected = calculate(run)
    if (expected === undefined) assert.equal(window.worst, undefined)
    // Two values may be as bad as each other, one on each side of the limit.
    else assert.ok(Math.abs(plainBadness(window.worst!.value, expression) - plainBadness(expected, expression)) < 1e-9)
  })
}

/** The worst value over all windows, or nothing when none had samples. */
function slowWorst(run: Run): number | undefined {
  return worstOf(run, windowsOf(run))
}

function windowsOf({ over_s, after_s, seconds }: Run): Span[] {
  const spans: Span[] = []
  for (let from_s = after_s; from_s + over_s <= seconds.length; from_s++) {
    spans.push({ from_s, samples: seconds.slice(from_s, from_s + over_s).flat() })
  }
  return spans
}

function worstOf({ type, expression, over_s }: Run, spans: Span[]): number | undefined {
  const values = spans.flatMap(({ samples }) =>
    samples.length === 0 && type !== 'counter' ? [] : plainValues(type, expression, samples, over_s),
  )
  return values.sort((a, b) => plainBadness(b, expression) - plainBadness(a, expression))[0]
}

/** By definition, from all samples of the window; of a gauge each is a value of its own. */
function plainValues(type: MetricType, { aggregation }: Expression, samples: number[], seconds: number): number[] {
  const sum = samples.reduce((total, value) => total + value, 0)
  if (type === 'counter') return [aggregation.stat === 'count' ? sum : sum / seconds]
  if (type === 'rate') return [samples.filter((value) => value !== 0).length / samples.length]
  const sorted = samples.toSorted((a, b) => a - b)
  // Only the two ends of a gauge are kept, and one of them is the farthest from anything.
  if (type === 'gauge') return [sorted[0]!, sorted.at(-1)!]
  if (aggregation.stat === 'avg') return [sum / samples.length]
  const share = { min: 0, max: 1, med: 0.5 }[aggregation.stat as 'min' | 'max' | 'med']
  const at = (share ?? (aggregation as { percent: number }).percent / 100) * (sorted.length - 1)
  const low = sorted[Math.floor(at)]!
  return [low + (sorted[Math.ceil(at)]! - low) * (at % 1)]
}

function plainBadness(value: number, { operator, limit }: { operator: Operator; limit: number }): number {
  if (operator.startsWith('<')) return value
  if (operator.startsWith('>')) return -value
  const distance = Math.abs(value - limit)
  return operator === '!=' ? -distance : distance
}
