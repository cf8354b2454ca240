import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addDays } from '../../../datasets/day.ts'
import { MEASURES, type Measures } from '../../../datasets/tables.ts'
import { curveSentence } from './curve-sentence.ts'
import type { CurvePoint } from './report-api.ts'

const none = Object.fromEntries(MEASURES.map((measure) => [measure, 0])) as Measures

/** A series from 1 October 2026 on; null is a day that is not published. */
function series(...plays: (number | null)[]): CurvePoint[] {
  return plays.map((count, at) => {
    const day = addDays('2026-10-01', at)
    return count === null ? { day, published: false } : { day, published: true, ...none, plays: count }
  })
}

const weeks = (...rates: number[]): CurvePoint[] => series(...rates.flatMap((rate) => Array<number>(7).fill(rate)))

describe('the sentence of a curve', () => {
  it('compares days when there are few', () => {
    assert.equal(
      curveSentence(series(100, 412, 300, 255)),
      'Plays peaked at 412 on 2 Oct and have fallen 38 % since, to 255 on 4 Oct.',
    )
    assert.equal(curveSentence(series(100, 200)), 'Plays peaked at 200 on 2 Oct, the latest day, up 100 % from 1 Oct.')
    assert.equal(curveSentence(series(0, 50)), 'Plays peaked at 50 on 2 Oct, the latest day, from 0 on 1 Oct.')
    assert.equal(curveSentence(series(200, 210, 208)), 'Plays peaked at 210 on 2 Oct and are about level since.')
  })

  it('compares weeks when there are two or more, so that a weekday is no trend', () => {
    assert.match(curveSentence(weeks(100, 400, 200)), /fallen 50 % from its high of 400, to 200 a day\.$/)
    assert.match(curveSentence(weeks(100, 150, 200)), /at their height: 200 a day over the last 7 days, up 100 %/)
    assert.match(curveSentence(weeks(100, 100, 100)), /They are steady: 100 a day over the last 7 days\.$/)
    const weekly = Array.from({ length: 28 }, (_, at) => (at % 7 === 0 ? 700 : 100))
    assert.match(curveSentence(series(...weekly)), /peaked at 700 on 1 Oct\. They are steady/)
  })

  it('gives no percentage of a handful of plays', () => {
    for (const few of [series(3, 1), series(1, 3), weeks(3, 2, 1)]) assert.doesNotMatch(curveSentence(few), /%/)
  })

  it('takes a missing day for missing, not for nothing played', () => {
    assert.equal(
      curveSentence(series(50, null, 50, null)),
      'Plays peaked at 50 on 1 Oct and are about level since. 2 days are not published yet.',
    )
    assert.equal(curveSentence(series(null, null)), 'No day of this period is published yet.')
    assert.equal(curveSentence([]), 'No day of this period is published yet.')
  })

  it('has words for nothing and for a single day', () => {
    assert.equal(curveSentence(series(0, 0)), 'Nobody played it in this period.')
    assert.equal(curveSentence(series(1)), '1 play on 1 Oct, the only day published.')
  })
})
