import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { overviewDays, overviewSentence } from './overview.ts'

const publications = [
  { scope: '2026-10-01', events: 100 },
  { scope: '2026-10-02', events: 1_300 },
  { scope: '2026-10-04', events: 40 },
  { scope: 'periods', events: 9_999 },
]

describe('the overview', () => {
  it('counts days, and marks those between that are missing', () => {
    const days = overviewDays({ first: '2026-10-01', last: '2026-10-04', publications }, '2026-10-01', '2026-10-04')
    assert.deepEqual(
      days.map(({ counts }) => counts?.[0]),
      [100, 1_300, undefined, 40],
    )
    assert.equal(
      overviewSentence(days),
      '1,440 events are counted on 3 days; the busiest was 2 Oct 2026 with 1,300. One day between is not published.',
    )
  })

  it('has words for little', () => {
    assert.equal(overviewSentence([{ day: '2026-10-01', counts: [1] }]), '1 event is counted on one day.')
    assert.equal(overviewSentence([{ day: '2026-10-01', counts: [0] }]), 'No event is counted on one day.')
  })

  it('shows a year at most', () => {
    const days = overviewDays({ first: '2020-01-01', last: '2026-10-04', publications }, '2020-01-01', '2026-10-04')
    assert.equal(days.length, 366)
    assert.equal(days.at(-1)!.day, '2026-10-04')
  })
})
