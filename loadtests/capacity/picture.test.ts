import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { svgPicture, textPicture } from './picture.ts'
import type { Outcome, StepResult } from './search.ts'

const step = (load: number, throughput_per_s: number, p95_ms: number, outcome: Outcome): StepResult => ({
  load,
  outcome,
  reasons: [],
  throughput_per_s,
  p95_ms,
})
const STEPS = [
  step(100, 400, 12, 'holds'),
  step(400, 810, 900, 'breaks'),
  step(400, 790, 700, 'breaks'),
  step(200, 800, 30, 'holds'),
  step(800, 700, 1, 'invalid'),
]
const DRAWN = { unit: 'listeners', capacity: 200, steps: STEPS }

describe('the picture of a capacity', () => {
  it('has in text a line a load in order, the mean of its tries, and the capacity marked', () => {
    const [, ...lines] = textPicture(DRAWN).trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => line.trim().split(/\s+/).slice(0, 3).join(' ')),
      ['100 400 12', '200 800 30', '400 800 800', '800 700 1'],
    )
    assert.match(lines[1]!, /✓ holds {2}← capacity$/)
    assert.match(lines[2]!, /✗ breaks$/)
    assert.match(lines[3]!, /generator not fit$/)
    const bar = (line: string): number => line.split('█').length - 1
    assert.equal(bar(lines[0]!) * 2, bar(lines[1]!))
  })

  it('has as SVG every load in both panels, leaves unfit steps out of the curve, and runs no text as markup', () => {
    const svg = svgPicture({ ...DRAWN, unit: '<script>' })
    assert.equal(svg.match(/<circle/g)!.length, 8)
    const [curve] = /<polyline class="curve" points="([^"]*)"/.exec(svg)!.slice(1)
    assert.equal(curve!.split(' ').length, 3)
    assert.match(svg, />capacity 200</)
    assert.ok(!svg.includes('<script>'))
    assert.ok(!/NaN|undefined|Infinity/.test(svg))
  })

  it('can be drawn of nothing', () => {
    assert.ok(!/NaN|Infinity/.test(svgPicture({ unit: 'listeners', capacity: 0, steps: [] })))
    assert.match(textPicture({ unit: 'listeners', capacity: 0, steps: [] }), /listeners/)
  })
})
