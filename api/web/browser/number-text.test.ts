import assert from 'node:assert/strict'
import { it } from 'node:test'
import { countText, dayText, durationText, instantText, latencyText, percentText } from './number-text.ts'

it('numbers, days and times read the same everywhere', () => {
  assert.equal(countText(1234567), '1,234,567')
  assert.equal(dayText('2026-09-14'), '14 Sep 2026')
  assert.equal(dayText('someday'), 'someday')
  assert.equal(instantText(Date.UTC(2026, 0, 2, 3, 4)), '2 Jan 2026, 03:04 UTC')
  assert.deepEqual([0, 187_999, 3_723_000, -5].map(durationText), ['0:00', '3:07', '1:02:03', '0:00'])
  assert.deepEqual([0, 0.0004, 0.034, 0.0999, -0.38, 12].map(percentText), [
    '0 %',
    '< 0.1 %',
    '3.4 %',
    '10 %',
    '38 %',
    '1,200 %',
  ])
  assert.deepEqual([1.26, 41.4, 1300].map(latencyText), ['1.3 ms', '41 ms', '1.3 s'])
})
